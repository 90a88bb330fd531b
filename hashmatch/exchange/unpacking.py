"""The one file inside a gzip or zip file, as a stream with a limit on what it may become.

A packed list is a list: readers see what is inside. What a few bytes may unpack to is bounded, so
that a bomb ends in an error after some megabytes.
"""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import BinaryIO

from hashmatch.errors import ExchangeError

FREE_BYTES = 32 << 20
"""What any packed file may become, however small it is."""
MAX_RATIO = 100
"""Beyond ``FREE_BYTES``: unpacked bytes for every packed one. Digests do not compress."""

_GZIP = b"\x1f\x8b\x08"
_ZIP = b"PK\x03\x04"
_END = struct.Struct("<4s4H2LH")
_END_MAGIC = b"PK\x05\x06"
_MAX_COMMENT = 0xFFFF
_MAX_DIRECTORY = 1 << 16
_ERRORS = (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError)


def packing_of(file: BinaryIO) -> str | None:
    """ "gzip", "zip" where exactly one file is inside, else None: the bytes are what they are."""
    file.seek(0)
    head = file.read(4)
    if head.startswith(_GZIP):
        return "gzip"
    if head == _ZIP and _single_member(file) is not None:
        return "zip"
    return None


def open_packed(file: BinaryIO, packing: str, name: str) -> BinaryIO:
    """The file inside, from its beginning.

    Raises (while it is read):
        ExchangeError: broken, encrypted, cut short, or over the limit.
    """
    file.seek(0)
    inside: BinaryIO
    try:
        if packing == "gzip":
            inside = gzip.GzipFile(fileobj=file)  # type: ignore[assignment]
        else:
            member = _single_member(file)
            if member is None:
                raise zipfile.BadZipFile("no single file inside")
            inside = zipfile.ZipFile(file).open(member)  # type: ignore[assignment]  # noqa: SIM115
    except _ERRORS as error:
        raise ExchangeError(f"{name}: can't unpack: {error}") from error
    return limited(inside, file.tell, name)


def limited(inside: BinaryIO, consumed: Callable[[], int], name: str) -> BinaryIO:
    """An unpacked stream that ends in an error when it becomes too much.

    Args:
        inside: the stream.
        consumed: packed bytes read so far.
        name: of the file, for messages.
    """
    return io.BufferedReader(_Limited(inside, consumed, name), 1 << 18)


def _single_member(file: BinaryIO) -> zipfile.ZipInfo | None:
    """The only file of an archive; folders do not count. A long directory is never read."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _MAX_COMMENT - _END.size))
    tail = file.read()
    at = tail.rfind(_END_MAGIC)
    if at < 0 or at + _END.size > len(tail):
        return None
    directory = _END.unpack_from(tail, at)[5]
    if directory > _MAX_DIRECTORY:
        return None
    try:
        with zipfile.ZipFile(file) as archive:
            files = [member for member in archive.infolist() if not member.filename.endswith("/")]
    except (*_ERRORS, ValueError, struct.error):
        return None
    return files[0] if len(files) == 1 else None


class _Limited(io.RawIOBase):
    """Counts what comes out against what went in."""

    def __init__(self, inside: BinaryIO, consumed: Callable[[], int], name: str) -> None:
        self._inside = inside
        self._consumed = consumed
        self._name = name
        self._given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self._inside.read(len(buffer))
        except _ERRORS as error:
            raise ExchangeError(f"{self._name}: can't unpack: {error}") from error
        self._given += len(data)
        if self._given > FREE_BYTES + MAX_RATIO * self._consumed():
            raise ExchangeError(
                f"{self._name}: expected at most {MAX_RATIO} bytes unpacked for one packed, "
                f"got more after {self._given} bytes"
            )
        buffer[: len(data)] = data
        return len(data)
