"""A VectorIndex as a file: what comes back, and that nothing is answered from a bad one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from hashmatch.errors import IndexCorruptError, IndexFileError, IndexVersionError, InputError
from hashmatch.index import VectorIndex
from hashmatch.index.section_writer import SectionWriter

Rows = NDArray[np.uint8]


def vectors(n: int, dims: int = 144, seed: int = 0) -> Rows:
    return np.random.default_rng(seed).integers(0, 256, (n, dims), dtype=np.uint8)


def content(index: VectorIndex) -> tuple[int, list[int], list[int]]:
    result = index.knn(np.full((1, index.dims), 9, np.uint8), 10**6)
    return len(index), result.ids.tolist(), result.distances.tolist()


@pytest.mark.parametrize("dims", [1, 4, 9, 144, 4096])
@pytest.mark.parametrize("n", [0, 1, 16, 17, 100])
def test_what_is_saved_comes_back(n: int, dims: int, tmp_path: Path, isa: str) -> None:
    index = VectorIndex(dims)
    ids = np.random.default_rng(n).permutation(np.arange(-n, n))[:n]
    index.add(vectors(n, dims), ids)
    index.save(tmp_path / "vectors")
    opened = VectorIndex.open(tmp_path / "vectors", verify=n % 2 == 0)
    assert opened.dims == dims
    assert content(opened) == content(index)
    assert content(opened)[0] == n
    query = vectors(max(n, 1), dims)[-1:]
    assert opened.range_search(query, 0).ids.tolist() == ([ids[-1]] if n else [])
    assert isa
    opened.save(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == (tmp_path / "vectors").read_bytes()


def test_parts_and_removed_ones_are_saved_as_they_answer(tmp_path: Path) -> None:
    index = VectorIndex(20)
    for first in range(0, 300, 50):
        index.add(vectors(50, 20, seed=first), np.arange(first + 50, first, -1))
    index.remove(np.arange(1, 300, 7))
    index.save(tmp_path / "vectors")
    assert content(VectorIndex.open(tmp_path / "vectors")) == content(index)


def test_an_opened_index_is_mapped_and_changes_in_memory_only(tmp_path: Path) -> None:
    index = VectorIndex()
    index.add(vectors(4000))
    index.save(tmp_path / "vectors")
    before = (tmp_path / "vectors").read_bytes()
    opened = VectorIndex.open(tmp_path / "vectors")
    assert len(opened) == 4000
    assert opened.memory_bytes == 4000 * 8  # two sums of squares a row
    assert opened.add(vectors(3, seed=1)).tolist() == [4000, 4001, 4002]
    opened.remove(np.array([5, 4001]))
    assert len(opened) == 4001
    assert 5 not in opened.knn(vectors(1), 10**5).ids
    with pytest.raises(InputError, match="id 7 is already in the index"):
        opened.add(vectors(1), np.array([7]))
    assert (tmp_path / "vectors").read_bytes() == before
    opened.save(tmp_path / "vectors")  # over the file that it has mapped
    assert content(VectorIndex.open(tmp_path / "vectors")) == content(opened)
    assert len(VectorIndex.open(tmp_path / "vectors")) == 4001


@pytest.mark.parametrize("largest", [40, np.iinfo(np.int64).max])
def test_ids_number_on_after_opening(largest: int, tmp_path: Path) -> None:
    """From the largest id ever used, also where it has been removed."""
    index = VectorIndex(5)
    index.add(vectors(2, 5), np.array([1, largest]))
    index.remove(np.array([largest]))
    index.save(tmp_path / "vectors")
    opened = VectorIndex.open(tmp_path / "vectors")
    if largest == 40:
        assert opened.add(vectors(1, 5)).tolist() == [41]
    else:
        with pytest.raises(InputError, match="no id is left above the largest one"):
            opened.add(vectors(1, 5))


def answers(path: Path) -> Any:
    return content(VectorIndex.open(path))


def test_any_flipped_byte_is_found(tmp_path: Path) -> None:
    index = VectorIndex()
    index.add(vectors(40))
    path = tmp_path / "vectors"
    index.save(path)
    good = path.read_bytes()
    size = len(good)
    rng = np.random.default_rng(3)
    places = {*range(120), *range(size - 400, size, 3), *rng.integers(0, size, 400).tolist()}
    for place in sorted(places):
        bad = bytearray(good)
        bad[place] ^= 1 << int(rng.integers(0, 8))
        path.write_bytes(bad)
        with pytest.raises(IndexFileError):
            answers(path)
    assert len(places) > 500
    path.write_bytes(good)
    assert answers(path) == content(index)


@pytest.mark.parametrize("size", [0, 1, 4095, 4096, 8192, -1, -4096])
def test_a_cut_file(size: int, tmp_path: Path) -> None:
    index = VectorIndex()
    index.add(vectors(40))
    path = tmp_path / "vectors"
    index.save(path)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(IndexCorruptError):
        answers(path)


GOOD: dict[str, Any] = {
    "ids": np.array([1, 2, 3]),
    "head": np.zeros(64, np.uint8),
    "tail": np.zeros(64, np.uint8),
}
META: dict[str, Any] = {"layout": 1, "dims": 8, "next_id": 4}


def written(path: Path, meta: dict[str, Any], sections: dict[str, Any]) -> Path:
    with SectionWriter(path, kind="vectors", meta=meta) as writer:
        for name, array in sections.items():
            writer.write(name, array)
    return path


def test_the_hand_made_file_is_good(tmp_path: Path) -> None:
    """What the next test changes one thing of."""
    assert answers(written(tmp_path / "v", META, GOOD)) == (3, [1, 2, 3], [8 * 81] * 3)


LIES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "no dims": ({"dims": "8"}, {}, "'dims': expected a number"),
    "no such dims": ({"dims": 0}, {}, "dims: expected 1 to 4096, got 0"),
    "huge dims": ({"dims": 2**62}, {}, "incompatible"),
    "other dims": ({"dims": 16}, {}, "head and tail: expected"),
    "negative next id": ({"next_id": -1}, {}, "next_id: expected one above"),
    "taken next id": ({"next_id": 3}, {}, "next_id: expected one above"),
    "huge next id": ({"next_id": 2**63}, {}, "incompatible"),
    "ids twice": ({}, {"ids": np.array([1, 2, 2])}, "expected ascending ids, got 2 after 2"),
    "ids fall": ({}, {"ids": np.array([1, 3, 2])}, "expected ascending ids, got 2 after 3"),
    "more ids": ({}, {"ids": np.arange(17)}, "head and tail: expected"),
    "no ids": ({}, {"ids": np.empty(0, np.int64)}, "head and tail: expected"),
    "unsigned ids": ({}, {"ids": np.arange(3, dtype=np.uint64)}, "section 'ids': expected int64"),
    "two axes": ({}, {"head": np.zeros((1, 64), np.uint8)}, "section 'head': expected uint8"),
    "wide head": ({}, {"head": np.zeros(64, np.float32)}, "section 'head': expected uint8"),
    "short head": ({}, {"head": np.zeros(63, np.uint8)}, "head and tail: expected"),
    "long tail": ({}, {"tail": np.zeros(128, np.uint8)}, "head and tail: expected"),
}


@pytest.mark.parametrize("case", sorted(LIES))
def test_a_file_with_right_checksums_that_lies(case: str, tmp_path: Path) -> None:
    meta, sections, message = LIES[case]
    path = written(tmp_path / "v", META | meta, GOOD | sections)
    with pytest.raises(IndexCorruptError, match=message) as raised:
        answers(path)
    assert str(path) in str(raised.value)


def test_a_lie_is_refused_at_every_use(tmp_path: Path) -> None:
    path = written(tmp_path / "v", META, GOOD | {"ids": np.array([3, 2, 1])})
    index = VectorIndex.open(path)
    query = np.zeros((1, 8), np.uint8)
    for use in (
        lambda: index.range_search(query),
        lambda: index.knn(query, 1),
        lambda: index.add(query),
        lambda: index.remove(np.array([1])),
        lambda: index.save(path),
        lambda: len(index),
        lambda: index.memory_bytes,
    ):
        with pytest.raises(IndexCorruptError, match="expected ascending ids"):
            use()
    with pytest.raises(IndexCorruptError, match="expected ascending ids"):
        VectorIndex.open(path, verify=True)


@pytest.mark.parametrize("name", ["ids", "head", "tail"])
def test_a_missing_section(name: str, tmp_path: Path) -> None:
    sections = {key: array for key, array in GOOD.items() if key != name}
    with pytest.raises(IndexCorruptError, match=f"expected a section '{name}'"):
        answers(written(tmp_path / "v", META, sections))


def test_another_layout_is_a_newer_version(tmp_path: Path) -> None:
    with pytest.raises(IndexVersionError, match="expected layout 1, got 2"):
        answers(written(tmp_path / "v", META | {"layout": 2}, GOOD))


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(IndexFileError, match="missing"):
        VectorIndex.open(tmp_path / "missing")
    with pytest.raises(IndexFileError):
        VectorIndex.open(tmp_path)
    with SectionWriter(tmp_path / "other", kind="digests", meta={}):
        pass
    with pytest.raises(IndexCorruptError, match="kind 'vectors', got 'digests'"):
        VectorIndex.open(tmp_path / "other")
    with pytest.raises(IndexFileError, match="can't be written"):
        VectorIndex().save(tmp_path / "no folder" / "vectors")
