"""Opening what is evidence: for reading alone, without a trace where the system allows it."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from typing import BinaryIO

from hashmatch.scan.remote_url import is_remote

_READING = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
_NO_ATIME = getattr(os, "O_NOATIME", 0)


@dataclass(frozen=True, slots=True)
class Identity:
    """What a file is known by again, without reading it.

    Attributes:
        device, inode: of the file.
        size: in bytes.
        mtime_ns: when its content was last written, nanoseconds since 1970.
    """

    device: int
    inode: int
    size: int
    mtime_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> Identity:
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


class ChangedError(OSError):
    """What is there now is not what was listed."""


def open_file(path: bytes, listed: Identity, *, follow: bool = False) -> BinaryIO:
    """The file that was listed, open for reading.

    Args:
        path: of the file; below a root that is a URL it is fetched, whole.
        listed: what it was when it was listed.
        follow: whether the path itself may be a link, as a root may.

    Raises:
        ChangedError: another file, or the same with another size or time.
        OSError: it can't be opened.
    """
    if is_remote(path):
        from hashmatch.scan.remote_files import open_remote

        return open_remote(path, listed)
    return os.fdopen(_opened(path, listed, follow), "rb")


def require_unchanged(stream: BinaryIO, path: bytes, listed: Identity) -> None:
    """After reading: the file is still what was listed.

    Args:
        stream, path, listed: of ``open_file``.

    Raises:
        ChangedError: it is not.
    """
    # What was fetched was looked at after that, and is ours.
    if not is_remote(path) and Identity.of(os.fstat(stream.fileno())) != listed:
        raise ChangedError("it changed while it was read")


def _opened(path: bytes, listed: Identity, follow: bool) -> int:
    try:
        handle = open_quietly(path, follow=follow)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise ChangedError("it has become a symbolic link") from error
        raise
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or Identity.of(status) != listed:
            raise ChangedError("it is not the file any more that was listed")
    except BaseException:
        os.close(handle)
        raise
    return handle


def read_file(path: bytes, listed: Identity, *, follow: bool = False) -> bytes:
    """All bytes of the file that was listed; for small ones.

    Args:
        path, listed, follow: as ``open_file``.

    Raises:
        ChangedError: another file, or it changed before it was read to its end.
        OSError: it can't be opened or read.
    """
    if is_remote(path):
        from hashmatch.scan.remote_files import read_remote

        return read_remote(path, listed)
    handle = _opened(path, listed, follow)
    try:
        blocks = []
        left = listed.size
        # One byte more than listed: it may have grown.
        while left > 0 and (block := os.read(handle, left + 1)):
            blocks.append(block)
            left -= len(block)
        if left or Identity.of(os.fstat(handle)) != listed:
            raise ChangedError("it changed while it was read")
    finally:
        os.close(handle)
    return blocks[0] if len(blocks) == 1 else b"".join(blocks)


def open_quietly(path: bytes, *, folder: bool = False, follow: bool = False) -> int:
    """A descriptor for reading; the time of last access stays where the system lets us say so.

    Linux allows that for one's own files and to root.

    Raises:
        OSError: it can't be opened; ELOOP for a link where links are not followed.
    """
    flags = _READING | (os.O_DIRECTORY if folder else 0) | (0 if follow else os.O_NOFOLLOW)
    if _NO_ATIME:
        try:
            return os.open(path, flags | _NO_ATIME)
        except PermissionError as error:
            if error.errno != errno.EPERM:
                raise
    return os.open(path, flags)
