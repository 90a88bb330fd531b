"""Prefilter, explain, snapshots and compaction."""

from __future__ import annotations

import numpy as np
import pytest
from hamming_samples import WITH_TABLES, at_every_distance, distances, random_hashes, turned

from hashmatch import cpu
from hashmatch.errors import InputError, InputTypeError
from hashmatch.index import HammingIndex

# PDQ's rows and columns below 8: the odd bytes of the second half.
LOW_FREQUENCIES = slice(17, 32, 2)


@pytest.mark.parametrize("limit", [0, 7, 18, 31, 64, 300])
def test_a_prefilter_loses_exactly_what_it_says(limit: int, isa: str) -> None:
    rng = np.random.default_rng(limit)
    queries = random_hashes(9, 20)
    planted = [at_every_distance(query, 100, rng).reshape(-1, 32) for query in queries]
    hashes = np.concatenate([*planted, random_hashes(9000, 21)])
    index = HammingIndex(256)
    index.add(hashes)
    result = index.range_search(queries, 84, prefilter_distance=limit)
    assert result.prefilter_distance == min(limit, 256)
    assert not result.exact
    for i, query in enumerate(queries):
        low = np.unpackbits(hashes[:, LOW_FREQUENCIES] ^ query[LOW_FREQUENCIES], axis=1).sum(axis=1)
        kept = (distances(query, hashes) <= 84) & (low <= limit)
        assert set(result.of(i)[0].tolist()) == set(np.flatnonzero(kept).tolist())
    exact = index.range_search(queries, 84)
    assert exact.exact
    assert (limit >= 64) == (result.ids.tobytes() == exact.ids.tobytes())
    assert cpu.active_isa() == isa


@pytest.mark.parametrize("bits", [8, 64, 72, 512])
def test_a_prefilter_on_other_lengths_looks_at_the_first_64_bits(bits: int, isa: str) -> None:
    hashes = random_hashes(3000, bits, bits)
    query = turned(hashes[17], [0, 3])
    first = np.unpackbits(hashes[:, :8] ^ query[:8], axis=1).sum(axis=1)
    far = np.unpackbits(hashes ^ query, axis=1).sum(axis=1)
    index = HammingIndex(bits)
    index.add(hashes)
    for limit in (0, 2, 20, 30):
        found = index.range_search(query[None], bits // 2, prefilter_distance=limit).ids
        kept = np.flatnonzero((far <= bits // 2) & (first <= limit))
        assert sorted(found.tolist()) == kept.tolist()
    assert cpu.active_isa() == isa


@pytest.mark.parametrize(("value", "error"), [(-1, InputError), (1.5, InputTypeError)])
def test_options_are_checked(value: int, error: type[InputError]) -> None:
    index = HammingIndex(256)
    query = random_hashes(1, 0)
    with pytest.raises(error, match="prefilter_distance"):
        index.range_search(query, 31, prefilter_distance=value)
    for threads in (0, value):
        with pytest.raises(InputError, match="threads"):
            index.range_search(query, 31, threads=threads)
    with pytest.raises(InputError, match="n_queries"):
        index.explain(query, 31, n_queries=value)
    with pytest.raises(InputError, match="block_pairs"):
        index.pair_blocks(31, block_pairs=value)
    with pytest.raises(InputError, match="expected one, got 2"):
        index.explain(random_hashes(2, 0), 31)
    with pytest.raises(InputError, match="strategy: expected one of auto, scan, mih, got 'fast'"):
        HammingIndex(256, strategy="fast")


def test_explain_says_what_would_be_done() -> None:
    index = HammingIndex(256)
    assert index.explain(random_hashes(1, 0)[0], 31).strategy == "scan"
    index.add(random_hashes(100_000, 1))
    index.add(random_hashes(10, 2))
    query = random_hashes(1, 3)
    plan = index.explain(query, 31)
    assert plan.strategy == "mixed"
    assert [segment.strategy for segment in plan.segments] == ["mih", "scan"]
    assert sum(radius + 1 for radius in plan.segments[0].radii) == 32
    assert plan.expected.scanned == 10
    assert "multi-index over 100,000 hashes" in str(plan)
    assert "scan of 10 hashes" in str(plan)
    wide = index.explain(query, 120)
    assert wide.strategy == "scan"
    assert wide.expected.scanned == 100_010
    # Many queries share a scan, so it pays sooner.
    assert index.explain(query, 31, n_queries=64).scan_cost_us < plan.scan_cost_us
    assert HammingIndex(256, strategy="scan").explain(query[0], 3).segments == ()


def test_a_snapshot_keeps_what_it_held() -> None:
    hashes = random_hashes(WITH_TABLES, 4)
    index = HammingIndex(256)
    index.add(hashes)
    before = index.snapshot()
    index.remove(np.arange(0, WITH_TABLES, 2))
    between = index.snapshot()
    index.add(hashes[:1], np.array([10**6]))
    index.compact()
    assert (len(before), len(between), len(index)) == (33_000, 16_500, 16_501)
    for place in (0, 1, 2, 32_999):
        query = hashes[place : place + 1]
        again = [10**6] if place == 0 else []
        kept = [place] if place % 2 else []
        assert before.range_search(query, 0).ids.tolist() == [place]
        assert between.range_search(query, 0).ids.tolist() == kept
        assert index.range_search(query, 0).ids.tolist() == kept + again
        assert (place in before, place in between) == (True, place % 2 == 1)
    assert before.knn(hashes[:1], 1).ids.tolist() == [0]
    assert between.explain(hashes[0], 31).segments[0].size == WITH_TABLES
    assert len(index.explain(hashes[0], 31).segments) == 1


def test_compaction_gives_memory_back_and_tables_anew() -> None:
    index = HammingIndex(256)
    for part in range(5):
        index.add(random_hashes(9000, part))
    index.remove(np.arange(100))
    full = index.memory_bytes
    index.remove(np.arange(100, 45_000, 7))
    index.compact()
    (segment,) = index.explain(random_hashes(1, 0)[0], 31).segments
    assert segment.size == len(index)
    assert segment.key_bits > 0
    assert index.memory_bytes < full * 1.7  # tables are new: 64 bytes a hash
    index.compact()  # nothing to do
    assert len(index) == segment.size


def test_ids_are_found_by_value() -> None:
    index = HammingIndex(64)
    index.add(random_hashes(3, 0, 64), np.array([5, -7, 2**62]))
    assert all(id in index for id in (5, -7, 2**62, np.int64(5)))
    assert not any(id in index for id in (6, 2**63, -(2**70), "5", 5.0, True, None))
