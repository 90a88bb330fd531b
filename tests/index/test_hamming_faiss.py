"""HammingIndex against faiss.IndexBinaryFlat, whose radius is strict: ours is theirs less one."""

from __future__ import annotations

import faiss
import numpy as np
import pytest

from hashmatch import cpu
from hashmatch.index import HammingIndex

BITS = 256
N = 3000


@pytest.mark.parametrize("radius", [0, 1, 20, 31, 44, 45, 100, 127, 128, 255])
def test_range_search_equals_faiss(radius: int, isa: str) -> None:
    rng = np.random.default_rng(99)
    hashes = rng.integers(0, 256, (N, BITS // 8), dtype=np.uint8)
    queries = hashes[:40].copy()
    for i, query in enumerate(queries):  # planted at distance i
        bits = np.unpackbits(query)
        bits[rng.choice(BITS, i, replace=False)] ^= 1
        queries[i] = np.packbits(bits)

    flat = faiss.IndexBinaryFlat(BITS)
    flat.add(hashes)
    limits, distances, ids = flat.range_search(queries, radius + 1)
    offsets = limits.astype(np.int64)
    order = np.lexsort((ids, distances, np.repeat(np.arange(len(queries)), np.diff(offsets))))

    index = HammingIndex(BITS)
    index.add(hashes)
    result = index.range_search(queries, radius)
    assert np.array_equal(result.offsets, offsets)
    assert np.array_equal(result.ids, ids[order])
    assert np.array_equal(result.distances, distances[order])
    assert len(ids) >= min(radius + 1, len(queries))
    assert cpu.active_isa() == isa


@pytest.mark.parametrize("k", [1, 10, 500])
def test_knn_distances_equal_faiss(k: int, isa: str) -> None:
    rng = np.random.default_rng(98)
    hashes = rng.integers(0, 256, (N, BITS // 8), dtype=np.uint8)
    queries = rng.integers(0, 256, (13, BITS // 8), dtype=np.uint8)
    flat = faiss.IndexBinaryFlat(BITS)
    flat.add(hashes)
    distances, _ = flat.search(queries, k)
    index = HammingIndex(BITS)
    index.add(hashes)
    assert np.array_equal(index.knn(queries, k).distances.reshape(13, k), distances)
    assert cpu.active_isa() == isa
