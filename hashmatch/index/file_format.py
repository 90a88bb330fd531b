"""The container of every index file: named arrays, mapped, each with a checksum.

docs/index-format.md has the layout byte by byte. Files are written once and never change; opening
reads the header and the table of sections, and checks every size in them against the file.
"""

from __future__ import annotations

import json
import mmap
import os
import stat
import struct
import sys
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
import xxhash
from numpy.typing import NDArray

from hashmatch.closing import Closing
from hashmatch.errors import IndexCorruptError, IndexFileError, IndexVersionError

MAGIC = b"HMATCHIX"
VERSION = 1
ALIGNMENT = 4096
HEADER_BYTES = ALIGNMENT
# magic, version, header bytes, file bytes, kind, sections, meta bytes, index offset, index checksum
HEADER = struct.Struct("<8sIIQ16sIIQQ")
CHECKSUM = struct.Struct("<Q")
HEADER_CHECKSUM_AT = HEADER.size
# name, dtype code, columns (0: one dimension), rows, offset, bytes, checksum
ENTRY = struct.Struct("<32sIIQQQQ")
DTYPES: Mapping[int, np.dtype[Any]] = {
    1: np.dtype("<u1"),
    2: np.dtype("<u2"),
    3: np.dtype("<u4"),
    4: np.dtype("<u8"),
    5: np.dtype("<i8"),
    6: np.dtype("<f4"),
    7: np.dtype("<f8"),
}
MAX_META_BYTES = 4 << 20
MAX_SECTIONS = 1 << 16
PIECE_BYTES = 16 << 20

Meta = Mapping[str, int | str]


class Section(NamedTuple):
    """One row of the table."""

    name: str
    dtype: np.dtype[Any]
    columns: int
    rows: int
    offset: int
    n_bytes: int
    checksum: int


