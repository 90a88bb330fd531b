"""faiss.IndexBinaryFlat over the same shards: the same actors' places, the same broadcast."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from hashmatch.cluster.merging import Part
from hashmatch.cluster.revision_files import open_shard
from hashmatch.cluster.wire import packed, received


class FlatShard:
    """Answers ``range_search`` as ``Shard`` does, by brute force."""

    def __init__(self, folder: str, revision: int, number: int) -> None:
        faiss.omp_set_num_threads(1)
        index = open_shard(Path(folder), revision, number)
        blocks = list(index.blocks())
        self._ids = np.concatenate([ids for ids, _ in blocks])
        self._flat = faiss.IndexBinaryFlat(index.bits)
        for _, hashes in blocks:
            self._flat.add(hashes)

    def ping(self) -> None:
        """Answers when everything is read."""

    def range_search(
        self,
        revision: int,
        queries: bytes | NDArray[np.uint8],
        max_distance: int,
        prefilter_distance: int | None,
        threads: int,
    ) -> bytes | Part:
        rows = received(queries, self._flat.d // 8)
        limits, distances, places = self._flat.range_search(rows, max_distance + 1)
        found = limits.astype(np.int64), self._ids[places], distances.astype(np.uint16)
        return packed((*found, None))


def flat_actors(folder: Path, revision: int, n_shards: int) -> list[list[Any]]:
    """One actor a shard, ready."""
    import ray

    shard = ray.remote(FlatShard)
    actors = [
        [shard.options(num_cpus=0).remote(str(folder), revision, number)]
        for number in range(n_shards)
    ]
    ray.get([one[0].ping.remote() for one in actors])
    return actors
