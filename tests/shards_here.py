"""Shards in this process, without Ray: what a sharded index says of its content."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashmatch.cluster.replicas import Replicas
from hashmatch.cluster.revision_files import committed, read_manifest, revision_folder, shard_name
from hashmatch.cluster.shard import Shard
from hashmatch.cluster.sharded_index import ShardedIndex
from hashmatch.index import SearchResult


class ShardsHere(Replicas):
    """Answers as the actors do, one shard after the other."""

    def __init__(self, folder: Path, n_shards: int) -> None:
        super().__init__([], patience_s=1.0, in_flight=1)
        self.shards = [Shard(str(folder), number) for number in range(n_shards)]

    def ask(self, method: str, arguments: Mapping[int, tuple[Any, ...]]) -> dict[int, Any]:
        return {
            shard: getattr(self.shards[shard], method)(*given) for shard, given in arguments.items()
        }

    def everywhere(
        self, method: str, arguments: tuple[Any, ...], *, timeout_s: float
    ) -> dict[tuple[int, int], Any]:
        return {
            (number, 0): getattr(shard, method)(*arguments)
            for number, shard in enumerate(self.shards)
        }

    def tell(self, method: str, *arguments: Any) -> None:
        self.everywhere(method, arguments, timeout_s=1.0)


def opened_here(folder: Path) -> ShardedIndex:
    """The revision that counts, asked without Ray."""
    manifest = read_manifest(folder, committed(folder))
    return ShardedIndex(folder, ShardsHere(folder, len(manifest.shards)), manifest)


def assert_same(found: SearchResult, expected: SearchResult) -> None:
    """Bit-equal, dtypes included."""
    for name in ("offsets", "ids", "distances"):
        mine, theirs = getattr(found, name), getattr(expected, name)
        assert mine.dtype == theirs.dtype, name
        assert np.array_equal(mine, theirs), name
    assert found.prefilter_distance == expected.prefilter_distance


def near(hashes: NDArray[np.uint8], rng: np.random.Generator, most: int = 40) -> NDArray[np.uint8]:
    """Each hash with 0..most bits turned."""
    bits = np.unpackbits(hashes, axis=1)
    for row in bits:
        row[rng.choice(len(row), int(rng.integers(0, most + 1)), replace=False)] ^= 1
    return np.packbits(bits, axis=1)


def segment_of(folder: Path, revision: int, shard: int) -> Path:
    """The file with the hashes of a shard."""
    place = revision_folder(folder, revision) / shard_name(shard)
    return next(path for path in place.glob("segment-*.hmx"))
