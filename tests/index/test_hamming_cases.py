"""Public reports about other indexes, as inputs: radii, ties, deletes, repeated ids, forks."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from hashmatch import cpu
from hashmatch.errors import InputError
from hashmatch.index import HammingIndex, SearchResult


def at_distance(bits: int, distance: int) -> NDArray[np.uint8]:
    """A hash with the first ``distance`` bits set: so far from zero."""
    flags = np.zeros(bits, np.uint8)
    flags[:distance] = 1
    return np.packbits(flags)


def zero(bits: int = 256) -> NDArray[np.uint8]:
    return np.zeros((1, bits // 8), np.uint8)


def same(a: SearchResult, b: SearchResult) -> bool:
    return (
        a.offsets.tobytes() == b.offsets.tobytes()
        and a.ids.tobytes() == b.ids.tobytes()
        and a.distances.tobytes() == b.distances.tobytes()
    )


@pytest.mark.parametrize(
    ("radius", "found"),
    [
        (0, [0]),
        (1, [0, 1]),
        (2, [0, 1, 2]),
        (31, [0, 1, 2, 31]),
        (32, [0, 1, 2, 31, 32]),
        (255, [0, 1, 2, 31, 32]),
        (256, [0, 1, 2, 31, 32, 256]),
        (257, [0, 1, 2, 31, 32, 256]),
        (10**6, [0, 1, 2, 31, 32, 256]),
        (10**30, [0, 1, 2, 31, 32, 256]),
    ],
)
def test_radius_is_inclusive(radius: int, found: list[int], isa: str) -> None:
    index = HammingIndex(256)
    index.add(np.stack([at_distance(256, d) for d in (0, 1, 2, 31, 32, 256)]))
    assert index.range_search(zero(), radius).distances.tolist() == found
    assert cpu.active_isa() == isa


@pytest.mark.parametrize("radius", [-1, -(10**30)])
def test_negative_radius_is_an_error(radius: int) -> None:
    with pytest.raises(InputError, match=r"max_distance: expected 0 or more bits, got -1"):
        HammingIndex(256).range_search(zero(), radius)


def test_fewer_entries_than_k() -> None:
    index = HammingIndex(256)
    assert index.knn(zero(), 10).ids.tolist() == []
    assert index.range_search(zero(), 256).offsets.tolist() == [0, 0]
    index.add(np.stack([at_distance(256, 3), at_distance(256, 1)]), np.array([70, 80]))
    result = index.knn(zero(), 10)
    assert (result.ids.tolist(), result.distances.tolist()) == ([80, 70], [1, 3])


def test_an_index_of_one_finds_itself(isa: str) -> None:
    value = np.random.default_rng(3).integers(0, 256, (1, 32), dtype=np.uint8)
    index = HammingIndex(256)
    index.add(value)
    for result in (index.range_search(value, 0), index.knn(value, 1)):
        assert (result.ids.tolist(), result.distances.tolist()) == ([0], [0])
    assert cpu.active_isa() == isa


@pytest.mark.parametrize("k", [1, 49, 50, 51, 99, 149, 150])
def test_ties_at_the_kth_place_go_to_the_smaller_id(k: int, isa: str) -> None:
    rng = np.random.default_rng(6)
    bits = np.zeros((150, 256), np.uint8)
    for i, row in enumerate(bits):  # 50 at distance 4, then 100 ties at distance 9
        row[rng.choice(256, 4 if i < 50 else 9, replace=False)] = 1
    ids = rng.permutation(150).astype(np.int64)
    index = HammingIndex(256)
    index.add(np.packbits(bits, axis=1), ids)
    expected = (sorted(ids[:50].tolist()) + sorted(ids[50:].tolist()))[:k]
    for threads in (1, 2, 8):
        with ThreadPoolExecutor(threads) as pool:
            for result in pool.map(lambda _: index.knn(zero(), k), range(2 * threads)):
                assert result.ids.tolist() == expected
    assert cpu.active_isa() == isa


def test_delete_then_search_then_add_again() -> None:
    hashes = np.stack([at_distance(256, 5 * i) for i in range(1, 11)])
    ids = np.arange(1, 11, dtype=np.int64)
    index = HammingIndex(256)
    index.add(hashes, ids)
    alive = dict(zip(ids.tolist(), hashes, strict=True))

    def check() -> None:
        for id_ in ids.tolist():
            result = index.range_search(hashes[id_ - 1 : id_], 0)
            assert result.ids.tolist() == ([id_] if id_ in alive else [])
        assert index.knn(zero(), 99).ids.tolist() == sorted(alive)
        assert len(index) == len(alive)

    for gone in (1, 2, 10, 5):
        index.remove(np.array([gone]))
        del alive[gone]
        check()
    index.add(hashes[:1], np.array([1]))
    alive[1] = hashes[0]
    check()
    index.remove(np.array(sorted(alive)))
    alive.clear()
    check()


def test_one_hash_under_three_ids_is_three_records() -> None:
    value = at_distance(256, 77)
    index = HammingIndex(256)
    index.add(np.stack([value] * 3), np.array([30, -1, 12]))
    assert index.range_search(value[None], 0).ids.tolist() == [-1, 12, 30]
    assert index.knn(value[None], 2).ids.tolist() == [-1, 12]


def test_many_single_adds_give_the_content_of_one() -> None:
    hashes = np.random.default_rng(4).integers(0, 256, (10_000, 32), dtype=np.uint8)
    at_once = HammingIndex(256)
    at_once.add(hashes)
    singly = HammingIndex(256)
    segments = []
    for i in range(len(hashes)):
        singly.add(hashes[i : i + 1])
        segments.append(len(singly.explain(hashes[0], 31).segments))
    queries = hashes[::500]
    assert same(at_once.range_search(queries, 100), singly.range_search(queries, 100))
    assert same(at_once.knn(queries, 20), singly.knn(queries, 20))
    # At most three segments of a size, sizes four times each other's: each hash was moved a
    # logarithmic number of times, and a search looks at few.
    assert max(segments) <= 3 * 4
    assert singly.memory_bytes < 1.1 * at_once.memory_bytes


def test_two_radii_at_once_on_one_index() -> None:
    rng = np.random.default_rng(12)
    hashes = rng.integers(0, 256, (4000, 32), dtype=np.uint8)
    queries = hashes[:500].copy()
    queries[:, 0] ^= 1
    index = HammingIndex(256)
    index.add(hashes)
    expected = {radius: index.range_search(queries, radius) for radius in (0, 31)}
    assert len(expected[0].ids) == 0
    assert len(expected[31].ids) == 500
    radii = [0, 31] * 20
    with ThreadPoolExecutor(4) as pool:
        found = pool.map(lambda radius: index.range_search(queries, radius), radii)
        assert all(same(got, expected[radius]) for got, radius in zip(found, radii, strict=True))


CHILD = """
import multiprocessing, os, sys
import numpy as np
from hashmatch.index import HammingIndex

