"""A VectorIndex as a file: docs/vectors.md has the sections."""

from __future__ import annotations

from os import PathLike
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashmatch import _native
from hashmatch.errors import IndexCorruptError, IndexVersionError
from hashmatch.index.file_format import SectionFile, open_sections
from hashmatch.index.section_writer import SectionWriter

KIND = "vectors"
LAYOUT = 1
"""Of the planes: the order of the groups of dimensions and how many of them are the head."""


def write_vectors(path: str | PathLike[str], core: _native.VectorIndex) -> None:
    """Everything that the core holds now, as one segment.

    Raises:
        IndexFileError: the file can't be written.
    """
    ids, head, tail, next_id = core.gathered()
    meta = {"layout": LAYOUT, "dims": core.dims, "next_id": next_id}
    with SectionWriter(path, kind=KIND, meta=meta) as writer:
        writer.write("ids", ids)
        writer.write("head", head)
        writer.write("tail", tail)


class VectorFile:
    """A file that ``write_vectors`` wrote, mapped; its sizes are checked, its content not yet."""

    def __init__(self, path: str | PathLike[str]) -> None:
        """Raises IndexFileError, IndexVersionError or IndexCorruptError."""
        self._file = open_sections(path, kind=KIND)
        layout = self._number("layout")
        if layout != LAYOUT:
            raise IndexVersionError(f"{self._file.path}: expected layout {LAYOUT}, got {layout}")
        self._lock = Lock()
        self._attached = False
        self._next_id = self._number("next_id")
        try:
            self.core = _native.VectorIndex(self._number("dims"))
        except (ValueError, TypeError) as error:
            raise self._refusal(str(error)) from error
        self._ids = self._section("ids", np.int64)
        sizes = self.core.plane_sizes(len(self._ids))
        self._head = self._section("head", np.uint8)
        self._tail = self._section("tail", np.uint8)
        found = (len(self._head), len(self._tail))
        if found != sizes:
            raise self._refusal(f"head and tail: expected {sizes} bytes, got {found}")

    def attach(self) -> None:
        """Before the first answer: checks all content, and gives it to the core. Then free.

        Raises:
            IndexCorruptError: a checksum or the ids' order is wrong; the core stays empty.
        """
        with self._lock:
            if self._attached:
                return
            self._file.ensure_verified()
            try:
                self.core.attach(self._ids, self._head, self._tail, self._next_id)
            except (ValueError, TypeError) as error:
                raise self._refusal(str(error)) from error
            self._attached = True

    def _number(self, name: str) -> int:
        return number_of(self._file, name)

    def _section(self, name: str, dtype: Any) -> NDArray[Any]:
        return section_of(self._file, name, dtype)

    def _refusal(self, what: str) -> IndexCorruptError:
        return IndexCorruptError(f"{self._file.path}: {what}")


def number_of(file: SectionFile, name: str) -> int:
    """A number of the file's meta. Raises IndexCorruptError where there is none."""
    value = file.meta.get(name)
    if not isinstance(value, int):
        raise IndexCorruptError(f"{file.path}: meta {name!r}: expected a number, got {value!r}")
    return value


def section_of(file: SectionFile, name: str, dtype: Any) -> NDArray[Any]:
    """A section of one axis and this type. Raises IndexCorruptError where it is another."""
    array = file[name]
    if array.dtype != dtype or array.ndim != 1:
        raise IndexCorruptError(
            f"{file.path}: section {name!r}: expected {np.dtype(dtype)} (n,), "
            f"got {array.dtype} {array.shape}"
        )
    return array