class SectionFile(Closing):
    """A file of sections, mapped read-only. ``name in file`` and ``file[name]`` give its arrays.

    Made by ``open_sections``.
    """

    def __init__(
        self,
        path: Path,
        kind: str,
        meta: Meta,
        sections: Mapping[str, Section],
        mapped: mmap.mmap,
        checksum: str,
    ) -> None:
        self.path = path
        self.kind = kind
        self.meta = meta
        self.checksum = checksum
        self.total_bytes = len(mapped)
        self._sections = sections
        self._mapped: mmap.mmap | None = mapped
        self._verified = False
        self._lock = Lock()

    def __contains__(self, name: object) -> bool:
        return name in self._sections

    def __getitem__(self, name: str) -> NDArray[Any]:
        """A section as a read-only view of the mapping, which stays mapped as long as the view.

        Raises:
            IndexCorruptError: the file has no such section.
        """
        section = self._sections.get(name)
        if section is None:
            raise IndexCorruptError(f"{self.path}: expected a section {name!r}, got none")
        flat = np.frombuffer(
            self._memory(),
            dtype=section.dtype,
            count=section.n_bytes // section.dtype.itemsize,
            offset=section.offset,
        )
        return flat.reshape(section.rows, section.columns) if section.columns else flat

    def ensure_verified(self) -> None:
        """``verify`` the first time, then free. Whoever answers from the file calls it before."""
        if self._verified:
            return
        with self._lock:
            if not self._verified:
                self.verify()

    def verify(self) -> None:
        """Read everything and compare all checksums; padding must be zero.

        Raises:
            IndexCorruptError: names what is wrong.
        """
        memory = memoryview(self._memory())
        self._check_padding(memory[HEADER_CHECKSUM_AT + CHECKSUM.size : HEADER_BYTES])
        end = HEADER_BYTES
        for section in self._sections.values():
            self._check_padding(memory[end : section.offset])
            end = section.offset + section.n_bytes
            digest = xxhash.xxh3_64()
            for first in range(section.offset, end, PIECE_BYTES):
                digest.update(memory[first : min(first + PIECE_BYTES, end)])
            if digest.intdigest() != section.checksum:
                raise IndexCorruptError(
                    f"{self.path}: section {section.name!r} has another checksum than stated"
                )
        self._check_padding(memory[end : -(-end // ALIGNMENT) * ALIGNMENT])
        self._verified = True

    def close(self) -> None:
        """Give up the file. Views that are in use keep it mapped."""
        self._mapped = None

    def _memory(self) -> mmap.mmap:
        if self._mapped is None:
            raise IndexFileError(f"{self.path}: expected an open file, got a closed one")
        return self._mapped

    def _check_padding(self, padding: memoryview) -> None:
        if any(padding):
            raise IndexCorruptError(f"{self.path}: expected zeros between sections, got something")


def open_sections(path: str | PathLike[str], *, kind: str) -> SectionFile:
    """Map a file that ``SectionWriter`` wrote.

    Raises:
        IndexFileError: missing, unreadable, or no regular file.
        IndexVersionError: of a newer format.
        IndexCorruptError: no such file, of another kind, cut or longer than it says, or any field
            that does not fit.
    """
    where = Path(path)
    if sys.byteorder != "little":
        raise IndexFileError(f"{where}: index files need a little-endian machine")
    try:
        with where.open("rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise IndexFileError(f"{where}: expected a regular file")
            if status.st_size < HEADER_BYTES:
                raise IndexCorruptError(
                    f"{where}: expected {HEADER_BYTES} bytes or more, got {status.st_size}"
                )
            mapped = mmap.mmap(file.fileno(), status.st_size, access=mmap.ACCESS_READ)
    except OSError as error:
        raise IndexFileError(f"{where}: can't be opened: {error.strerror}") from error
    return _parsed(where, kind, mapped)


def _parsed(path: Path, kind: str, mapped: mmap.mmap) -> SectionFile:
    def refuse(what: str) -> IndexCorruptError:
        return IndexCorruptError(f"{path}: {what}")

    size = len(mapped)
    fields = HEADER.unpack_from(mapped, 0)
    magic, version, header_bytes, file_bytes, kind_bytes, count, meta_bytes, index_at, index_sum = (
        fields
    )
    if magic != MAGIC:
        raise refuse(f"expected an index file that begins with {MAGIC!r}, got {magic!r}")
    if version > VERSION:
        raise IndexVersionError(
            f"{path}: expected index format {VERSION} or older, got {version}: written by a newer "
            "hashmatch"
        )
    (stated,) = CHECKSUM.unpack_from(mapped, HEADER_CHECKSUM_AT)
    if xxhash.xxh3_64_intdigest(mapped[:HEADER_CHECKSUM_AT]) != stated:
        raise refuse("the header has another checksum than stated")
    if version != VERSION or header_bytes != HEADER_BYTES:
        raise refuse(f"expected version {VERSION} and a header of {HEADER_BYTES} bytes")
    if file_bytes != size:
        raise refuse(f"expected {file_bytes} bytes, got {size}: cut or changed")
    found_kind = kind_bytes.rstrip(b"\0").decode("ascii", "replace")
    if found_kind != kind:
        raise refuse(f"expected a file of kind {kind!r}, got {found_kind!r}")
    if count > MAX_SECTIONS or meta_bytes > MAX_META_BYTES:
        raise refuse(f"expected at most {MAX_SECTIONS} sections and {MAX_META_BYTES} bytes of meta")
    table_bytes = count * ENTRY.size
    if (
        index_at % ALIGNMENT
        or index_at < HEADER_BYTES
        or index_at + table_bytes + meta_bytes != size
    ):
        raise refuse("the table of sections does not end where the file does")
    index = mapped[index_at:size]
    if xxhash.xxh3_64_intdigest(index) != index_sum:
        raise refuse("the table of sections has another checksum than stated")
    sections: dict[str, Section] = {}
    end = HEADER_BYTES
    for number in range(count):
        section = _section(index, number)
        if section is None or section.name in sections:
            raise refuse(
                f"section {number}: expected a new name, a known type and a size that fits"
            )
        if section.offset != -(-end // ALIGNMENT) * ALIGNMENT:
            raise refuse(f"section {section.name!r}: expected it to begin after the one before")
        end = section.offset + section.n_bytes
        if end > index_at:
            raise refuse(f"section {section.name!r}: expected it to end before the table")
        sections[section.name] = section
    if index_at != -(-end // ALIGNMENT) * ALIGNMENT:
        raise refuse("the table of sections does not begin after the last one")
    return SectionFile(
        path, kind, _meta(path, index[table_bytes:]), sections, mapped, f"{stated:016x}"
    )


def _section(index: bytes, number: int) -> Section | None:
    name, code, columns, rows, offset, n_bytes, checksum = ENTRY.unpack_from(
        index, number * ENTRY.size
    )
    dtype = DTYPES.get(code)
    text = name.rstrip(b"\0")
    if dtype is None or not text.isascii() or not text.decode("ascii", "replace").isprintable():
        return None
    if rows * max(columns, 1) * dtype.itemsize != n_bytes or not text:
        return None
    return Section(text.decode("ascii"), dtype, columns, rows, offset, n_bytes, checksum)


def _meta(path: Path, text: bytes) -> Meta:
    try:
        meta = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise IndexCorruptError(f"{path}: meta is no JSON: {error}") from error
    if not isinstance(meta, dict) or not all(
        isinstance(value, (int, str)) and not isinstance(value, bool) for value in meta.values()
    ):
        raise IndexCorruptError(f"{path}: expected meta to be numbers and texts by name")
    return meta
