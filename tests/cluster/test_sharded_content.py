"""Shards give what one index over all of them gives, whatever they hold; no Ray."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest
from hamming_samples import random_hashes
from hypothesis import given, settings
from hypothesis import strategies as st
from shards_here import ShardsHere, assert_same, near, opened_here

from hashmatch.cluster import ShardedIndex
from hashmatch.cluster.joining import cross_joins, pairs_of, self_joins
from hashmatch.cluster.revision_files import committed
from hashmatch.database import HashesAt
from hashmatch.errors import InputError, InputTypeError, RevisionGoneError
from hashmatch.index import HammingIndex

INT64 = st.integers(np.iinfo(np.int64).min, np.iinfo(np.int64).max - 1)


def content(seed: int, n: int, bits: int) -> np.ndarray:
    """Clusters, so that every radius has hits, equal ones and equal distances included."""
    rng = np.random.default_rng(seed)
    centres = rng.integers(0, 256, (max(1, n // 8), bits // 8), dtype=np.uint8)
    made: np.ndarray = near(centres[rng.integers(0, len(centres), n)], rng, most=6)
    return made


@given(
    ids=st.lists(INT64, unique=True, max_size=60),
    bits=st.sampled_from([16, 64, 256]),
    n_shards=st.integers(1, 5),
    radius=st.integers(0, 40),
    k=st.integers(1, 70),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=25)
def test_any_content(
    ids: list[int], bits: int, n_shards: int, radius: int, k: int, seed: int
) -> None:
    hashes, numbers = content(seed, len(ids), bits), np.array(ids, np.int64)
    local = HammingIndex(bits)
    local.add(hashes, numbers)
    queries = content(seed, max(3, len(ids)), bits)[:7]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ShardedIndex.build(folder, hashes, numbers, n_shards=n_shards, bits=bits)
        index = opened_here(folder)
        assert (len(index), index.bits, index.n_shards) == (len(ids), bits, n_shards)
        for prefilter in (None, 3):
            assert_same(
                index.range_search(queries, radius, prefilter_distance=prefilter),
                local.range_search(queries, radius, prefilter_distance=prefilter),
            )
        assert_same(index.knn(queries, k), local.knn(queries, k))
        order = np.random.default_rng(seed).permutation(len(ids))
        assert np.array_equal(index.hashes(numbers[order]), hashes[order])
        found: set[tuple[int, ...]] = set()
        for join in self_joins(folder, 1, n_shards):
            for first, second, distances in pairs_of(join, radius, 10):
                rows = list(zip(*(a.tolist() for a in (first, second, distances)), strict=True))
                assert found.isdisjoint(rows), "each pair once"
                found |= set(rows)
        assert found == set(zip(*(a.tolist() for a in local.pairs(radius)), strict=True))


@pytest.mark.parametrize("n_shards", [1, 2, 4, 5])
def test_answers_equal_faiss(n_shards: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    hashes = random_hashes(3000, 6)
    queries = near(hashes[:50], rng, most=33)
    ShardedIndex.build(tmp_path, hashes, n_shards=n_shards)
    index = opened_here(tmp_path)
    flat = faiss.IndexBinaryFlat(256)
    flat.add(hashes)
    for radius in (0, 20, 31, 110):
        limits, distances, ids = flat.range_search(queries, radius + 1)
        rows = np.repeat(np.arange(len(queries)), np.diff(limits.astype(np.int64)))
        order = np.lexsort((ids, distances, rows))
        found = index.range_search(queries, radius)
        assert np.array_equal(found.offsets, limits)
        assert np.array_equal(found.ids, ids[order])
        assert np.array_equal(found.distances, distances[order])
    nearest, _ = flat.search(queries, 9)
    assert np.array_equal(index.knn(queries, 9).distances.reshape(50, 9), nearest)


def test_many_queries_are_asked_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hashmatch.cluster.sharded_reading._ROWS", 16)
    hashes = content(5, 400, 256)
    ShardedIndex.build(tmp_path, hashes, n_shards=3)
    local = HammingIndex(256)
    local.add(hashes)
    index = opened_here(tmp_path)
    for n in (0, 1, 16, 17, 100):
        assert_same(index.range_search(hashes[:n], 12), local.range_search(hashes[:n], 12))
        assert_same(index.knn(hashes[:n], 5), local.knn(hashes[:n], 5))
    work = index.range_search(hashes[:100], 12).work
    assert work is not None
    assert work.scanned == 100 * 400


def test_pairs_across_two_indexes(tmp_path: Path) -> None:
    mine, theirs = content(1, 120, 64), content(1, 200, 64)[50:]
    for name, hashes, n in (("mine", mine, 2), ("theirs", theirs, 3)):
        ShardedIndex.build(tmp_path / name, hashes, n_shards=n, bits=64)
    sides = [opened_here(tmp_path / name)._sides() for name in ("mine", "theirs")]
    found = sorted(
        pair
        for join in cross_joins(*sides)
        for block in pairs_of(join, 9, 50)
        for pair in zip(*(a.tolist() for a in block), strict=True)
    )
    indexes = [HammingIndex(64), HammingIndex(64)]
    for index, hashes in zip(indexes, (mine, theirs), strict=True):
        index.add(hashes)
    expected = sorted(
        pair
        for block in indexes[0].cross_pairs(indexes[1], 9)
        for pair in zip(
            block.first.tolist(), block.second.tolist(), block.distances.tolist(), strict=True
        )
    )
    assert found == expected
    assert len(found) > 100


def test_ids_that_are_not_there(tmp_path: Path) -> None:
    ids = np.arange(0, 300, 3)
    ShardedIndex.build(tmp_path, random_hashes(100, 2), ids, n_shards=3)
    index = opened_here(tmp_path)
    assert [number in index for number in (0, 1, 297, 300)] == [True, False, True, False]
    assert "0" not in index
    assert 2**70 not in index
    with pytest.raises(InputError, match="got 4"):
        index.hashes(np.array([3, 4, 6, 7]))
    assert index.hashes(np.empty(0, np.int64)).shape == (0, 32)


def test_wrong_questions(tmp_path: Path) -> None:
    hashes = random_hashes(10, 3)
    ShardedIndex.build(tmp_path, hashes, n_shards=2)
    index = opened_here(tmp_path)
    for error, ask in (
        (InputError, lambda: index.range_search(hashes[:, :8], 3)),
        (InputTypeError, lambda: index.range_search(hashes.astype(float), 3)),
        (InputError, lambda: index.range_search(hashes, -1)),
        (InputError, lambda: index.range_search(hashes, 1, prefilter_distance=-1)),
        (InputError, lambda: index.range_search(hashes, 1, threads=0)),
        (InputError, lambda: index.knn(hashes, 0)),
        (InputError, lambda: index.pair_blocks(-1)),
        (InputError, lambda: index.pair_blocks(1, tasks=0)),
        (InputTypeError, lambda: index.cross_pairs(HammingIndex(), 3)),  # type: ignore[arg-type]
        (InputTypeError, lambda: index.hashes(np.array([0.5]))),
    ):
        with pytest.raises(error):
            ask()


def test_a_question_that_a_switch_overtakes_is_asked_again_as_a_whole(tmp_path: Path) -> None:
    """Another process switches twice: the shards hold neither what this one knows nor both."""
    sets = [content(number, 90, 256) for number in range(3)]
    for hashes in sets:
        ShardedIndex.build(tmp_path, hashes, n_shards=3)
    index, other = opened_here(tmp_path), opened_here(tmp_path)
    other._replicas = index._replicas
    kept = index.snapshot()
    other.switch(2)
    assert (index.revision, other.revision) == (1, 2)
    local = HammingIndex(256)
    local.add(sets[0])
    assert_same(kept.range_search(sets[0], 9), local.range_search(sets[0], 9))
    other.switch(3)
    local = HammingIndex(256)
    local.add(sets[2])
    assert_same(index.range_search(sets[2], 9), local.range_search(sets[2], 9))
    assert index.revision == 3
    with pytest.raises(RevisionGoneError):
        kept.range_search(sets[0], 9)
    assert not index.refresh()


def test_a_machine_that_sees_a_switch_late_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shard is started again where the mount still shows the old file."""
    for number in (1, 2):
        ShardedIndex.build(tmp_path, content(number, 90, 256), n_shards=1)
    index = opened_here(tmp_path)
    index.switch(2)
    shown = iter([1, 1, 1])
    monkeypatch.setattr(
        "hashmatch.cluster.shard.committed", lambda folder: next(shown, None) or committed(folder)
    )
    index._replicas = ShardsHere(tmp_path, 1)
    hashes = content(2, 90, 256)
    local = HammingIndex(256)
    local.add(hashes)
    assert_same(index.range_search(hashes, 9), local.range_search(hashes, 9))
    assert next(shown, None) is None


