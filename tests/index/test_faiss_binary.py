"""ApproximateIndex: what it gives is true, what it says of its recall is what was measured."""

from __future__ import annotations

import sys
from typing import Any

import faiss
import numpy as np
import pytest
from numpy.typing import NDArray

from hashmatch.errors import InputError, InputTypeError, MissingExtraError
from hashmatch.index import ApproximateIndex, ApproximateResult, HammingIndex
from hashmatch.index.faiss_kinds import KINDS
from hashmatch.index.recall import perturbed

Hashes = NDArray[np.uint8]


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    """faiss's own threads only wait for each other on inputs as small as these."""
    faiss.omp_set_num_threads(1)


def crowded(n: int, seed: int) -> Hashes:
    """Hashes in groups of near ones, so that every radius has hits."""
    rng = np.random.default_rng(seed)
    centres = rng.integers(0, 256, (max(1, n // 20), 32), dtype=np.uint8)
    hashes = centres[rng.integers(0, len(centres), n)]
    flips = np.packbits(rng.random((n, 256)) < 0.06, axis=1)
    return np.bitwise_xor(hashes, flips)


def hits_of(result: ApproximateResult) -> set[tuple[int, int, int]]:
    queries = np.repeat(np.arange(len(result)), np.diff(result.offsets))
    columns = zip(queries, result.ids, result.distances, strict=True)
    return {(int(q), int(i), int(d)) for q, i, d in columns}


def exact_hits(
    hashes: Hashes, ids: NDArray[np.int64], queries: Hashes, radius: int
) -> set[tuple[int, int, int]]:
    index = HammingIndex(hashes.shape[1] * 8)
    index.add(hashes, ids)
    found = index.range_search(queries, radius)
    numbers = np.repeat(np.arange(len(queries)), np.diff(found.offsets))
    columns = zip(numbers, found.ids, found.distances, strict=True)
    return {(int(q), int(i), int(d)) for q, i, d in columns}


def problem(n: int = 1500) -> tuple[Hashes, NDArray[np.int64], Hashes]:
    hashes = crowded(n, 1)
    ids = np.random.default_rng(2).permutation(np.arange(-n, n))[:n]
    ids[0], ids[1] = np.iinfo(np.int64).max, np.iinfo(np.int64).min
    return hashes, ids, perturbed(hashes, 33, 80, seed=5)


@pytest.mark.parametrize("radius", [0, 12, 31, 60])
@pytest.mark.parametrize(
    ("kind", "options"),
    [("hnsw", {}), ("hnsw", {"links": 2, "effort": 1}), ("ivf", {}), ("ivf", {"probes": 1})],
)
def test_hits_are_a_part_of_the_exact_ones(kind: str, options: Any, radius: int) -> None:
    hashes, ids, queries = problem()
    index = ApproximateIndex.build(hashes, ids, kind=kind, max_distance=radius, **options)
    result = index.range_search(queries, radius)
    exact = exact_hits(hashes, ids, queries, radius)
    found = hits_of(result)
    assert found <= exact
    assert len(found) == len(result.ids)
    assert len(exact) > 2 * radius
    keys = list(zip(result.distances.tolist(), result.ids.tolist(), strict=True))
    for i in range(len(queries)):
        row = keys[result.offsets[i] : result.offsets[i + 1]]
        assert row == sorted(row)
        assert [a.tolist() for a in result.of(i)] == [[r[1] for r in row], [r[0] for r in row]]
    assert result.offsets.dtype == result.ids.dtype == np.int64
    assert result.distances.dtype == np.uint16
    assert (result.recall, result.measured_on) == (index.recall, index.measured_on)
    assert result.radius == index.radius == radius
    assert (len(index), index.bits, index.kind) == (len(hashes), 256, kind)


def test_every_list_probed_is_exact() -> None:
    hashes, ids, queries = problem()
    index = ApproximateIndex.build(hashes, ids, kind="ivf", lists=40, probes=40)
    assert index.recall == 1.0
    assert hits_of(index.range_search(queries, 31)) == exact_hits(hashes, ids, queries, 31)


@pytest.mark.parametrize(
    ("kind", "options"), [("hnsw", {"links": 2, "effort": 1}), ("ivf", {"lists": 60, "probes": 1})]
)
def test_the_recall_is_what_was_measured(kind: str, options: Any) -> None:
    """Counted again here, with the same sample; parameters so poor that neighbours are missed."""
    hashes, ids, _ = problem()
    index = ApproximateIndex.build(
        hashes, ids, kind=kind, max_distance=29, sample=90, seed=4, **options
    )
    queries = perturbed(hashes, 29, 90, seed=4)
    exact = exact_hits(hashes, ids, queries, 29)
    found = hits_of(index.range_search(queries, 29))
    assert index.measured_on == len(exact)
    assert index.recall == len(found & exact) / len(exact)
    assert 0.0 < index.recall < 1.0


def test_the_recall_is_measured_over_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    hashes, ids, _ = problem(700)
    whole = ApproximateIndex.build(hashes, ids, kind="ivf", probes=2)
    monkeypatch.setattr("hashmatch.index.recall._BLOCK", 64)
    blocks = ApproximateIndex.build(hashes, ids, kind="ivf", probes=2)
    assert (blocks.recall, blocks.measured_on) == (whole.recall, whole.measured_on)
    assert whole.measured_on > 512


def test_the_sample_is_perturbed_by_every_distance() -> None:
    hashes = crowded(50, 3)
    queries = perturbed(hashes, 9, 40, seed=1)
    assert np.array_equal(queries, perturbed(hashes, 9, 40, seed=1))
    assert not np.array_equal(queries, perturbed(hashes, 9, 40, seed=2))
    for number, query in enumerate(queries):
        apart = np.unpackbits(hashes ^ query, axis=1).sum(axis=1)
        assert number % 10 in apart.tolist()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("flips", [0, 1, 31, 32, 255, 256])
def test_the_radius_is_inclusive(kind: str, flips: int) -> None:
    hashes = crowded(300, 6)
    bits = np.unpackbits(hashes[7])
    bits[:flips] ^= 1
    query = np.packbits(bits)[None]
    index = ApproximateIndex.build(
        hashes, kind=kind, lists=1 if kind == "ivf" else None, effort=300
    )
    assert index.recall == 1.0
    inside = index.range_search(query, flips)
    ids, distances = inside.of(0)
    assert distances[ids == 7].tolist() == [flips]
    if flips:
        assert 7 not in index.range_search(query, flips - 1).ids


@pytest.mark.parametrize("n", [15, 16, 17, 63, 64, 65, 300])
def test_a_graph_is_asked_for_more_until_one_is_beyond(
    n: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every hash is within the radius of one query and none of the other; at most 64 may be asked
    for, and then the result says that there are more."""
    monkeypatch.setattr("hashmatch.index.faiss_kinds.MOST_NEIGHBOURS", 64)
    rng = np.random.default_rng(n)
    hashes = np.packbits(rng.random((n, 256)) < 0.1, axis=1)
    ids = np.arange(n, dtype=np.int64) + 1000
    queries = np.stack([hashes[0], ~hashes[0]])
    index = ApproximateIndex.build(hashes, ids, effort=600, sample=20, max_distance=3)
    assert index.recall == 1.0
    result = index.range_search(queries, 100)
    assert result.truncated.tolist() == [n > 64, False]
    exact = sorted((d, i) for q, i, d in exact_hits(hashes, ids, queries[:1], 100))
    assert len(exact) == n
    assert len(result.ids) == min(n, 64)
    assert result.distances.tolist() == sorted(result.distances.tolist())
    assert hits_of(result) <= {(0, i, d) for d, i in exact}


def test_copies_of_one_hash() -> None:
    """A graph does not reach all of them; the recall says so, and nothing stands twice."""
    hashes = np.zeros((900, 8), np.uint8)
    index = ApproximateIndex.build(hashes, effort=40, sample=1)
    result = index.range_search(hashes[:1], 3)
    assert len(set(result.ids.tolist())) == len(result.ids)
    assert 1 <= len(result.ids) <= 900
    assert index.measured_on == 900
    assert index.recall == len(result.ids) / 900


@pytest.mark.parametrize("kind", KINDS)
def test_no_queries(kind: str) -> None:
    index = ApproximateIndex.build(crowded(30, 1), kind=kind)
    result = index.range_search(np.empty((0, 32), np.uint8), 31)
    assert result.offsets.tolist() == [0]
    assert len(result.ids) == len(result.distances) == len(result.truncated) == len(result) == 0
    with pytest.raises(InputError, match="query: expected"):
        result.of(0)


@pytest.mark.parametrize("kind", KINDS)
def test_one_hash(kind: str) -> None:
    index = ApproximateIndex.build(
        np.zeros((1, 2), np.uint8), np.array([-3]), kind=kind, max_distance=16
    )
    assert index.bits == 16
    result = index.range_search(np.array([[0, 1], [255, 255]], np.uint8), 15)
    assert result.ids.tolist() == [-3]
    assert result.distances.tolist() == [1]
    assert index.range_search(np.array([[255, 255]], np.uint8), 10**9).distances.tolist() == [16]


ROWS = np.zeros((3, 32), np.uint8)
WRONG: dict[str, tuple[Any, dict[str, Any], type[InputError], str]] = {
    "no array": ([[1]], {}, InputTypeError, "hashes: expected uint8"),
    "floats": (np.zeros((3, 32)), {}, InputTypeError, "float64"),
    "one axis": (np.zeros(32, np.uint8), {}, InputError, "hashes: expected"),
    "none": (np.zeros((0, 32), np.uint8), {}, InputError, "n and n_bytes 1 or more"),
    "empty rows": (np.zeros((3, 0), np.uint8), {}, InputError, "n and n_bytes 1 or more"),
    "few ids": (ROWS, {"ids": np.arange(2)}, InputError, "one id a hash (3), got 2"),
    "ids twice": (ROWS, {"ids": np.array([4, 1, 4])}, InputError, "id 4 stands twice"),
    "float ids": (ROWS, {"ids": np.zeros(3)}, InputTypeError, "ids: expected int64"),
    "kind": (ROWS, {"kind": "flat"}, InputError, "kind: expected 'hnsw' or 'ivf', got 'flat'"),
    "radius": (ROWS, {"max_distance": 257}, InputError, "expected 0 to 256 bits, got 257"),
    "no radius": (ROWS, {"max_distance": -1}, InputError, "max_distance: expected 0 or more"),
    "sample": (ROWS, {"sample": 0}, InputError, "sample: expected 1 or more"),
    "seed": (ROWS, {"seed": 1.5}, InputTypeError, "seed: expected an integer"),
    "links": (ROWS, {"links": 1}, InputError, "links: expected 2 or more"),
    "effort": (ROWS, {"effort": 0}, InputError, "effort: expected 1 or more"),
    "probes": (ROWS, {"kind": "ivf", "probes": 0}, InputError, "probes: expected 1 or more"),
    "lists": (ROWS, {"kind": "ivf", "lists": 0}, InputError, "lists: expected 1 or more"),
    "too many lists": (ROWS, {"kind": "ivf", "lists": 4}, InputError, "at most one a hash (3)"),
}


@pytest.mark.parametrize("case", sorted(WRONG))
def test_what_build_refuses(case: str) -> None:
    hashes, options, error, message = WRONG[case]
    with pytest.raises(InputError) as raised:
        ApproximateIndex.build(hashes, **options)
    assert type(raised.value) is error
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("queries", "radius", "error"),
    [
        (np.zeros((1, 31), np.uint8), 3, InputError),
        (np.zeros((1, 32)), 3, InputTypeError),
        (ROWS, -1, InputError),
        (ROWS, 3.0, InputTypeError),
    ],
)
def test_what_a_search_refuses(queries: Any, radius: Any, error: type[InputError]) -> None:
    index = ApproximateIndex.build(ROWS, lists=1, kind="ivf")
    with pytest.raises(InputError) as raised:
        index.range_search(queries, radius)
    assert type(raised.value) is error


def test_without_faiss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faiss", None)
    for kind in KINDS:
        with pytest.raises(MissingExtraError, match=r"pip install 'hashmatch\[approximate\]'"):
            ApproximateIndex.build(ROWS, kind=kind)
