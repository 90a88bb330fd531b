"""The container of index files: what is wrong with a file is found before it is believed."""

from __future__ import annotations

import signal
import stat
import subprocess
import sys
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xxhash
from hypothesis import given, settings
from hypothesis import strategies as st

from hashmatch.errors import IndexCorruptError, IndexFileError, IndexVersionError
from hashmatch.index.file_format import (
    ALIGNMENT,
    CHECKSUM,
    DTYPES,
    ENTRY,
    HEADER,
    HEADER_CHECKSUM_AT,
    SectionFile,
    open_sections,
)
from hashmatch.index.section_writer import SectionWriter

KIND = "test-kind"
META: dict[str, int | str] = {"bits": 256, "name": "small"}


def write(path: Path, arrays: dict[str, Any], meta: dict[str, int | str] = META) -> Path:
    with SectionWriter(path, kind=KIND, meta=meta) as writer:
        for name, array in arrays.items():
            writer.write(name, array)
    return path


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return write(
        tmp_path / "small.hmx",
        {"a": np.arange(5, dtype=np.uint64), "b": np.ones((3, 20), np.uint8)},
    )


def read_all(path: Path) -> SectionFile:
    file = open_sections(path, kind=KIND)
    file.ensure_verified()
    return file


def header_of(data: bytes) -> list[Any]:
    return list(HEADER.unpack_from(data, 0))


def with_header(data: bytes, fields: list[Any]) -> bytes:
    """The file with another header, whose checksum is right."""
    header = HEADER.pack(*fields)
    return header + CHECKSUM.pack(xxhash.xxh3_64_intdigest(header)) + data[len(header) + 8 :]


def with_index(data: bytes, index: bytes, **changes: Any) -> bytes:
    """The file with another table and meta, all checksums right."""
    fields = header_of(data)
    at = fields[7]
    fields[3] = at + len(index)
    fields[8] = xxhash.xxh3_64_intdigest(index)
    names = ("magic", "version", "header", "total", "kind", "sections", "meta", "at", "sum")
    for name, value in changes.items():
        fields[names.index(name)] = value
    return with_header(data[:at] + index, fields)


def entries_of(data: bytes) -> tuple[list[list[Any]], bytes]:
    fields = header_of(data)
    index = data[fields[7] :]
    entries = [list(ENTRY.unpack_from(index, i * ENTRY.size)) for i in range(fields[5])]
    return entries, index[fields[5] * ENTRY.size :]


def test_what_was_written_is_read(small: Path) -> None:
    file = read_all(small)
    assert (file.kind, dict(file.meta), file.path) == (KIND, META, small)
    assert file.total_bytes == small.stat().st_size
    assert file["a"].tolist() == [0, 1, 2, 3, 4]
    assert file["b"].shape == (3, 20)
    assert not file["a"].flags.writeable
    assert ("a" in file, "c" in file) == (True, False)
    with pytest.raises(IndexCorruptError, match="expected a section 'c', got none"):
        file["c"]
    assert stat.S_IMODE(small.stat().st_mode) == 0o600
    assert file["a"].ctypes.data % 64 == 0


def test_every_flipped_byte_is_found(small: Path) -> None:
    data = small.read_bytes()
    assert len(data) < 4 * ALIGNMENT
    for place in range(len(data)):
        broken = bytearray(data)
        broken[place] ^= 1 << (place % 8)
        small.write_bytes(broken)
        with pytest.raises(IndexFileError):
            read_all(small)
    small.write_bytes(data)
    read_all(small)


def test_every_truncation_and_every_addition_is_found(small: Path) -> None:
    data = small.read_bytes()
    for length in [*range(0, len(data), 7), len(data) - 1]:
        small.write_bytes(data[:length])
        with pytest.raises(IndexFileError):
            open_sections(small, kind=KIND)
    for more in (b"\0", b"x" * 5000):
        small.write_bytes(data + more)
        with pytest.raises(IndexCorruptError, match="cut or changed"):
            open_sections(small, kind=KIND)


HUGE = [0, 1, 2**31, 2**32 - 1, 2**63, 2**64 - 1]


@pytest.mark.parametrize("field", range(1, 9))
def test_forged_header_fields(small: Path, field: int) -> None:
    """With a right checksum; nothing is allocated by what a file says."""
    data = small.read_bytes()
    limit = 2**32 if field in (1, 2, 5, 6) else 2**64
    values = [b"other"] if field == 4 else [v for v in HUGE if v < limit]
    for value in values:
        fields = header_of(data)
        if fields[field] == value:
            continue
        fields[field] = value
        small.write_bytes(with_header(data, fields))
        tracemalloc.start()
        with pytest.raises(IndexFileError):
            open_sections(small, kind=KIND)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 1 << 20


@pytest.mark.parametrize("field", range(6))
@pytest.mark.parametrize("section", [0, 1])
def test_forged_table_fields(small: Path, section: int, field: int) -> None:
    data = small.read_bytes()
    values = [b"", b"b" if section == 0 else b"a", b"\xff", b"a\nb"] if field == 0 else HUGE
    for value in values:
        entries, meta = entries_of(data)
        limit = 2**32 if field in (1, 2) else 2**64
        if isinstance(value, int) and (value >= limit or value == entries[section][field]):
            continue
        if field == 2 and value == 1 and section == 0:
            continue  # a column of one is the same bytes
        entries[section][field] = value
        index = b"".join(ENTRY.pack(*entry) for entry in entries) + meta
        small.write_bytes(with_index(data, index))
        with pytest.raises(IndexFileError):
            open_sections(small, kind=KIND)


