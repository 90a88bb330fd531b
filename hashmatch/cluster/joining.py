"""All pairs, shard by shard: a Ray task for each shard and for each two of them.

A task maps the files that it compares and needs no actor; it may run on any machine, and one that
is lost is done again by Ray. So memory is that of two shards for each task.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashmatch.cluster.ray_library import ray_library
from hashmatch.cluster.revision_files import open_shard
from hashmatch.errors import ClusterError, HashmatchError
from hashmatch.index import PairBlock

DEFAULT_BLOCK_PAIRS = 1 << 20
_BLOCKS_AHEAD = 2
"""Blocks of a task that may wait to be fetched; then the task waits."""

_Plain = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint16]]


@dataclass(frozen=True, slots=True)
class Side:
    """One shard of one revision."""

    folder: str
    revision: int
    shard: int


@dataclass(frozen=True, slots=True)
class Join:
    """Which pairs a task finds: within ``first``, or of a hash there and one in ``second``.

    Attributes:
        ordered: whether a pair's smaller id is put first.
    """

    first: Side
    second: Side | None
    ordered: bool


def self_joins(folder: Path, revision: int, n_shards: int) -> Iterator[Join]:
    """All pairs of a revision: those within each shard, and across each two."""
    sides = [Side(str(folder), revision, shard) for shard in range(n_shards)]
    for number, side in enumerate(sides):
        yield Join(side, None, ordered=True)
        for other in sides[:number]:
            yield Join(side, other, ordered=True)


def cross_joins(mine: Sequence[Side], theirs: Sequence[Side]) -> Iterator[Join]:
    """All pairs of a hash in ``mine`` and one in ``theirs``."""
    for side in mine:
        for other in theirs:
            yield Join(side, other, ordered=False)


def joined_blocks(
    joins: Iterator[Join], max_distance: int, block_pairs: int, in_flight: int
) -> Iterator[PairBlock]:
    """Run the joins as tasks, at most ``in_flight`` at a time, and give what they find.

    Raises:
        IndexFileError and its children: the files of a shard can't be used.
        ClusterError: a task was lost more often than Ray tries again.
    """
    ray = ray_library()
    task = ray.remote(
        num_returns="streaming",
        max_retries=3,
        _generator_backpressure_num_objects=_BLOCKS_AHEAD,
    )(pairs_of)
    running: list[Any] = []
    try:
        while True:
            while len(running) < in_flight and (join := next(joins, None)) is not None:
                running.append(task.remote(join, max_distance, block_pairs))
            if not running:
                return
            ready, _ = ray.wait(running, num_returns=1)
            try:
                block = _fetched(next(ready[0]))
            except StopIteration:
                running.remove(ready[0])
                continue
            yield block
    finally:
        for unfinished in running:
            ray.cancel(unfinished)


def pairs_of(join: Join, max_distance: int, block_pairs: int) -> Iterator[_Plain]:
    """The pairs of one join in blocks of plain arrays, the same ones in the same order each time.

    Args:
        max_distance: inclusive radius in bits.
        block_pairs: pairs of a block, about.
    """
    mine = open_shard(Path(join.first.folder), join.first.revision, join.first.shard)
    if join.second is None:
        blocks = mine.pair_blocks(max_distance, block_pairs=block_pairs)
    else:
        theirs = open_shard(Path(join.second.folder), join.second.revision, join.second.shard)
        blocks = mine.cross_pairs(theirs, max_distance, block_pairs=block_pairs)
    for block in blocks:
        first, second = block.first, block.second
        if join.ordered:
            first, second = np.minimum(first, second), np.maximum(first, second)
        yield first, second, block.distances


def _fetched(reference: Any) -> PairBlock:
    ray = ray_library()
    try:
        return PairBlock(*ray.get(reference))
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, HashmatchError):
            raise error.cause from error
        raise ClusterError(f"pairs of shards: {error.cause!r}") from error
    except ray.exceptions.RayError as error:
        raise ClusterError(f"pairs of shards: {error}") from error
