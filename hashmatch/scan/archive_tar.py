"""Members of a tar file, packed or not. Source: POSIX.1-2024 pax; GNU tar manual."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
from importlib import import_module
from typing import BinaryIO

from hashmatch.scan.archives import (
    MIB,
    ArchiveError,
    Budget,
    Member,
    Names,
    NotAnArchiveError,
    Take,
    too_large,
)
from hashmatch.scan.statuses import ItemStatus

_HEADER_BYTES = 4 * MIB
"""What may lie between two members: headers are read as a whole."""


def read_tar(stream: BinaryIO, kind: str, budget: Budget, take: Take) -> None:
    """See ``read_archive``; a single file packed with gzip, bzip2 or xz is no archive."""
    reader = _Counted(_unpacking(stream, kind), budget)
    started = False
    names = Names()
    try:
        with tarfile.open(
            fileobj=reader, mode="r|", encoding="utf-8", errors="surrogateescape"
        ) as archive:
            started = True
            while True:
                info = archive.next()
                # Nothing is looked at twice: a tar file of millions would fill the memory.
                archive.members = []  # type: ignore[attr-defined]
                if info is None:
                    break
                if info.isdir():
                    continue
                budget.member()
                name = names.unique(info.name.encode("utf-8", "surrogateescape"))
                reader.allow(info.size)
                take(_member(archive, info, name, budget))
                reader.allow(info.size)
        reader.to_the_end()
    except ArchiveError:
        raise
    except Exception as error:
        if not started and kind != "tar" and not reader.broken:
            raise NotAnArchiveError from error
        raise ArchiveError(ItemStatus.CORRUPT, f"tar: {error or 'cut short'}") from error


def _member(archive: tarfile.TarFile, info: tarfile.TarInfo, name: bytes, budget: Budget) -> Member:
    if info.issym() or info.islnk():
        what = "symbolic link" if info.issym() else "hard link"
        return Member(name, 0, None, ItemStatus.SKIPPED, what)
    if not info.isreg():
        return Member(name, 0, None, ItemStatus.SKIPPED, "not a regular file")
    if info.size > budget.limits.max_member_bytes:
        return too_large(name, info.size, budget.limits)
    content = archive.extractfile(info)
    data = b"" if content is None else content.read()
    if len(data) < info.size:
        return Member(name, info.size, None, ItemStatus.CORRUPT, "member: cut short")
    return Member(name, len(data), data)


def _unpacking(stream: BinaryIO, kind: str) -> BinaryIO:
    if kind == "tar.gz":
        return gzip.GzipFile(fileobj=stream, mode="rb")  # type: ignore[return-value]
    if kind == "tar.bz2":
        return bz2.BZ2File(stream)  # type: ignore[return-value]
    if kind == "tar.xz":
        return lzma.LZMAFile(stream)  # type: ignore[return-value]
    if kind == "tar.zst":
        return _zstandard(stream)
    return stream


def _zstandard(stream: BinaryIO) -> BinaryIO:
    try:
        zstd = import_module("compression.zstd")
    except ImportError as error:
        raise ArchiveError(
            ItemStatus.UNSUPPORTED, "archive: Zstandard needs Python 3.14 or newer"
        ) from error
    opened: BinaryIO = zstd.ZstdFile(stream)
    return opened


class _Counted(io.RawIOBase):
    """What is read is within the budget, and not much more than what was allowed before."""

    def __init__(self, stream: BinaryIO, budget: Budget) -> None:
        super().__init__()
        self._stream = stream
        self._budget = budget
        self._allowed = _HEADER_BYTES
        self.broken = False
        """Whether what is packed could not be unpacked."""

    def allow(self, n: int) -> None:
        """A member of so many bytes, and the headers of the next one."""
        self._allowed = n + _HEADER_BYTES

    def read(self, size: int = -1) -> bytes:
        try:
            data = self._stream.read(size)
        except Exception:
            self.broken = True
            raise
        self._budget.unpacked(len(data))
        self._allowed -= len(data)
        if self._allowed < 0:
            raise ArchiveError(
                ItemStatus.LIMIT, f"archive: a header of more than {_HEADER_BYTES} bytes"
            )
        return data

    def to_the_end(self) -> None:
        """What is packed has a checksum at its end; a tar file ends before that."""
        left = _HEADER_BYTES
        while left > 0 and (data := self._stream.read(left)):
            left -= len(data)

    def readable(self) -> bool:
        return True
