"""All pairs within a radius: each once, in bounded blocks, the same by tables and by scan."""

from __future__ import annotations

import numpy as np
import pytest
from hamming_samples import Hashes, distances, random_hashes, turned, with_shape
from hypothesis import given, settings
from hypothesis import strategies as st

from hashmatch import _native, cpu
from hashmatch.errors import InputError, InputTypeError
from hashmatch.index import HammingIndex

Pair = tuple[int, int, int]


def grouped(n: int, seed: int, bits: int = 256) -> Hashes:
    """A third of the hashes near another one, at most 40 bits away."""
    rng = np.random.default_rng(seed)
    hashes = random_hashes(n, seed, bits)
    for i in rng.choice(n, n // 3, replace=False):
        count = int(rng.integers(0, min(41, bits // 4)))
        hashes[i] = turned(hashes[rng.integers(0, n)], rng.choice(bits, count, replace=False))
    return hashes


def brute(hashes: Hashes, ids: np.ndarray, radius: int) -> list[Pair]:
    found = []
    for i in range(len(hashes)):
        far = distances(hashes[i], hashes[i + 1 :])
        for j in np.flatnonzero(far <= radius):
            pair = sorted((int(ids[i]), int(ids[i + 1 + j])))
            found.append((pair[0], pair[1], int(far[j])))
    return sorted(found)


def rows(found: tuple[np.ndarray, np.ndarray, np.ndarray]) -> list[Pair]:
    assert [array.dtype for array in found] == [np.int64, np.int64, np.uint16]
    return list(zip(*(array.tolist() for array in found), strict=True))


@settings(max_examples=40)
@given(
    st.sampled_from([64, 256]),
    st.integers(0, 120),
    st.integers(2, 16),
    st.integers(1, 6),
    st.integers(0, 2**32),
)
def test_any_shape_gives_every_pair_once(
    bits: int, n: int, chunks: int, key_bits: int, seed: int
) -> None:
    hashes = grouped(n, seed, bits)
    ids = np.random.default_rng(seed).permutation(np.arange(n, dtype=np.int64) - 5)
    plain = HammingIndex(bits)
    plain.add(hashes, ids)
    shaped = with_shape(hashes, ids, chunks, key_bits) if n >= 2 else None
    for radius in (0, 5, bits // 8, bits // 2):
        expected = brute(hashes, ids, radius)
        assert rows(plain.pairs(radius)) == expected
        if shaped is not None:
            assert rows(shaped.pairs(radius)) == expected


@pytest.fixture(scope="module")
def large() -> tuple[Hashes, np.ndarray, dict[int, list[Pair]]]:
    hashes = grouped(34_000, 1)
    ids = np.random.default_rng(1).permutation(np.arange(34_000, dtype=np.int64))
    index = HammingIndex(256, strategy="scan")
    index.add(hashes, ids)
    known = {}
    for radius in (0, 20, 31, 40):
        result = index.range_search(hashes, radius)
        owner = np.repeat(ids, np.diff(result.offsets))
        once = owner < result.ids
        known[radius] = sorted(
            zip(
                owner[once].tolist(),
                result.ids[once].tolist(),
                result.distances[once].tolist(),
                strict=True,
            )
        )
    return hashes, ids, known


@pytest.mark.parametrize("radius", [0, 20, 31, 40])
def test_tables_give_the_pairs_that_searches_give(
    radius: int, large: tuple[Hashes, np.ndarray, dict[int, list[Pair]]], isa: str
) -> None:
    hashes, ids, known = large
    index = HammingIndex(256)
    index.add(hashes, ids)
    assert rows(index.pairs(radius)) == known[radius]
    assert len(known[radius]) > 200
    assert cpu.active_isa() == isa


def test_segments_and_removals(large: tuple[Hashes, np.ndarray, dict[int, list[Pair]]]) -> None:
    hashes, ids, known = large
    index = HammingIndex(256)
    index.add(hashes[:33_000], ids[:33_000])
    index.add(hashes[33_000:], ids[33_000:])
    gone = ids[::9]
    index.remove(gone)
    left = set(np.setdiff1d(ids, gone).tolist())
    expected = [pair for pair in known[31] if pair[0] in left and pair[1] in left]
    assert len(index.explain(hashes[0], 31).segments) == 2
    assert rows(index.pairs(31)) == expected
    index.compact()
    assert rows(index.pairs(31)) == expected
    index.remove(ids[1::9])
    left -= set(ids[1::9].tolist())
    assert rows(index.pairs(31)) == [p for p in expected if p[0] in left and p[1] in left]


@pytest.mark.parametrize("block_pairs", [1, 100, 10**9])
def test_blocks_are_bounded_and_add_up(
    block_pairs: int, large: tuple[Hashes, np.ndarray, dict[int, list[Pair]]]
) -> None:
    hashes, ids, known = large
    index = HammingIndex(256)
    index.add(hashes, ids)
    blocks = list(index.pair_blocks(31, block_pairs=block_pairs))
    assert all(0 < len(block) < block_pairs + 50 for block in blocks)
    assert all((block.first < block.second).all() for block in blocks)
    pairs = [
        pair for block in blocks for pair in rows((block.first, block.second, block.distances))
    ]
    assert sorted(pairs) == known[31]


def test_identical_hashes_come_in_blocks() -> None:
    """2,000 copies are two million pairs; a block holds few more than were asked for."""
    index = HammingIndex(256)
    index.add(np.zeros((2000, 32), np.uint8))
    total = 0
    for block in index.pair_blocks(31, block_pairs=10_000):
        assert len(block) < 10_000 + 6 * 2000
        total += len(block)
    assert total == 2000 * 1999 // 2


def test_work_of_a_join_is_a_small_share_of_all_pairs() -> None:
    n = 100_000
    index = HammingIndex(256)
    index.add(random_hashes(n, 2))
    cursor = _native.HammingPairs(index.snapshot()._core, 31)
    assert cursor.probing
    while len(cursor.next(1 << 20)[0]):
        pass
    _, entries, verified, scanned = cursor.work
    assert scanned == 0
    assert entries < n * n / 2 / 15
    assert verified < n * n / 2 / 1000


def test_cross_pairs() -> None:
    mine, theirs = grouped(3000, 3), grouped(500, 4)
    theirs[::5] = mine[:100]
    theirs[1::5, 0] = mine[:100, 0]
    my_ids = np.arange(3000, dtype=np.int64) + 10
    their_ids = np.random.default_rng(5).permutation(np.arange(500, dtype=np.int64))
    index, other = HammingIndex(256), HammingIndex(256, strategy="scan")
    index.add(mine, my_ids)
    other.add(theirs[:300], their_ids[:300])
    other.add(theirs[300:], their_ids[300:])
    other.remove(their_ids[::5][:20])
    gone = set(their_ids[::5][:20].tolist())
    expected = sorted(
        (int(my_ids[i]), int(their_ids[j]), int(far[i]))
        for j in range(500)
        if int(their_ids[j]) not in gone
        for far in [distances(theirs[j], mine)]
        for i in np.flatnonzero(far <= 31)
    )
    assert len(expected) >= 80
    for block_pairs, threads in ((1, 1), (50, 2), (10**9, 1)):
        found = []
        for block in index.cross_pairs(other, 31, block_pairs=block_pairs, threads=threads):
            found += rows((block.first, block.second, block.distances))
        assert sorted(found) == expected
    mirrored = []
    for block in other.cross_pairs(index, 31):
        mirrored += rows((block.second, block.first, block.distances))
    assert sorted(mirrored) == expected
    assert list(index.cross_pairs(HammingIndex(256), 31)) == []


def test_cross_pairs_of_many_neighbours_stay_bounded() -> None:
    index, other = HammingIndex(256), HammingIndex(256)
    index.add(np.zeros((3000, 32), np.uint8))
    other.add(np.zeros((400, 32), np.uint8))
    sizes = [len(block) for block in index.cross_pairs(other, 0, block_pairs=1000)]
    assert sum(sizes) == 3000 * 400
    assert max(sizes) <= 6 * 3000  # the first look takes six hashes, the next ones fewer


def test_wrong_arguments() -> None:
    index = HammingIndex(256)
    with pytest.raises(InputError, match="other: expected hashes of 256 bits, got 64"):
        index.cross_pairs(HammingIndex(64), 3)
    with pytest.raises(InputTypeError, match="other: expected HammingIndex, got list"):
        index.cross_pairs([], 3)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="max_distance: expected 0 or more bits, got -1"):
        index.pairs(-1)
