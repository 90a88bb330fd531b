"""The questions to shards: what a ``ShardedIndex`` and a snapshot of it have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from hashmatch.cluster.assignment import shard_of
from hashmatch.cluster.joining import (
    DEFAULT_BLOCK_PAIRS,
    Side,
    cross_joins,
    joined_blocks,
    self_joins,
)
from hashmatch.cluster.merging import Part, joined, merged
from hashmatch.cluster.replicas import Replicas
from hashmatch.cluster.revision_files import RevisionManifest
from hashmatch.cluster.wire import sent, unpacked
from hashmatch.errors import InputError, InputTypeError
from hashmatch.index import PairBlock, SearchResult
from hashmatch.index.arguments import at_least, bits_within, ids_of, thread_count
from hashmatch.index.arguments import rows as checked_rows

T = TypeVar("T")
_ROWS = 16_384
"""Queries that are sent to the shards at once."""

_LARGEST_K = 2**62


class ShardedReader(ABC):
    """Exact answers about the hashes of all shards, the same that one ``HammingIndex`` over all of
    them gives.

    Each call is answered by one revision, and by all shards or, with an error, not at all. Usable
    from several threads.
    """

    def __init__(self, folder: Path, replicas: Replicas) -> None:
        self._folder = folder
        self._replicas = replicas

    @property
    @abstractmethod
    def _manifest(self) -> RevisionManifest:
        """Of the revision that is asked now."""

    @abstractmethod
    def _asked(self, question: Callable[[RevisionManifest], T]) -> T:
        """The answer to a question that names one revision."""

    @property
    def folder(self) -> Path:
        """Where the files are, on every machine."""
        return self._folder

    @property
    def revision(self) -> int:
        """Number of the revision that is asked now."""
        return self._manifest.revision

    @property
    def bits(self) -> int:
        """Length of every hash."""
        return self._manifest.bits

    @property
    def n_shards(self) -> int:
        return len(self._manifest.shards)

    def __len__(self) -> int:
        return self._manifest.entries

    @property
    def memory_bytes(self) -> int:
        """Bytes of hashes, ids and tables of all shards, one replica of each; they are mapped.

        Raises:
            ShardUnavailableError: a shard has no live replica, and got none in time.
        """
        return self._asked(lambda manifest: int(sum(self._all(manifest, "memory_bytes", ()))))

    def __contains__(self, id: object) -> bool:
        """Whether a hash stands under this id. Raises as ``hashes``."""
        if isinstance(id, (bool, np.bool_)) or not isinstance(id, (int, np.integer)):
            return False
        limits = np.iinfo(np.int64)
        if not limits.min <= int(id) <= limits.max:
            return False
        one = np.array([id], np.int64)
        return bool(self._asked(lambda manifest: self._under(manifest, one))[1][0])

    def hashes(self, ids: NDArray[np.int64]) -> NDArray[np.uint8]:
        """The hashes under these ids, uint8 (n, bits // 8), in their order.

        Only the shards are asked that the ids belong to.

        Raises:
            InputError: no 1-D integers, or an id that is not there.
            ShardUnavailableError: a shard has no live replica, and got none in time.
        """
        numbers = ids_of(ids)
        found, there = self._asked(lambda manifest: self._under(manifest, numbers))
        if not there.all():
            raise InputError(f"ids: expected ids of the index, got {int(numbers[~there][0])}")
        return found

    def range_search(
        self,
        queries: NDArray[np.uint8],
        max_distance: int,
        *,
        prefilter_distance: int | None = None,
        threads: int = 1,
    ) -> SearchResult:
        """Find every stored hash within ``max_distance`` bits of each query.

        Args:
            queries, max_distance, prefilter_distance: as ``HammingIndex.range_search``.
            threads: that each shard uses at most.

        Raises:
            InputError: wrong dtype, shape, radius or thread count.
            ShardUnavailableError: a shard has no live replica, and got none in time.
        """
        checked = self._queries(queries)
        radius = bits_within(max_distance, "max_distance", self.bits)
        limit = (
            None
            if prefilter_distance is None
            else bits_within(prefilter_distance, "prefilter_distance", self.bits)
        )
        used = thread_count(threads)

        def question(manifest: RevisionManifest) -> SearchResult:
            return joined(
                [
                    merged(
                        self._parts(manifest, "range_search", block, (radius, limit, used)),
                        prefilter_distance=limit,
                    )
                    for block in _blocks(checked)
                ]
            )

        return self._asked(question)

    def knn(self, queries: NDArray[np.uint8], k: int, *, threads: int = 1) -> SearchResult:
        """Find the ``k`` nearest stored hashes of each query; fewer where there are fewer.

        Ties at the k-th place go to the smaller id.

        Args:
            queries, k: as ``HammingIndex.knn``.
            threads: that each shard uses at most.

        Raises:
            InputError: wrong dtype, shape, k or thread count.
            ShardUnavailableError: a shard has no live replica, and got none in time.
        """
        checked = self._queries(queries)
        count = min(at_least(k, 1, "k"), _LARGEST_K)
        used = thread_count(threads)

        def question(manifest: RevisionManifest) -> SearchResult:
            return joined(
                [
                    merged(self._parts(manifest, "knn", block, (count, used)), most=count)
                    for block in _blocks(checked)
                ]
            )

        return self._asked(question)

    def pairs(
        self, max_distance: int, *, tasks: int = 2
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint16]]:
        """All pairs of stored hashes within ``max_distance`` bits: see ``HammingIndex.pairs``.

        All in memory; ``pair_blocks`` streams them.

        Raises:
            InputError, IndexFileError, ClusterError: as ``pair_blocks``.
        """
        blocks = list(self.pair_blocks(max_distance, tasks=tasks))
        first = np.concatenate([np.empty(0, np.int64), *(block.first for block in blocks)])
        second = np.concatenate([np.empty(0, np.int64), *(block.second for block in blocks)])
        distances = np.concatenate([np.empty(0, np.uint16), *(block.distances for block in blocks)])
        order = np.lexsort((second, first))
        return first[order], second[order], distances[order]

    def pair_blocks(
        self, max_distance: int, *, block_pairs: int = DEFAULT_BLOCK_PAIRS, tasks: int = 2
    ) -> Iterator[PairBlock]:
        """All pairs of stored hashes within ``max_distance`` bits, each once, the smaller id first.

        Pairs within each shard, and across each two, are found by tasks of their own, which map
        the files; the order of the blocks is nobody's. Memory here is a block a task.

        Args:
            max_distance: inclusive radius in bits.
            block_pairs: pairs of a block, about.
            tasks: that run at once at most.

        Raises:
            InputError: wrong radius, block size or number of tasks.
            IndexFileError: the revision's files can't be used.
            ClusterError: a task was lost again and again.
        """
        manifest = self._manifest
        radius = bits_within(max_distance, "max_distance", manifest.bits)
        wanted, at_once = at_least(block_pairs, 1, "block_pairs"), at_least(tasks, 1, "tasks")
        joins = self_joins(self._folder, manifest.revision, len(manifest.shards))
        return joined_blocks(joins, radius, wanted, at_once)

    def cross_pairs(
        self,
        other: ShardedReader,
        max_distance: int,
        *,
        block_pairs: int = DEFAULT_BLOCK_PAIRS,
        tasks: int = 2,
    ) -> Iterator[PairBlock]:
        """All pairs of a hash here (first) and one in ``other`` (second), in blocks.

        Args:
            other: another sharded index, of any number of shards.
            max_distance, block_pairs, tasks: as ``pair_blocks``.

        Raises:
            InputError: another hash length, or as ``pair_blocks``.
            IndexFileError, ClusterError: as ``pair_blocks``.
        """
        if not isinstance(other, ShardedReader):
            raise InputTypeError(f"other: expected ShardedIndex, got {type(other).__name__}")
        if other.bits != self.bits:
            raise InputError(f"other: expected hashes of {self.bits} bits, got {other.bits}")
        radius = bits_within(max_distance, "max_distance", self.bits)
        wanted, at_once = at_least(block_pairs, 1, "block_pairs"), at_least(tasks, 1, "tasks")
        joins = cross_joins(self._sides(), other._sides())
        return joined_blocks(joins, radius, wanted, at_once)

    def _sides(self) -> list[Side]:
        manifest = self._manifest
        return [
            Side(str(self._folder), manifest.revision, shard)
            for shard in range(len(manifest.shards))
        ]

    def _queries(self, queries: NDArray[np.uint8]) -> NDArray[np.uint8]:
        columns = self.bits // 8
        return checked_rows(queries, columns, "queries", f"(n, {columns})")

    def _all(self, manifest: RevisionManifest, method: str, given: tuple[Any, ...]) -> list[Any]:
        shards = range(len(manifest.shards))
        asked = dict.fromkeys(shards, (manifest.revision, *given))
        return list(self._replicas.ask(method, asked).values())

    def _parts(
        self,
        manifest: RevisionManifest,
        method: str,
        queries: NDArray[np.uint8],
        given: tuple[Any, ...],
    ) -> list[Part]:
        answers = self._all(manifest, method, (sent(queries), *given))
        return [unpacked(answer) for answer in answers]

    def _under(
        self, manifest: RevisionManifest, ids: NDArray[np.int64]
    ) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        """The hashes under these ids, and which of them are there."""
        shards = shard_of(ids, len(manifest.shards))
        places = {int(shard): np.flatnonzero(shards == shard) for shard in np.unique(shards)}
        answers = self._replicas.ask(
            "hashes", {shard: (manifest.revision, ids[mine]) for shard, mine in places.items()}
        )
        found = np.zeros((len(ids), manifest.bits // 8), np.uint8)
        there = np.zeros(len(ids), np.bool_)
        for shard, (hashes, known) in answers.items():
            there[places[shard]] = known
            if hashes is not None:
                found[places[shard]] = hashes
        return found, there


def _blocks(queries: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    for first in range(0, max(1, len(queries)), _ROWS):
        yield queries[first : first + _ROWS]
