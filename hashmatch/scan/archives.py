"""Archives as containers: their members in memory, within limits, never unpacked to a disk."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import BinaryIO

from hashmatch.errors import InputError
from hashmatch.scan.statuses import ItemStatus

MIB = 1024 * 1024
HEAD_BYTES = 512
_RATIO_FROM = 64 * MIB
"""Unpacked bytes up to which no ratio is too high: small files of one colour pack very well."""
_BLOCK = 1 * MIB

_MAGICS = (
    (0, b"PK\x03\x04", "zip"),
    (0, b"PK\x05\x06", "zip"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (257, b"ustar", "tar"),
    (0, b"\x1f\x8b\x08", "tar.gz"),
    (0, b"BZh", "tar.bz2"),
    (0, b"\xfd7zXZ\x00", "tar.xz"),
    (0, b"\x28\xb5\x2f\xfd", "tar.zst"),
)


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What looking into one file may use, all that is nested in it included.

    Attributes:
        max_members: files and links within it.
        max_depth: archives within each other; 1: none within an archive.
        max_member_bytes: of one member, unpacked; it is held in memory.
        max_total_bytes: of all members, unpacked.
        max_ratio: unpacked bytes for each packed one, beyond the first 64 MiB.

    Raises:
        InputError: a limit that is not above 0.
    """

    max_members: int = 100_000
    max_depth: int = 3
    max_member_bytes: int = 256 * MIB
    max_total_bytes: int = 64 * 1024 * MIB
    max_ratio: int = 200

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise InputError(f"{name}: expected an integer of 1 or more, got {value!r}")


@dataclass(frozen=True, slots=True)
class Member:
    """One file or link within an archive.

    Attributes:
        name: as the archive spells it, as bytes; never empty, without NUL.
        size: unpacked.
        data: None where it was not unpacked.
        status, reason: why not.
    """

    name: bytes
    size: int
    data: bytes | None = None
    status: ItemStatus | None = None
    reason: str | None = None


Take = Callable[[Member], None]


class ArchiveError(Exception):
    """The archive as a whole can't be gone through, or not to its end."""

    def __init__(self, status: ItemStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class NotAnArchiveError(Exception):
    """It began like one."""


class Budget:
    """What is left of the limits for one file on the disk."""

    def __init__(self, limits: ArchiveLimits, packed: int) -> None:
        self.limits = limits
        self._most = max(_RATIO_FROM, limits.max_ratio * packed)
        self._members = 0
        self._bytes = 0
        self._lock = threading.Lock()  # one library unpacks in threads

    def member(self) -> None:
        """One more member.

        Raises:
            ArchiveError: too many.
        """
        with self._lock:
            self._members += 1
            if self._members > self.limits.max_members:
                raise self._over(f"more than {self.limits.max_members} members")

    def unpacked(self, n: int) -> None:
        """So many bytes more.

        Raises:
            ArchiveError: too many.
        """
        with self._lock:
            self._bytes += n
            if self._bytes > self.limits.max_total_bytes:
                raise self._over(f"more than {self.limits.max_total_bytes} bytes unpacked")
            if self._bytes > self._most:
                raise self._over(f"more than {self.limits.max_ratio} times its size unpacked")

    @staticmethod
    def _over(reason: str) -> ArchiveError:
        return ArchiveError(ItemStatus.LIMIT, f"archive: {reason}; not read further")


class Names:
    """Names of one archive's members, each once: of two members of one name both count."""

    def __init__(self) -> None:
        self._met: set[bytes] = set()

    def unique(self, name: bytes) -> bytes:
        """The name, with a number where it was met before."""
        name = name.replace(b"\0", "\N{REPLACEMENT CHARACTER}".encode()) or b"?"
        tried, number = name, 1
        while tried in self._met:
            number += 1
            tried = name + b" (%d)" % number
        self._met.add(tried)
        return tried


def sniff_archive(head: bytes) -> str | None:
    """What kind of archive begins with these bytes; "tar.gz" and the like only may be one."""
    for at, magic, kind in _MAGICS:
        if head[at : at + len(magic)] == magic:
            return kind
    return None


def too_large(name: bytes, size: int, limits: ArchiveLimits) -> Member:
    """What is told of a member over the limit."""
    reason = f"member: more than {limits.max_member_bytes} bytes"
    return Member(name, size, None, ItemStatus.LIMIT, reason)


def read_bounded(stream: BinaryIO, budget: Budget) -> bytes | None:
    """All bytes of a member, whatever size it claims; None if they are too many.

    Raises:
        ArchiveError: too many of the whole archive.
    """
    blocks: list[bytes] = []
    size = 0
    while block := stream.read(_BLOCK):
        budget.unpacked(len(block))
        size += len(block)
        if size > budget.limits.max_member_bytes:
            return None
        blocks.append(block)
    return blocks[0] if len(blocks) == 1 else b"".join(blocks)


def read_archive(stream: BinaryIO, kind: str, budget: Budget, take: Take) -> None:
    """Give every member to ``take``, in the archive's order.

    Args:
        stream: seekable, at its beginning.
        kind: as ``sniff_archive`` gives it.

    Raises:
        NotAnArchiveError: it is none, after all; nothing was given.
        ArchiveError: it is broken, encrypted, over a limit or not to be read here.
    """
    if kind == "zip":
        from hashmatch.scan.archive_zip import read_zip

        read_zip(stream, budget, take)
    elif kind == "7z":
        from hashmatch.scan.archive_7z import read_7z

        read_7z(stream, budget, take)
    else:
        from hashmatch.scan.archive_tar import read_tar

        read_tar(stream, kind, budget, take)
