"""HammingIndex against brute force, on every instruction set."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from reference import hamming as reference

from hashmatch import cpu
from hashmatch.index import HammingIndex, SearchResult

Hashes = NDArray[np.uint8]
BITS = [8, 64, 72, 128, 256, 512, 1024, 2048, 2056, 4096]
QUERIES = [0, 1, 5, 6, 7, 64]
RADII = [0, 31, 44, 45]


def near(hashes: Hashes, rng: np.random.Generator, max_flips: int) -> Hashes:
    """Copies with 0..max_flips bits flipped, so that every radius has hits on both sides."""
    bits = np.unpackbits(hashes, axis=1)
    for row in bits:
        flips = int(rng.integers(0, min(max_flips, len(row)) + 1))
        row[rng.choice(len(row), flips, replace=False)] ^= 1
    return np.packbits(bits, axis=1)


def problem(bits: int, n: int, n_queries: int, seed: int) -> tuple[Hashes, Hashes]:
    """(hashes, queries): half of the hashes are near the first ones, queries near some of them."""
    rng = np.random.default_rng(seed)
    hashes = rng.integers(0, 256, (n, bits // 8), dtype=np.uint8)
    if n > 1:
        half = n // 2
        hashes[half:] = near(hashes[rng.integers(0, half, n - half)], rng, 60)
    queries = rng.integers(0, 256, (n_queries, bits // 8), dtype=np.uint8)
    if n and n_queries:
        queries = near(hashes[rng.integers(0, n, n_queries)], rng, 30)
    return hashes, queries


def ids_for(n: int, seed: int) -> NDArray[np.int64]:
    """Distinct ids in no order, the extremes of int64 among them."""
    rng = np.random.default_rng(seed)
    ids = rng.permutation(np.arange(-n, 2 * n, dtype=np.int64))[:n]
    if n >= 2:
        ids[:2] = np.iinfo(np.int64).min, np.iinfo(np.int64).max
    return ids


def expected_rows(
    ids: NDArray[np.int64], hashes: Hashes, queries: Hashes
) -> list[list[reference.Hit]]:
    return [reference.hits(ids, hashes, query) for query in queries]


def rows_of(result: SearchResult, n_queries: int) -> list[list[reference.Hit]]:
    """As lists of (distance, id); the form that SearchResult promises is checked on the way."""
    assert result.offsets.dtype == np.int64
    assert result.ids.dtype == np.int64
    assert result.distances.dtype == np.uint16
    assert result.offsets.shape == (n_queries + 1,)
    assert len(result) == n_queries
    assert result.offsets[0] == 0
    assert result.offsets[-1] == len(result.ids) == len(result.distances)
    rows = []
    for i in range(n_queries):
        ids, distances = result.of(i)
        rows.append(list(zip(distances.tolist(), ids.tolist(), strict=True)))
    return rows


def assert_equals_brute_force(bits: int, n: int, n_queries: int, seed: int) -> None:
    hashes, queries = problem(bits, n, n_queries, seed)
    ids = ids_for(n, seed)
    index = HammingIndex(bits)
    index.add(hashes, ids)
    assert len(index) == n
    expected = expected_rows(ids, hashes, queries)
    for name in cpu.available_isas():
        with cpu.using_isa(name):
            assert cpu.active_isa() == name
            for radius in [*RADII, bits - 1, bits, bits + 1, 10**6]:
                found = rows_of(index.range_search(queries, radius), n_queries)
                assert found == [reference.within(row, radius) for row in expected], (name, radius)
            for k in (1, 3, max(n, 1), n + 1, 2**40):
                found = rows_of(index.knn(queries, k), n_queries)
                assert found == [row[:k] for row in expected], (name, k)


@settings(max_examples=100)
@given(
    st.sampled_from(BITS),
    st.integers(0, 40) | st.sampled_from([0, 1, 7, 8, 9, 15, 16, 17]),
    st.sampled_from(QUERIES),
    st.integers(0, 2**32),
)
def test_any_index_equals_brute_force(bits: int, n: int, n_queries: int, seed: int) -> None:
    assert_equals_brute_force(bits, n, n_queries, seed)


@pytest.mark.parametrize("n", [0, 1, 7, 8, 9])
@pytest.mark.parametrize("bits", BITS)
def test_block_borders(bits: int, n: int) -> None:
    for n_queries in QUERIES:
        assert_equals_brute_force(bits, n, n_queries, n)


# A chunk of the scan is 256 KiB of words, padded to 64 bits: bits -> hashes in it.
CHUNKS = {64: 32768, 256: 8192, 2048: 1024, 4096: 512}


@pytest.mark.parametrize("offset", [-8, -1, 0, 1, 8])
@pytest.mark.parametrize("bits", sorted(CHUNKS))
def test_chunk_borders(bits: int, offset: int, isa: str) -> None:
    """Hits in the last places before a border and the first ones after it, and nothing else."""
    n = CHUNKS[bits] + offset
    rng = np.random.default_rng(bits + offset)
    hashes = rng.integers(0, 256, (n, bits // 8), dtype=np.uint8)
    places = np.array([0, n // 2, n - 10, n - 2, n - 1])
    queries = hashes[np.r_[places, places[:2]]].copy()
    queries[5:, 0] ^= 0x81  # two bits
    ids = np.arange(n, dtype=np.int64) - n // 2
    index = HammingIndex(bits)
    index.add(hashes, ids)
    expected = expected_rows(ids, hashes, queries)
    for radius in (0, 2, 20):
        found = rows_of(index.range_search(queries, radius), len(queries))
        assert found == [reference.within(row, radius) for row in expected]
    assert rows_of(index.knn(queries, 9), len(queries)) == [row[:9] for row in expected]
    assert cpu.active_isa() == isa


def test_longest_hashes_reach_every_distance(isa: str) -> None:
    """65528 bits: byte sums and uint16 distances at their limit."""
    index = HammingIndex(65528)
    zeros = np.zeros((1, 8191), np.uint8)
    index.add(np.concatenate([zeros, ~zeros]), np.array([4, 9]))
    assert rows_of(index.range_search(zeros, 65528), 1) == [[(0, 4), (65528, 9)]]
    assert rows_of(index.range_search(zeros, 65527), 1) == [[(0, 4)]]
    assert rows_of(index.knn(~zeros, 2), 1) == [[(0, 9), (65528, 4)]]
    assert cpu.active_isa() == isa


@pytest.mark.parametrize("radius", [43, 44, 45, 46])
def test_differences_in_one_half_of_the_bits(radius: int, isa: str) -> None:
    """The early exit looks at 128 of 256 bits; all the difference may be in either half."""
    base = np.random.default_rng(8).integers(0, 256, 32, dtype=np.uint8)
    rows = []
    for first_bit in (0, 64, 128, 192):
        for flips in range(40, 50):
            bits = np.unpackbits(base)
            bits[first_bit : first_bit + flips] ^= 1
            rows.append(np.packbits(bits))
    hashes = np.stack(rows)
    ids = np.arange(len(hashes), dtype=np.int64)
    index = HammingIndex(256)
    index.add(hashes, ids)
    found = rows_of(index.range_search(base[None], radius), 1)
    assert found == [reference.within(reference.hits(ids, hashes, base), radius)]
    assert len(found[0]) == 4 * (radius - 39)
    assert cpu.active_isa() == isa
