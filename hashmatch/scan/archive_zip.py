"""Members of a ZIP file. Source: PKWARE APPNOTE 6.3.10, sections 4.3.14 to 4.3.16."""

from __future__ import annotations

import os
import stat
import struct
import zipfile
from typing import BinaryIO

from hashmatch.scan.archives import (
    ArchiveError,
    Budget,
    Member,
    Names,
    Take,
    read_bounded,
    too_large,
)
from hashmatch.scan.statuses import ItemStatus

_ENCRYPTED, _UTF8 = 0x1, 0x800
_END, _END_64 = b"PK\x05\x06", b"PK\x06\x06"
_TAIL_BYTES = 22 + 0xFFFF + 20 + 1024
_ENTRY_BYTES = 256
"""Of a directory, for each member that is allowed: it is read as a whole."""


def read_zip(stream: BinaryIO, budget: Budget, take: Take) -> None:
    """See ``read_archive``; in the order of the ZIP file's own directory."""
    _require_small_directory(stream, budget)
    try:
        archive = zipfile.ZipFile(stream)
    except Exception as error:
        raise ArchiveError(ItemStatus.CORRUPT, f"zip: {error}") from error
    names = Names()
    with archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            budget.member()
            spelled = info.orig_filename.encode(
                "utf-8" if info.flag_bits & _UTF8 else "cp437", "surrogateescape"
            )
            take(_member(archive, info, names.unique(spelled), budget))


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: bytes, budget: Budget) -> Member:
    size = info.file_size
    mode = info.external_attr >> 16
    if stat.S_ISLNK(mode):
        return Member(name, size, None, ItemStatus.SKIPPED, "symbolic link")
    if info.flag_bits & _ENCRYPTED:
        return Member(name, size, None, ItemStatus.ENCRYPTED, "member: needs a password")
    try:
        with archive.open(info) as unpacking:
            data = read_bounded(unpacking, budget)  # type: ignore[arg-type]
    except ArchiveError:
        raise
    except NotImplementedError as error:
        return Member(name, size, None, ItemStatus.UNSUPPORTED, f"member: {error}")
    except Exception as error:  # noqa: BLE001 - a parser over bytes that anybody may have made
        return Member(name, size, None, ItemStatus.CORRUPT, f"member: {error or 'cut short'}")
    return too_large(name, size, budget.limits) if data is None else Member(name, len(data), data)


def _require_small_directory(stream: BinaryIO, budget: Budget) -> None:
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - _TAIL_BYTES))
    tail = stream.read(_TAIL_BYTES)
    stream.seek(0)
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 16:
        return  # zipfile says what is wrong
    (n_bytes,) = struct.unpack_from("<I", tail, at + 12)
    at_64 = tail.rfind(_END_64)
    if at_64 >= 0 and len(tail) >= at_64 + 48:
        n_bytes = max(n_bytes % 0xFFFFFFFF, struct.unpack_from("<Q", tail, at_64 + 40)[0])
    if min(n_bytes, size) > _ENTRY_BYTES * budget.limits.max_members:
        raise ArchiveError(ItemStatus.LIMIT, f"archive: a directory of {n_bytes} bytes; not read")
