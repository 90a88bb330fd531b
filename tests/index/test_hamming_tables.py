"""Multi-index search gives what a brute force gives: every shape of tables, every arrangement."""

from __future__ import annotations

import numpy as np
import pytest
from hamming_samples import (
    WITH_TABLES,
    Hashes,
    at_every_distance,
    expected,
    random_hashes,
    turned,
    with_shape,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from hashmatch import cpu
from hashmatch.index import HammingIndex, SearchResult


def hits(result: SearchResult, query: int) -> list[tuple[int, int]]:
    ids, distances = result.of(query)
    return list(zip(distances.tolist(), ids.tolist(), strict=True))


def near_copies(n: int, bits: int, arrangement: int, seed: int) -> Hashes:
    """Hashes most of which are near earlier ones."""
    rng = np.random.default_rng(seed)
    hashes = random_hashes(n, seed, bits)
    for i in range(1, n):
        if rng.random() < 0.25:
            continue
        source = 0 if arrangement == 2 else int(rng.integers(0, i))
        count = int(rng.integers(0, bits // 3))
        start = int(rng.integers(0, bits))
        places = (
            (start + np.arange(count)) % bits
            if arrangement == 1
            else rng.choice(bits, count, replace=False)
        )
        hashes[i] = turned(hashes[source], places)
    return hashes


@settings(max_examples=60)
@given(
    st.sampled_from([64, 128, 256, 320]),
    st.integers(2, 200),
    st.integers(2, 32),
    st.integers(1, 8),
    st.integers(0, 2),
    st.integers(0, 2**32),
)
def test_any_shape_equals_brute_force(
    bits: int, n: int, chunks: int, key_bits: int, arrangement: int, seed: int
) -> None:
    hashes = near_copies(n, bits, arrangement, seed)
    ids = np.random.default_rng(seed).permutation(np.arange(n, dtype=np.int64) * 3 - n)
    index = with_shape(hashes, ids, chunks, key_bits)
    if index is None:
        assert bits // chunks < key_bits or (n - 1).bit_length() < key_bits
        return
    queries = np.concatenate([hashes[:4], near_copies(4, bits, 0, seed + 1)])
    covered = 5 * chunks - 1  # a key's radius goes up to 4
    for name in cpu.available_isas():
        with cpu.using_isa(name):
            for radius in {0, 1, chunks - 1, chunks, bits // 8, bits // 4, covered, covered + 1}:
                result = index.range_search(queries, radius)
                assert result.work is not None
                assert (result.work.scanned == 0) == (min(radius, bits) <= covered)
                for i, query in enumerate(queries):
                    assert hits(result, i) == expected(query, hashes, ids, radius), (name, radius)


@pytest.mark.parametrize("radius", [0, 1, 15, 16, 31, 32, 47, 62])
def test_neighbours_at_every_distance_are_found(radius: int, isa: str) -> None:
    """Planted at 0..radius + 2 among random hashes, in every arrangement, on both plans."""
    rng = np.random.default_rng(radius)
    queries = random_hashes(3, radius + 100)
    planted = np.concatenate(
        [at_every_distance(query, radius + 2, rng).reshape(-1, 32) for query in queries]
    )
    hashes = np.concatenate([random_hashes(WITH_TABLES, radius), planted])
    hashes = hashes[rng.permutation(len(hashes))]
    ids = rng.permutation(np.arange(len(hashes), dtype=np.int64))
    for strategy in ("auto", "mih", "scan"):
        index = HammingIndex(256, strategy=strategy)
        index.add(hashes, ids)
        plan = index.explain(queries[0], radius)
        assert strategy == "auto" or plan.strategy == strategy
        result = index.range_search(queries, radius)
        for i, query in enumerate(queries):
            found = hits(result, i)
            assert found == expected(query, hashes, ids, radius)
            assert len(found) >= 4 * (radius + 1)
    assert cpu.active_isa() == isa


def test_work_is_a_small_share_of_the_base() -> None:
    """Candidates, not time: about what the probability of a bucket says, and no scan."""
    n = 200_000
    index = HammingIndex(256)
    index.add(random_hashes(n, 1))
    queries = random_hashes(50, 2)
    result = [index.range_search(query[None], 31).work for query in queries]
    for work in result:
        assert work is not None
        assert work.scanned == 0
        assert work.probes <= 300
        assert work.entries < 0.06 * n
        assert work.verified < 0.002 * n
    plan = index.explain(queries[0], 31)
    assert plan.strategy == "mih"
    assert plan.cost_us < plan.scan_cost_us
    first = result[0]
    assert first is not None
    assert plan.expected.probes == first.probes
    assert plan.expected.entries == first.entries  # exact up to a key radius of 1


def test_half_the_base_one_value_and_near_copies_of_it() -> None:
    """A rare query costs no more than the scan, by count and by estimate."""
    n = 60_000
    rng = np.random.default_rng(3)
    common = random_hashes(1, 4)[0]
    copies = np.array([turned(common, rng.choice(256, 5, replace=False)) for _ in range(3000)])
    hashes = np.concatenate([np.tile(common, (n // 2, 1)), copies, random_hashes(n // 2, 5)])
    ids = np.arange(len(hashes), dtype=np.int64)
    rare = turned(hashes[-1], [3, 77, 140])
    # One chunk of the rare query is the common value's: its bucket holds half the base.
    shared = rare.copy()
    shared[16:] = common[16:]
    index = HammingIndex(256)
    index.add(hashes, ids)
    for query in (rare, shared, common):
        for radius in (8, 31):
            plan = index.explain(query, radius)
            assert plan.cost_us <= plan.scan_cost_us
            result = index.range_search(query[None], radius)
            assert hits(result, 0) == expected(query, hashes, ids, radius)
            assert result.work is not None
            if query is rare:
                assert result.work.scanned == 0
            assert result.work.entries + result.work.verified <= len(hashes)


def test_a_plan_that_was_too_hopeful_is_given_up() -> None:
    """Empty buckets up to one bit from the query's keys, all hashes two bits away: the estimate
    is wrong, the work stays within the scan's, and the answer is right."""
    n = 1_000_000
    query = np.zeros((1, 32), np.uint8)
    value = np.zeros(32, np.uint8)
    value[[1, 3, 17, 19]] = 0xFF  # the first two bits of each of 16 chunks
    index = HammingIndex(256)
    index.add(np.tile(value, (n, 1)))
    plan = index.explain(query, 40)
    assert plan.strategy == "mih"
    assert set(plan.segments[0].radii) == {1, 2}
    assert plan.expected.entries < n / 10
    result = index.range_search(query, 40)
    assert np.array_equal(result.ids, np.arange(n))
    assert set(result.distances.tolist()) == {32}
    assert result.work is not None
    assert result.work.scanned == n
    assert result.work.verified == 0
    assert len(index.range_search(query, 31).ids) == 0


def test_threads_change_nothing() -> None:
    hashes = random_hashes(40_000, 6)
    queries = np.concatenate([hashes[:37] ^ np.uint8(1), random_hashes(20, 7)])
    index = HammingIndex(256)
    index.add(hashes)
    for radius, limit in ((31, None), (40, None), (110, None), (84, 20)):
        one = index.range_search(queries, radius, prefilter_distance=limit)
        for threads in (2, 3, 64):
            many = index.range_search(queries, radius, prefilter_distance=limit, threads=threads)
            assert one.offsets.tobytes() == many.offsets.tobytes()
            assert one.ids.tobytes() == many.ids.tobytes()
            assert one.distances.tobytes() == many.distances.tobytes()
            assert one.work == many.work
    nearest = index.knn(queries, 7)
    assert nearest.ids.tobytes() == index.knn(queries, 7, threads=3).ids.tobytes()


@pytest.mark.parametrize("k", [1, 3, 200])
def test_knn_with_tables_equals_the_scan(k: int, isa: str) -> None:
    rng = np.random.default_rng(8)
    query = random_hashes(1, 9)[0]
    near = at_every_distance(query, 40, rng).reshape(-1, 32)
    hashes = np.concatenate([near, near, random_hashes(WITH_TABLES, 10)])  # ties everywhere
    ids = rng.permutation(np.arange(len(hashes), dtype=np.int64))
    queries = np.stack([query, turned(query, [1]), random_hashes(1, 11)[0]])
    index, scanning = HammingIndex(256), HammingIndex(256, strategy="scan")
    for one in (index, scanning):
        one.add(hashes, ids)
    found = index.knn(queries, k)
    for i, query in enumerate(queries):
        assert hits(found, i) == expected(query, hashes, ids, 256)[:k]
    assert found.ids.tobytes() == scanning.knn(queries, k).ids.tobytes()
    assert cpu.active_isa() == isa


def test_memory_a_hash() -> None:
    n = 100_000
    hashes = random_hashes(n, 12)
    index, scanning = HammingIndex(256), HammingIndex(256, strategy="scan")
    index.add(hashes)
    scanning.add(hashes)
    assert index.memory_bytes <= 110 * n
    assert scanning.memory_bytes <= 41 * n
