"""Files behind URLs, through fsspec: what they are known by again, and their bytes.

Whatever a library raises becomes an ``OSError`` with one of the system's numbers and words: its own
words may hold what a URL must keep to itself.
"""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, BinaryIO

from hashmatch.errors import HashmatchError, InputError, MissingExtraError
from hashmatch.scan.evidence import ChangedError, Identity
from hashmatch.scan.remote_url import is_web_folder, url_of

_BLOCK = 1024 * 1024
_IN_MEMORY = 256 * 1024 * 1024
"""Larger files are fetched into a file without a name, in the folder for temporary files."""

_TIMES = ("mtime", "LastModified", "last_modified", "Last-Modified", "modified", "updated")
_MARKS = ("ETag", "etag", "md5Hash", "generation")
_FOUND = {
    FileNotFoundError: errno.ENOENT,
    NotADirectoryError: errno.ENOTDIR,
    PermissionError: errno.EACCES,
    TimeoutError: errno.ETIMEDOUT,
}


@contextmanager
def told_as_system_errors() -> Iterator[None]:
    """Around every call of fsspec.

    Raises:
        OSError: for whatever was raised, but for our own errors.
    """
    try:
        yield
    except (HashmatchError, ChangedError):
        raise
    except Exception as error:  # noqa: BLE001 - libraries have errors of their own
        number = next((n for kind, n in _FOUND.items() if isinstance(error, kind)), None)
        if number is None:
            number = (error.errno if isinstance(error, OSError) else None) or errno.EIO
        # Not chained: the error would be shown with its words.
        raise OSError(number, os.strerror(number)) from None


def connected(path: bytes) -> tuple[Any, str]:
    """The file system of a remote path, and the path within it.

    Raises:
        MissingExtraError: fsspec, or what it needs for this kind of URL, is not installed.
        InputError: no such kind of URL.
        OSError: there is no connection.
    """
    try:
        import fsspec
    except ImportError as error:
        raise MissingExtraError("URLs: expected fsspec; pip install hashmatch[ray]") from error
    url, below = url_of(path)
    scheme = url.partition("://")[0].lower()
    try:
        fsspec.get_filesystem_class(scheme)
    except ImportError as error:
        raise MissingExtraError(f"{scheme}://: {error}") from error
    except ValueError as error:
        raise InputError(f"roots: {scheme}:// is no kind of URL that fsspec knows") from error
    with told_as_system_errors():
        # One instance for each thread, which fsspec keeps.
        system, place = fsspec.core.url_to_fs(url)
        if not below:
            return system, str(place)
        return system, str(place).rstrip("/") + "/" + below.decode("utf-8", "surrogateescape")


def is_folder(path: bytes) -> bool:
    """Whether a root is a folder.

    Raises:
        MissingExtraError, InputError: as ``connected``.
        OSError: it is not there, or can't be reached.
    """
    system, place = connected(path)
    if is_web_folder(url_of(path)[0]):
        return True
    with told_as_system_errors():
        return bool(system.info(place)["type"] == "directory")


def local_path(path: bytes) -> bytes | None:
    """Of a URL that leads to this machine's own files: the path, links followed."""
    if not path.startswith((b"file://", b"local://")):
        return None
    return os.path.realpath(os.fsencode(connected(path)[1]))


def identity_of(path: bytes, info: Mapping[str, Any]) -> Identity:
    """What a remote file is known by again.

    The device stands for the URL's scheme and host. The inode stands for the path, and for the mark
    of its content (an ETag) where there is one.

    Raises:
        OSError: its size is not told.
    """
    size = info.get("size")
    if not isinstance(size, int) or size < 0:
        raise OSError(errno.EOPNOTSUPP, "its size is not told")
    mark = next((str(info[name]) for name in _MARKS if info.get(name)), "")
    moment = next((info[name] for name in _TIMES if info.get(name) is not None), 0)
    host = b"/".join(path.split(b"/", 3)[:3])
    return Identity(_number(host), _number(path, mark.encode()), size, _nanoseconds(moment))


def _number(*parts: bytes) -> int:
    text = b"\0".join(parts)
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "big") >> 1


def _nanoseconds(moment: object) -> int:
    """Since 1970; 0 of what is no moment."""
    if isinstance(moment, str):
        try:
            moment = datetime.fromisoformat(moment)
        except ValueError:
            try:
                moment = parsedate_to_datetime(str(moment))
            except ValueError:
                return 0
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        moment = moment.timestamp()
    return int(moment * 1_000_000_000) if isinstance(moment, (int, float)) else 0


def read_remote(path: bytes, listed: Identity) -> bytes:
    """All bytes of the file that was listed; for small ones.

    Raises:
        ChangedError: another file, or it changed before it was read to its end.
        OSError: it can't be reached or read.
    """
    data = fetch(path, listed.size)
    system, place = connected(path)
    _require_same(system, place, path, listed, len(data))
    return data


def fetch(path: bytes, size: int) -> bytes:
    """The bytes of a file, one more than ``size`` at most: it may have grown.

    Raises:
        OSError: it can't be reached or read.
    """
    system, place = connected(path)
    if not size:
        return b""  # stores refuse to send a part of nothing
    with told_as_system_errors():
        return bytes(system.cat_file(place, start=0, end=size + 1))


def open_remote(path: bytes, listed: Identity) -> BinaryIO:
    """The file that was listed, fetched; at its beginning, and to be read again at will.

    Raises:
        ChangedError, OSError: as ``read_remote``.
    """
    system, place = connected(path)
    copy = _without_name(listed.size)
    try:
        n_bytes = 0
        with told_as_system_errors(), system.open(place, "rb") as stream:
            while n_bytes <= listed.size and (block := stream.read(_BLOCK)):
                n_bytes += len(block)
                copy.write(block)
        _require_same(system, place, path, listed, n_bytes)
        copy.seek(0)
    except BaseException:
        copy.close()
        raise
    return copy


def _require_same(system: Any, place: str, path: bytes, listed: Identity, n_bytes: int) -> None:
    with told_as_system_errors():
        system.invalidate_cache(system._parent(place))
        info = system.info(place)
    if n_bytes != listed.size or identity_of(path, info) != listed:
        raise ChangedError("it changed while it was read")


def _without_name(size: int) -> BinaryIO:
    if size <= _IN_MEMORY and hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("hashmatch"), "w+b")
    return tempfile.TemporaryFile()
