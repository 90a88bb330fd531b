"""VectorIndex against brute force, on every instruction set."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from reference import vectors as reference

from hashmatch import cpu
from hashmatch.index import VectorIndex, VectorSearchResult

Rows = NDArray[np.uint8]
KINDS = ["random", "near", "extremes", "few values", "all alike"]


def problem(kind: str, dims: int, n: int, n_queries: int, seed: int) -> tuple[Rows, Rows]:
    """(vectors, queries) of one kind; every kind but "random" has hits at small radii."""
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 256, (n, dims), dtype=np.uint8)
    queries = rng.integers(0, 256, (n_queries, dims), dtype=np.uint8)
    if kind == "extremes":
        values, queries = (np.where(a < 128, 0, 255).astype(np.uint8) for a in (values, queries))
    elif kind == "few values":
        values, queries = (np.bitwise_and(a, np.uint8(1)) for a in (values, queries))
    elif kind == "all alike":
        values[:], queries[:] = 255, 0
    elif kind == "near" and n:
        queries = values[rng.integers(0, n, n_queries)]
        queries = np.clip(queries.astype(int) + rng.integers(-5, 6, queries.shape), 0, 255).astype(
            np.uint8
        )
    return values, queries


def ids_for(n: int, seed: int) -> NDArray[np.int64]:
    """Distinct ids in no order, the extremes of int64 among them."""
    rng = np.random.default_rng(seed)
    ids = rng.permutation(np.arange(-n, 2 * n, dtype=np.int64))[:n]
    if n >= 2:
        ids[:2] = np.iinfo(np.int64).max, np.iinfo(np.int64).min
    return ids


def rows_of(result: VectorSearchResult, n_queries: int) -> list[list[reference.Hit]]:
    """As lists of (distance, id); the form that VectorSearchResult promises is checked too."""
    assert result.offsets.dtype == result.ids.dtype == result.distances.dtype == np.int64
    assert result.offsets.shape == (n_queries + 1,)
    assert len(result) == n_queries
    assert result.offsets[0] == 0
    assert result.offsets[-1] == len(result.ids) == len(result.distances)
    assert result.searched.dtype == np.uint8
    assert result.searched.shape == (n_queries,)
    rows = []
    for i in range(n_queries):
        ids, distances = result.of(i)
        rows.append(list(zip(distances.tolist(), ids.tolist(), strict=True)))
    return rows


@settings(max_examples=120)
@given(
    st.sampled_from(KINDS),
    st.integers(1, 200) | st.sampled_from([1, 2, 3, 4, 5, 8, 12, 143, 144, 145]),
    st.integers(0, 40) | st.sampled_from([0, 1, 15, 16, 17, 31, 32, 33]),
    st.sampled_from([0, 1, 3, 4, 7, 8, 9, 13]),
    st.integers(0, 2**32),
)
def test_any_index_equals_brute_force(
    kind: str, dims: int, n: int, n_queries: int, seed: int
) -> None:
    values, queries = problem(kind, dims, n, n_queries, seed)
    ids = ids_for(n, seed)
    index = VectorIndex(dims)
    index.add(values, ids)
    assert len(index) == n
    expected = [reference.hits(ids, values, query) for query in queries]
    largest = 255 * 255 * dims
    middle = sorted({hit[0] for row in expected for hit in row})[::7]
    for name in cpu.available_isas():
        with cpu.using_isa(name):
            for radius in [0, 1, 40000, *middle[:3], largest - 1, largest, 10**30]:
                found = rows_of(index.range_search(queries, radius), n_queries)
                wanted = [[hit for hit in row if hit[0] <= radius] for row in expected]
                assert found == wanted, (name, radius)
            for k in (1, 3, max(n, 1), 2**40):
                found = rows_of(index.knn(queries, k), n_queries)
                assert found == [row[:k] for row in expected], (name, k)


@pytest.mark.parametrize("dims", [1, 4, 5, 48, 144, 200, 4096])
def test_the_radius_is_inclusive_wherever_the_difference_lies(dims: int, isa: str) -> None:
    """Distances of the radius and one more, all of it in any one dimension: the last one, those
    that the early exit looks at and those that it does not."""
    base = np.random.default_rng(dims).integers(0, 100, dims, dtype=np.uint8)
    places = np.unique(np.linspace(0, dims - 1, 40).astype(int))
    for step in (1, 7, 155):
        radius = step * step
        values = np.tile(base, (2 * len(places), 1))
        values[np.arange(len(places)), places] += np.uint8(step)  # at the radius
        values[len(places) + np.arange(len(places)), places] += np.uint8(step)
        beside = (places + 1) % dims
        values[len(places) + np.arange(len(places)), beside] += np.uint8(dims > 1)  # one more
        ids = np.arange(len(values), dtype=np.int64)
        index = VectorIndex(dims)
        index.add(values, ids)
        expected = reference.hits(ids, values, base)
        within = [hit for hit in expected if hit[0] <= radius]
        assert rows_of(index.range_search(base[None], radius), 1) == [within]
        assert len(within) >= len(places)
        assert rows_of(index.range_search(base[None], radius - 1), 1) == [
            [hit for hit in expected if hit[0] < radius]
        ]
    assert cpu.active_isa() == isa


def test_longest_vectors_reach_the_largest_distance(isa: str) -> None:
    """Sums of 4096 squares of 255, with and without the tops of the bytes flipped."""
    dark, bright = np.zeros((1, 4096), np.uint8), np.full((1, 4096), 255, np.uint8)
    index = VectorIndex(4096)
    index.add(np.concatenate([dark, bright]), np.array([4, 9]))
    largest = 255 * 255 * 4096
    for query, near, far in ((dark, 4, 9), (bright, 9, 4)):
        assert rows_of(index.range_search(query, largest), 1) == [[(0, near), (largest, far)]]
        assert rows_of(index.range_search(query, largest - 1), 1) == [[(0, near)]]
        assert rows_of(index.knn(query, 2), 1) == [[(0, near), (largest, far)]]
    assert cpu.active_isa() == isa


# A chunk of the scan is 256 KiB of the first third of the rows.
CHUNK = 256 * 1024 // (12 * 64) * 16


@pytest.mark.parametrize("offset", [-16, -1, 0, 1, 16])
def test_chunk_borders(offset: int, isa: str) -> None:
    """Hits in the last places before a border and the first ones after it, and nothing else."""
    n = CHUNK + offset
    values = np.random.default_rng(offset + 50).integers(0, 256, (n, 144), dtype=np.uint8)
    places = np.array([0, n // 2, n - 18, n - 17, n - 2, n - 1])
    queries = values[np.r_[places, places, places]].copy()
    queries[6:, 143] ^= 3
    index = VectorIndex()
    ids = index.add(values)
    expected = [reference.hits(ids, values, query)[:5] for query in queries]
    for threads in (1, 3):
        found = rows_of(index.range_search(queries, threads=threads), len(queries))
        assert found == [[hit for hit in row if hit[0] <= 40000] for row in expected]
        assert all(row[0][0] <= 9 for row in found)
    assert rows_of(index.knn(queries[:2], 5), 2) == expected[:2]
    assert cpu.active_isa() == isa


def test_radii_where_the_early_exit_is_given_up(isa: str) -> None:
    """So many heads come near that they are no longer judged first: after the first chunks, and
    the answer is the same one."""
    rng = np.random.default_rng(5)
    values = rng.integers(100, 140, (3 * CHUNK, 144), dtype=np.uint8)
    query = values[:2]
    index = VectorIndex()
    ids = index.add(values)
    found = reference.distances(query[0], values)
    radius = int(np.partition(found, 600)[600])
    assert rows_of(index.range_search(query, radius), 2) == [
        [hit for hit in reference.hits(ids, values, one) if hit[0] <= radius] for one in query
    ]
    assert cpu.active_isa() == isa


@pytest.mark.parametrize("threads", [2, 5, 64])
def test_threads_change_nothing(threads: int) -> None:
    values, queries = problem("near", 144, 4 * CHUNK, 30, 3)
    index = VectorIndex()
    index.add(values, np.random.default_rng(1).permutation(len(values)))
    for radius in (1600, 250_000, 1_200_000):
        one = index.range_search(queries, radius)
        many = index.range_search(queries, radius, threads=threads)
        assert len(one.ids) >= 30
        for name in ("offsets", "ids", "distances", "searched"):
            assert np.array_equal(getattr(one, name), getattr(many, name)), name


def test_many_queries_are_searched_in_batches() -> None:
    """2500 queries are more than two of the batches that are packed at once."""
    values, queries = problem("near", 9, 60, 2500, 8)
    ids = ids_for(60, 8)
    index = VectorIndex(9)
    index.add(values, ids)
    found = rows_of(index.range_search(queries, 300), 2500)
    assert found == [
        [hit for hit in reference.hits(ids, values, query) if hit[0] <= 300] for query in queries
    ]
    assert sum(map(len, found)) >= 2500


@pytest.mark.parametrize("order", ["C", "F", "sliced", "read-only"])
def test_any_memory_layout_of_arguments(order: str) -> None:
    values, queries = problem("near", 10, 50, 6, 4)
    index = VectorIndex(10)
    if order == "F":
        values, queries = np.asfortranarray(values), np.asfortranarray(queries)
    elif order == "sliced":
        values = np.repeat(values, 2, axis=1)[:, ::2]
        queries = np.repeat(queries, 3, axis=0)[::3]
    elif order == "read-only":
        values.flags.writeable = queries.flags.writeable = False
    ids = index.add(values)
    expected = [
        [hit for hit in reference.hits(ids, values, query) if hit[0] <= 500] for query in queries
    ]
    assert rows_of(index.range_search(queries, 500), 6) == expected