def searched(seed):
    hashes = np.random.default_rng(seed).integers(0, 256, (3000, 32), dtype=np.uint8)
    index = HammingIndex(256)
    index.add(hashes)
    return index, hashes, index.range_search(hashes[:50], 110).ids.tolist()

def digest(seed):
    return searched(seed)[2]

if __name__ == "__main__":
    index, hashes, expected = searched(5)
    assert len(expected) > 50
    if sys.argv[1] == "spawn":
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            assert pool.map(digest, [5]) == [expected]
    else:
        child = os.fork()
        if child == 0:
            same = index.range_search(hashes[:50], 110).ids.tolist() == expected
            index.add(hashes[:1])
            os._exit(0 if same and len(index) == 3001 else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert len(index) == 3000
    print("finished")
"""


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_child_process_searches_too(method: str, tmp_path: Path) -> None:
    script = tmp_path / "child.py"
    script.write_text(CHILD, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, script, method], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (0, "finished\n"), done.stderr


def test_distance_is_in_bits_not_bytes() -> None:
    index = HammingIndex(16)
    index.add(np.array([[255, 0], [1, 1]], np.uint8), np.array([255, 11]))
    result = index.knn(np.zeros((1, 2), np.uint8), 2)
    assert (result.ids.tolist(), result.distances.tolist()) == ([11, 255], [2, 8])
