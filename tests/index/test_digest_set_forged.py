"""What the file of a digest set claims is checked before it answers, whoever wrote it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from reference.digests import Bytes

from hashmatch.errors import IndexCorruptError, IndexFileError, IndexVersionError
from hashmatch.index import DigestSet, DigestSetBuilder
from hashmatch.index.digest_records import pack
from hashmatch.index.section_writer import SectionWriter


def random_digests(n: int, width: int) -> Bytes:
    return np.random.default_rng(5).integers(0, 256, (n, width), dtype=np.uint8)


Forged = Callable[[Bytes, NDArray[np.uint32]], tuple[Any, Any]]


def forged(
    path: Path, records: Any, directory: Any, *, width: Any = 20, payload: Any = 0
) -> DigestSet:
    with SectionWriter(path, kind="digest-set", meta={"width": width, "payload": payload}) as file:
        file.write("records", records)
        file.write("directory", directory)
    return DigestSet.open(path)


def sound_parts() -> tuple[Bytes, NDArray[np.uint32]]:
    known = DigestSet.from_arrays(random_digests(64, 20))
    assert known._arrays is not None
    records, directory = known._arrays
    return records.copy(), directory.copy()


def swapped(records: Bytes, i: int, k: int) -> Bytes:
    out = records.copy()
    out[[i, k]] = records[[k, i]]
    return out


def changed(directory: NDArray[np.uint32], at: int, by: int) -> NDArray[np.uint32]:
    out = directory.astype(np.int64)
    out[at] += by
    return out.astype(np.uint32)


@pytest.mark.parametrize(
    "lie",
    [
        lambda r, d: (swapped(r, 0, len(r) - 1), d),
        lambda r, d: (swapped(r, 10, 11), d),
        lambda r, d: (np.vstack([r[:5], r[4:-1]]), d),
        lambda r, d: (r[::-1], d),
        lambda r, d: (r, changed(d, 0, 1)),
        lambda r, d: (r, changed(d, -1, 1)),
        lambda r, d: (r, changed(d, -1, -1)),
        lambda r, d: (r, changed(d, 3, 2**31)),
        lambda r, d: (r, changed(d, 3, 1)),
        lambda r, d: (r, changed(d, 3, -1)),
        lambda r, d: (r, np.zeros_like(d)),
        lambda r, d: (r, np.full_like(d, 2**32 - 1)),
        lambda r, d: (r, d[::-1]),
    ],
)
def test_a_forged_order_never_answers(tmp_path: Path, lie: Forged) -> None:
    """The checksums are right: the author made them."""
    records, directory = sound_parts()
    known = forged(tmp_path / "set", *lie(records, directory))
    for ask in (lambda: known.contains(records), known.verify, lambda: known.contains(records)):
        with pytest.raises(IndexCorruptError, match="order"):
            ask()


def test_what_is_not_forged_answers(tmp_path: Path) -> None:
    records, directory = sound_parts()
    assert forged(tmp_path / "set", records, directory).contains(records).all()


def test_payloads_out_of_order_never_answer(tmp_path: Path) -> None:
    digests = np.zeros((3, 20), dtype=np.uint8)
    records = np.empty((3, 28), dtype=np.uint8)
    directory = np.array([0, 3], dtype=np.uint32)
    for payload in ([1, 2, 2], [1, 3, 2], [0, 1, -1]):
        pack(digests, np.array(payload, dtype=np.int64), records)
        known = forged(tmp_path / "set", records, directory, payload=1)
        with pytest.raises(IndexCorruptError, match="order"):
            known.find(digests)
    pack(digests, np.array([-1, 2, 3], dtype=np.int64), records)
    known = forged(tmp_path / "set", records, directory, payload=1)
    assert known.find(digests[:1]).payloads.tolist() == [-1, 2, 3]


@pytest.mark.parametrize(
    ("lie", "meta"),
    [
        (lambda r, d: (r, d), {"width": 16}),
        (lambda r, d: (r, d), {"width": 32}),
        (lambda r, d: (r, d), {"width": "20"}),
        (lambda r, d: (r, d), {"width": 2**70}),
        (lambda r, d: (r, d), {"payload": 1}),
        (lambda r, d: (r, d), {"payload": 2}),
        (lambda r, d: (r, d), {"payload": "0"}),
        (lambda r, d: (r.reshape(-1), d), {}),
        (lambda r, d: (r.astype(np.uint16), d), {}),
        (lambda r, d: (r[:8], d), {}),
        (lambda r, d: (r, d[:-1]), {}),
        (lambda r, d: (r, d[:0]), {}),
        (lambda r, d: (r, d.astype(np.uint64)), {}),
        (lambda r, d: (r, d.reshape(-1, 1)), {}),
    ],
)
def test_a_forged_shape_does_not_open(tmp_path: Path, lie: Forged, meta: dict[str, Any]) -> None:
    with pytest.raises(IndexCorruptError):
        forged(tmp_path / "set", *lie(*sound_parts()), **meta)


def test_any_flipped_byte_is_found_before_an_answer(tmp_path: Path) -> None:
    digests = random_digests(60, 16)
    path = tmp_path / "set"
    with DigestSetBuilder(path, width=16, with_payload=True) as builder:
        builder.add(digests, np.arange(60, dtype=np.int64))
    content = path.read_bytes()
    rng = np.random.default_rng(8)
    places = [i for i in range(len(content)) if content[i]] + rng.integers(
        0, len(content), 300
    ).tolist()
    for place in places:
        broken = bytearray(content)
        broken[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(broken)
        with pytest.raises((IndexCorruptError, IndexVersionError)):  # noqa: PT012
            known = DigestSet.open(path)
            known.find(digests)
    for length in (*range(0, len(content), 509), len(content) - 1):
        path.write_bytes(content[:length])
        with pytest.raises(IndexCorruptError):
            DigestSet.open(path)
    path.write_bytes(content + b"\0")
    with pytest.raises(IndexCorruptError):
        DigestSet.open(path)


def test_no_such_file_and_another_kind(tmp_path: Path) -> None:
    with pytest.raises(IndexFileError, match="missing"):
        DigestSet.open(tmp_path / "missing")
    with pytest.raises(IndexFileError):
        DigestSet.open(tmp_path)
    with SectionWriter(tmp_path / "other", kind="other", meta={}) as file:
        file.write("records", np.zeros((1, 20), dtype=np.uint8))
    with pytest.raises(IndexCorruptError, match="kind"):
        DigestSet.open(tmp_path / "other")
