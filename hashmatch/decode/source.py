"""Reads what a caller calls a source: a path, bytes, a file object. Never writes, never blocks."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from hashmatch.errors import InputTypeError, UnsupportedMediaError

Source = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO
"""What the bytes of one medium can come from."""

BLOCK_BYTES = 1024 * 1024


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
        UnsupportedMediaError: a path that is no regular file (a directory, a pipe, a device).
        OSError: the path can't be opened.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        yield io.BytesIO(bytes(source))
    elif isinstance(source, (str, os.PathLike)):
        # O_NONBLOCK: opening a pipe that nobody writes to must not hang.
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
        handle = os.open(os.fspath(source), flags)
        with os.fdopen(handle, "rb") as stream:
            kind = os.fstat(handle).st_mode
            if not stat.S_ISREG(kind):
                raise UnsupportedMediaError(f"not a regular file: {_kind_name(kind)}")
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
        InputTypeError: the stream gives text.
    """
    while block := stream.read(BLOCK_BYTES):
        if not isinstance(block, bytes):
            raise InputTypeError(
                f"source: expected a binary file, got one that reads {type(block).__name__}"
            )
        yield block


def _kind_name(mode: int) -> str:
    names = (
        (stat.S_ISDIR, "directory"),
        (stat.S_ISFIFO, "pipe"),
        (stat.S_ISSOCK, "socket"),
        (stat.S_ISCHR, "character device"),
        (stat.S_ISBLK, "block device"),
    )
    return next((name for test, name in names if test(mode)), "unknown")
