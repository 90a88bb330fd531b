"""An ApproximateIndex as a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest
from numpy.typing import NDArray

from hashmatch.errors import IndexCorruptError, IndexFileError, MissingExtraError
from hashmatch.index import ApproximateIndex
from hashmatch.index.faiss_kinds import KINDS
from hashmatch.index.section_writer import SectionWriter

HASHES = np.random.default_rng(4).integers(0, 256, (400, 32), dtype=np.uint8)
IDS = np.random.default_rng(5).permutation(np.arange(-200, 200))


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    faiss.omp_set_num_threads(1)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_saved_comes_back(kind: str, tmp_path: Path) -> None:
    index = ApproximateIndex.build(HASHES, IDS, kind=kind, max_distance=20, probes=1, effort=3)
    index.save(tmp_path / "approximate")
    opened = ApproximateIndex.open(tmp_path / "approximate")
    for name in ("kind", "bits", "recall", "measured_on", "radius"):
        assert getattr(opened, name) == getattr(index, name)
    assert len(opened) == 400
    for radius in (0, 40, 110):
        before = index.range_search(HASHES[:50], radius)
        after = opened.range_search(HASHES[:50], radius)
        for name in ("offsets", "ids", "distances", "truncated"):
            assert np.array_equal(getattr(before, name), getattr(after, name))
        assert len(before.ids) > 20


def saved(path: Path) -> bytes:
    ApproximateIndex.build(HASHES, IDS, kind="ivf").save(path)
    return path.read_bytes()


def test_any_flipped_byte_is_found(tmp_path: Path) -> None:
    """Before faiss sees it: it would read on with whatever sizes stand there."""
    path = tmp_path / "approximate"
    good = saved(path)
    rng = np.random.default_rng(1)
    for place in [*range(0, 110), *rng.integers(0, len(good), 200).tolist()]:
        bad = bytearray(good)
        bad[place] ^= 1 << int(rng.integers(0, 8))
        path.write_bytes(bad)
        with pytest.raises(IndexFileError):
            ApproximateIndex.open(path)
    path.write_bytes(good[:-1])
    with pytest.raises(IndexCorruptError):
        ApproximateIndex.open(path)


def serialised(index: Any) -> NDArray[np.uint8]:
    array: NDArray[np.uint8] = faiss.serialize_index_binary(index)
    return array


def flat(bits: int, n: int) -> Any:
    index = faiss.IndexBinaryFlat(bits)
    index.add(np.zeros((n, bits // 8), np.uint8))
    return index


def graph(bits: int, n: int) -> Any:
    index = faiss.IndexBinaryHNSW(bits, 4)
    index.add(np.zeros((n, bits // 8), np.uint8))
    return index


META: dict[str, Any] = {"kind": "hnsw", "bits": 16, "found": 1, "neighbours": 2, "max_distance": 3}
LIES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "kind": ({"kind": "flat"}, {}, "'kind'"),
    "no kind": ({"kind": 3}, {}, "'kind'"),
    "another index": ({}, {"faiss": serialised(flat(16, 3))}, "IndexBinaryHNSW, got IndexBinaryF"),
    "other kind": ({"kind": "ivf"}, {}, "IndexBinaryIVF, got IndexBinaryHNSW"),
    "bits": ({"bits": 24}, {}, "expected 3 hashes of 24 bits, got 3 of 16"),
    "more ids": ({}, {"ids": np.arange(4)}, "expected 4 hashes of 16 bits, got 3 of 16"),
    "ids twice": ({}, {"ids": np.array([5, 6, 5])}, "expected each once"),
    "recall over one": ({"found": 3}, {}, "expected a recall"),
    "recall below none": ({"found": -1}, {}, "expected a recall"),
    "recall of nothing": ({"found": 0, "neighbours": 0}, {}, "expected a recall"),
    "radius": ({"max_distance": 17}, {}, "expected a radius, got 17"),
    "no radius": ({"max_distance": "3"}, {}, "'max_distance': expected a number"),
    "no bytes": ({}, {"faiss": np.empty(0, np.uint8)}, "faiss refused"),
    "not faiss's": ({}, {"faiss": np.frombuffer(b"nothing of faiss", np.uint8)}, "faiss refused"),
    "cut": ({}, {"faiss": serialised(graph(16, 3))[:-9]}, "faiss refused"),
}


@pytest.mark.parametrize("case", ["good", *sorted(LIES)])
def test_a_file_with_right_checksums_that_lies(case: str, tmp_path: Path) -> None:
    meta, sections, message = LIES.get(case, ({}, {}, ""))
    path = tmp_path / "approximate"
    with SectionWriter(path, kind="approximate", meta=META | meta) as writer:
        content = {"ids": np.array([7, 8, 9]), "faiss": serialised(graph(16, 3))} | sections
        for name, array in content.items():
            writer.write(name, array)
    if case == "good":
        assert ApproximateIndex.open(path).recall == 0.5
        return
    with pytest.raises(IndexCorruptError, match=message) as raised:
        ApproximateIndex.open(path)
    assert str(path) in str(raised.value)


def test_without_faiss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved(tmp_path / "approximate")
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(MissingExtraError, match="approximate"):
        ApproximateIndex.open(tmp_path / "approximate")


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(IndexFileError, match="missing"):
        ApproximateIndex.open(tmp_path / "missing")
    with SectionWriter(tmp_path / "other", kind="vectors", meta={}):
        pass
    with pytest.raises(IndexCorruptError, match="kind 'approximate', got 'vectors'"):
        ApproximateIndex.open(tmp_path / "other")
