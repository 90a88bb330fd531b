"""Reads what a caller calls a source: a path, bytes, a file object. Never writes, never blocks."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from hashmatch.errors import InputError, InputTypeError, UnsupportedMediaError

Source = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO
"""What the bytes of one medium can come from."""

BLOCK_BYTES = 8 * 1024 * 1024
"""Most pictures are one block, which is then not copied."""


def source_name(source: object) -> str | None:
    """The name by which messages and reports call the source, None for bytes."""
    if isinstance(source, (str, os.PathLike)):
        return os.fspath(source)
    name = getattr(source, "name", None)
    return name if isinstance(name, str) else None


@contextmanager
def open_source(source: Source) -> Iterator[BinaryIO]:
    """Open a source for one pass of reading.

    Raises:
        InputTypeError: not a path, bytes or a binary file object.
        InputError: a path that no file can have (a NUL character, one that can't be encoded).
        UnsupportedMediaError: a path that is no regular file (a directory, a pipe, a device).
        OSError: the path can't be opened.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        yield io.BytesIO(bytes(source))
    elif isinstance(source, (str, os.PathLike)):
        with os.fdopen(_open_regular(os.fspath(source)), "rb") as stream:
            yield stream
    elif hasattr(source, "read"):
        yield source
    else:
        raise InputTypeError(
            f"source: expected a path, bytes or a binary file, got {type(source).__name__}"
        )


def read_blocks(stream: BinaryIO) -> Iterator[bytes]:
    """The stream's bytes in blocks.

    Raises:
        InputTypeError: the stream gives text, or nothing yet (it does not block).
        InputError: the stream is closed.
        OSError: reading failed.
    """
    while True:
        try:
            block = stream.read(BLOCK_BYTES)
        except OSError:
            raise
        except ValueError as error:
            raise InputError(f"source: expected an open binary file, got {error}") from error
        if not isinstance(block, bytes):
            raise InputTypeError(
                f"source: expected a binary file, got one that reads {type(block).__name__}"
            )
        if not block:
            return
        yield block


def _open_regular(path: str) -> int:
    try:
        # Asked first: opening a device may do something, opening a socket fails for another reason.
        _require_regular(os.stat(path))  # noqa: PTH116
        # O_NONBLOCK: if it has become a pipe that nobody writes to, this must not hang.
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
        handle = os.open(path, flags)
    except ValueError as error:
        raise InputError(f"source: expected the path of a file, got {path!r}: {error}") from error
    try:
        _require_regular(os.fstat(handle))
    except BaseException:
        os.close(handle)
        raise
    return handle


def _require_regular(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise UnsupportedMediaError(f"not a regular file: {_kind_name(status.st_mode)}")


def _kind_name(mode: int) -> str:
    names = (
        (stat.S_ISDIR, "directory"),
        (stat.S_ISFIFO, "pipe"),
        (stat.S_ISSOCK, "socket"),
        (stat.S_ISCHR, "character device"),
        (stat.S_ISBLK, "block device"),
    )
    return next((name for test, name in names if test(mode)), "unknown")