@pytest.mark.parametrize(
    "meta", [b"", b"[]", b"{", b'{"a":1.5}', b'{"a":null}', b'{"a":true}', b"[" * 100_000, b"\xff"]
)
def test_forged_meta(small: Path, meta: bytes) -> None:
    data = small.read_bytes()
    entries, _ = entries_of(data)
    index = b"".join(ENTRY.pack(*entry) for entry in entries) + meta
    small.write_bytes(with_index(data, index, meta=len(meta)))
    with pytest.raises(IndexCorruptError, match="meta"):
        open_sections(small, kind=KIND)


def test_a_newer_version_is_named(small: Path) -> None:
    fields = header_of(small.read_bytes())
    fields[1] = 7
    small.write_bytes(with_header(small.read_bytes(), fields))
    with pytest.raises(IndexVersionError, match="expected index format 1 or older, got 7"):
        open_sections(small, kind=KIND)


def test_what_is_no_index_file(tmp_path: Path, small: Path) -> None:
    with pytest.raises(IndexCorruptError, match="expected a file of kind 'other', got 'test-kind'"):
        open_sections(small, kind="other")
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(IndexFileError, match="can't be opened"):
            open_sections(path, kind=KIND)
    text = tmp_path / "text"
    text.write_text("MD5;SHA1\n" * 1000)
    with pytest.raises(IndexCorruptError, match="expected an index file that begins with"):
        open_sections(text, kind=KIND)
    text.write_text("")
    with pytest.raises(IndexCorruptError, match="expected 4096 bytes or more, got 0"):
        open_sections(text, kind=KIND)


arrays = st.tuples(
    st.sampled_from(list(DTYPES.values())), st.integers(0, 40), st.integers(0, 5)
).map(
    lambda shape: (
        np.arange(shape[1] * max(shape[2], 1)).astype(shape[0]).reshape(-1, shape[2])
        if shape[2]
        else np.arange(shape[1]).astype(shape[0])
    )
)


@settings(max_examples=50)
@given(
    st.dictionaries(st.text("abc.-_0", min_size=1, max_size=32), arrays, max_size=5),
    st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=9), max_size=4),
)
def test_any_content_comes_back(
    tmp_path_factory: pytest.TempPathFactory,
    content: dict[str, Any],
    meta: dict[str, int | str],
) -> None:
    folder = tmp_path_factory.mktemp("content")
    path = write(folder / "one", content, meta)
    file = read_all(path)
    assert dict(file.meta) == meta
    for name, array in content.items():
        assert file[name].dtype == array.dtype
        assert np.array_equal(file[name], array)
    again = write(folder / "two", content, meta)
    assert again.read_bytes() == path.read_bytes()
    assert read_all(again).checksum == file.checksum


def test_streamed_and_whole_sections_are_the_same(tmp_path: Path) -> None:
    whole = write(tmp_path / "whole", {"a": np.arange(100, dtype=np.int64)})
    with SectionWriter(tmp_path / "streamed", kind=KIND, meta=META) as writer:
        section = writer.open_section("a", np.int64)
        for first in range(0, 100, 7):
            section.append(np.arange(first, min(first + 7, 100), dtype=np.int64))
    assert (tmp_path / "streamed").read_bytes() == whole.read_bytes()


def test_a_failed_writer_leaves_what_was_there(small: Path) -> None:
    before = small.read_bytes()
    with pytest.raises(ValueError, match="a type or name that the format does not know"):
        write(small, {"a": np.zeros(10_000, np.uint8), "b": np.zeros(3, np.complex128)})
    assert small.read_bytes() == before
    assert list(small.parent.iterdir()) == [small]
    with pytest.raises(IndexFileError, match="can't be written"):
        SectionWriter(small.parent / "no" / "folder", kind=KIND, meta={})


def test_a_killed_writer_leaves_what_was_there(small: Path) -> None:
    before = small.read_bytes()
    code = (
        "import sys, time, numpy as np\n"
        "from hashmatch.index.section_writer import SectionWriter\n"
        "with SectionWriter(sys.argv[1], kind='test-kind', meta={}) as writer:\n"
        "    writer.write('a', np.zeros(100_000, np.uint8))\n"
        "    print('half', flush=True)\n"
        "    time.sleep(60)\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(small)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "half\n"
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    assert small.read_bytes() == before
    write(small, {"a": np.zeros(3, np.uint8)})
    assert len(read_all(small)["a"]) == 3


def test_views_outlive_the_file_object(small: Path) -> None:
    with open_sections(small, kind=KIND) as file:
        view = file["a"]
    small.unlink()
    assert view.tolist() == [0, 1, 2, 3, 4]
    with pytest.raises(IndexFileError, match="expected an open file, got a closed one"):
        file["a"]


def test_threads_verify_once(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = open_sections(small, kind=KIND)
    count = []
    verify = SectionFile.verify

    def counted(self: SectionFile) -> None:
        count.append(1)
        verify(self)

    monkeypatch.setattr(SectionFile, "verify", counted)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: file.ensure_verified(), range(50)))
    assert len(count) == 1


def test_the_page_states_the_sizes() -> None:
    page = (Path(__file__).parents[2] / "docs" / "index-format.md").read_text(encoding="utf-8")
    assert f"header fields: {HEADER_CHECKSUM_AT} bytes" in page
    assert f"row: {ENTRY.size} bytes" in page
    assert f"aligned to {ALIGNMENT}" in page
