"""Writes the container of ``file_format``: streamed, checksummed, put in place whole."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import xxhash
from numpy.typing import NDArray

from hashmatch.errors import IndexFileError
from hashmatch.index.file_format import (
    ALIGNMENT,
    CHECKSUM,
    DTYPES,
    ENTRY,
    HEADER,
    HEADER_BYTES,
    MAGIC,
    VERSION,
    Meta,
    Section,
)


class SectionWriter:
    """Writes a file of sections; leaving the ``with`` block without an error puts it in place.

    Written beside under a temporary name (mode 0600), fsynced, renamed; then the folder is fsynced.
    Memory is what one ``append`` is given. The same content gives the same bytes.

    Args:
        path: where the file will be; what is there is replaced.
        kind: what the file is, at most 16 ASCII characters.
        meta: small facts.

    Raises:
        IndexFileError: the file can't be written.
    """

    def __init__(self, path: str | PathLike[str], *, kind: str, meta: Meta) -> None:
        self._path = Path(path)
        self._kind = kind.encode("ascii")
        self._meta = json.dumps(dict(meta), sort_keys=True, separators=(",", ":")).encode("ascii")
        self._sections: list[Section] = []
        self._open: _OpenSection | None = None
        self._temporary = self._path.with_name(f".{self._path.name}.{os.urandom(8).hex()}.part")
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        try:
            self._file = os.fdopen(os.open(self._temporary, flags, 0o600), "wb")
        except OSError as error:
            raise IndexFileError(f"{self._path}: can't be written: {error.strerror}") from error

    def write(self, name: str, array: NDArray[Any]) -> None:
        """A whole section: one or two dimensions of a type that the format knows."""
        columns = array.shape[1] if array.ndim == 2 else None
        self.open_section(name, array.dtype, columns).append(array)

    def open_section(self, name: str, dtype: Any, columns: int | None = None) -> _OpenSection:
        """Begin a section, which ends with the next one; its ``append`` takes arrays."""
        self._finish_section()
        self._pad()
        self._open = _OpenSection(self, name, np.dtype(dtype).newbyteorder("<"), columns)
        return self._open

    def _write(self, data: memoryview) -> None:
        try:
            self._file.write(data)
        except OSError as error:
            raise IndexFileError(f"{self._path}: can't be written: {error.strerror}") from error

    def _pad(self) -> None:
        self._write(memoryview(bytes(-self._file.tell() % ALIGNMENT)))

    def _finish_section(self) -> None:
        if self._open is not None:
            self._sections.append(self._open.finished())
            self._open = None

    def _commit(self) -> None:
        self._finish_section()
        self._pad()
        index_at = self._file.tell()
        codes = {dtype: code for code, dtype in DTYPES.items()}
        index = b"".join(
            ENTRY.pack(
                section.name.encode("ascii"),
                codes[section.dtype],
                section.columns,
                section.rows,
                section.offset,
                section.n_bytes,
                section.checksum,
            )
            for section in self._sections
        )
        index += self._meta
        self._file.write(index)
        header = HEADER.pack(
            MAGIC,
            VERSION,
            HEADER_BYTES,
            index_at + len(index),
            self._kind,
            len(self._sections),
            len(self._meta),
            index_at,
            xxhash.xxh3_64_intdigest(index),
        )
        self._file.seek(0)
        self._file.write(header + CHECKSUM.pack(xxhash.xxh3_64_intdigest(header)))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._temporary.replace(self._path)
        sync_folder(self._path.parent)

    def __enter__(self) -> Self:
        try:
            self._write(memoryview(bytes(HEADER_BYTES)))
        except IndexFileError:
            self._discard()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self._commit()
        except OSError as failure:
            raise IndexFileError(f"{self._path}: can't be written: {failure.strerror}") from failure
        finally:
            self._discard()

    def _discard(self) -> None:
        with suppress(OSError):
            self._file.close()
        self._temporary.unlink(missing_ok=True)


class _OpenSection:
    """The section that is being written."""

    def __init__(
        self, writer: SectionWriter, name: str, dtype: np.dtype[Any], columns: int | None
    ) -> None:
        if dtype not in DTYPES.values() or not 0 < len(name.encode("ascii")) <= 32:
            raise ValueError(f"section {name!r}: a type or name that the format does not know")
        self._writer = writer
        self._name = name
        self._dtype = dtype
        self._columns = columns
        self._offset = writer._file.tell()
        self._bytes = 0
        self._digest = xxhash.xxh3_64()

    def append(self, array: NDArray[Any]) -> None:
        expected = array.ndim == 1 if self._columns is None else array.shape[1:] == (self._columns,)
        if not expected:
            raise ValueError(f"section {self._name!r}: an array of another shape: {array.shape}")
        flat = np.ascontiguousarray(array, dtype=self._dtype).reshape(-1)
        if not len(flat):
            return
        data = flat.data.cast("B")
        self._digest.update(data)
        self._writer._write(data)
        self._bytes += len(data)

    def finished(self) -> Section:
        rows = self._bytes // (self._dtype.itemsize * (self._columns or 1))
        return Section(
            self._name,
            self._dtype,
            self._columns or 0,
            rows,
            self._offset,
            self._bytes,
            self._digest.intdigest(),
        )


def sync_folder(path: Path) -> None:
    """Makes a rename in this folder outlive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