def test_a_lookup_over_shards_is_one_over_an_index(tmp_path: Path) -> None:
    """What checks ask: near entries without crowded ones, and the hashes of what was found."""
    hashes = content(9, 400, 256)
    ShardedIndex.build(tmp_path, hashes, n_shards=4)
    local = HammingIndex(256)
    local.add(hashes)
    crowded = np.arange(0, 400, 5)
    sources: tuple[Any, Any] = (opened_here(tmp_path).snapshot(), local.snapshot())
    mine, theirs = (HashesAt(3, source, crowded) for source in sources)
    assert len(mine) == len(theirs) == 320
    for radius, prefilter in ((9, None), (100, 18)):
        found = [
            one.range_search(hashes[:60], radius, prefilter_distance=prefilter)
            for one in (mine, theirs)
        ]
        assert np.array_equal(found[0].offsets, found[1].offsets)
        assert np.array_equal(found[0].ids, found[1].ids)
        assert np.array_equal(mine.hashes(found[0].ids), theirs.hashes(found[1].ids))
    assert np.array_equal(
        mine.crowded_near(hashes[:60], 9).ids, theirs.crowded_near(hashes[:60], 9).ids
    )


def test_a_revision_of_another_shape_is_refused(tmp_path: Path) -> None:
    ShardedIndex.build(tmp_path, random_hashes(10, 3), n_shards=2)
    ShardedIndex.build(tmp_path, random_hashes(10, 3), n_shards=3)
    ShardedIndex.build(tmp_path, random_hashes(10, 3, 64), n_shards=2, bits=64)
    index = opened_here(tmp_path)
    for revision in (2, 3):
        with pytest.raises(InputError, match="revision"):
            index.switch(revision)
    assert index.revision == 1
