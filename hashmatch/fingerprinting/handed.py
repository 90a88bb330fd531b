"""What a worker is given of a video: not its bytes, but a way to surely the same file.

The calling process keeps the file open, under which descriptor the worker opens it anew through
/proc. Where there is no /proc, or it may not be used, the worker opens the path. In both cases the
file must be the one whose digests were taken: same device, same number, same size, and not written
to since.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from hashmatch.errors import MediaAccessError

Identity = tuple[int, int, int, int]
"""Device, number, size in bytes, time of the last change in nanoseconds."""


@dataclass(frozen=True, slots=True)
class Handed:
    """A way to an open file from another process.

    Attributes:
        paths: tried in this order.
        identity: device, number, size and time of the last change of the file.
    """

    paths: tuple[str, ...]
    identity: Identity

    @classmethod
    def of(cls, descriptor: int, path: str | None, identity: Identity | None = None) -> Handed:
        """The way to a file that this process holds open, and goes on to hold.

        Args:
            descriptor: of the open file.
            path: by which it was opened; None where it has none.
            identity: of the file when its digests were taken; None: what it is now.
        """
        through = f"/proc/{os.getpid()}/fd/{descriptor}"
        paths = (through,) if path is None else (through, os.path.abspath(path))  # noqa: PTH100
        return cls(paths, identity or identity_of(descriptor))

    @classmethod
    @contextmanager
    def holding(
        cls, stream: BinaryIO, path: str | None, identity: Identity | None = None
    ) -> Iterator[Handed]:
        """The way to what a stream reads, while the ``with`` block lasts.

        Args:
            stream: a file, or bytes in memory, which get a file in memory (or one without a name).
            path, identity: as ``of``.
        """
        if not isinstance(stream, io.BytesIO):
            yield cls.of(stream.fileno(), path, identity)
            return
        with _file_in_memory() as copy:
            copy.write(stream.getbuffer())
            copy.flush()
            yield cls.of(copy.fileno(), None)

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """The file, for reading.

        Raises:
            MediaAccessError: it can't be opened, or it is another one by now.
        """
        failed: OSError | None = None
        for path in self.paths:
            try:
                descriptor = _opened_quietly(path)
            except OSError as error:
                failed = failed or error
                continue
            with os.fdopen(descriptor, "rb") as stream:
                require_same(descriptor, self.identity)
                yield stream
                return
        raised = MediaAccessError(f"not to be opened by a worker: {failed}")
        raised.errno = failed.errno if failed else None
        raise raised


def _opened_quietly(path: str) -> int:
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
    try:
        # The file may be evidence: its time of access stays, where the system lets us say so.
        return os.open(path, flags | getattr(os, "O_NOATIME", 0))
    except PermissionError:
        return os.open(path, flags)


def _file_in_memory() -> BinaryIO:
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("hashmatch"), "w+b")
    return tempfile.TemporaryFile()


def require_same(descriptor: int, identity: Identity) -> None:
    """Refuse an open file that is not, or no longer, the one whose digests were taken.

    Raises:
        MediaAccessError: it is another one, or was written to.
    """
    if identity_of(descriptor) != identity:
        raise MediaAccessError("the file changed while it was read")


def identity_of(descriptor: int) -> Identity:
    """What an open file is known by again."""
    status = os.fstat(descriptor)
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
