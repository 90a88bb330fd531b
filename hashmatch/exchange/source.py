"""The input file of a reader, and the one place where this package maps foreign exceptions."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike, fspath
from pathlib import Path

from hashmatch.errors import ExchangeError, InputError, InputTypeError

HEAD_BYTES = 65_536
_SHOWN_BYTES = 32


@contextmanager
def foreign_errors(doing: str) -> Iterator[None]:
    """Turn the exceptions of the operating system and of text codecs into ExchangeError.

    ``doing`` is what failed, with the file's name: "can't read list.json".
    """
    try:
        yield
    except OSError as error:
        raise ExchangeError(f"{doing}: {error.strerror or type(error).__name__}") from error
    except UnicodeError as error:
        raise ExchangeError(f"{doing}: {error}") from error


class Source:
    """A regular, non-empty file opened for one sequential pass, which counts what it gave out.

    Raises:
        ExchangeError: missing, unreadable, empty, a directory or another special file.
        InputTypeError: ``path`` is no path.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        if not isinstance(path, (str, PathLike)) or not isinstance(fspath(path), str):
            raise InputTypeError(f"path: expected str or PathLike, got {type(path).__name__}")
        self.path = Path(path)
        self.bytes_read = 0
        self._passed = False
        with foreign_errors(f"can't open {self.path}"):
            status = self.path.stat()
            if not stat.S_ISREG(status.st_mode):
                kind = "a directory" if stat.S_ISDIR(status.st_mode) else "a special file"
                raise ExchangeError(f"can't open {self.path}: expected a regular file, got {kind}")
            if status.st_size == 0:
                raise ExchangeError(f"can't open {self.path}: expected a hash list, got no bytes")
            self.total_bytes = status.st_size
            self._file = self.path.open("rb")

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes; empty at the end."""
        self._check_open()
        with foreign_errors(f"can't read {self.path}"):
            chunk = self._file.read(size)
        self.bytes_read += len(chunk)
        return chunk

    def read_line(self, size: int) -> bytes:
        """Up to the next line feed, included, but never more than ``size`` bytes."""
        self._check_open()
        try:
            line = self._file.readline(size)
        except OSError:
            with foreign_errors(f"can't read {self.path}"):
                raise
        self.bytes_read += len(line)
        return line

    def head(self) -> bytes:
        """The first 64 KiB; the pass starts from the beginning again."""
        self.rewind()
        head = self.read(HEAD_BYTES)
        self.rewind()
        return head

    def rewind(self) -> None:
        with foreign_errors(f"can't read {self.path}"):
            self._file.seek(0)
        self.bytes_read = 0

    def close(self) -> None:
        self._file.close()

    def begin_pass(self) -> None:
        """Called by a reader when its one pass begins."""
        if self._passed:
            raise InputError("reader: expected one pass over its records, got a second one")
        self._passed = True

    def _check_open(self) -> None:
        if self._file.closed:
            raise InputError("reader: expected to be read before it is closed")


def shown(head: bytes) -> str:
    """The first bytes of a file for a message: printable, bounded."""
    return repr(head[:_SHOWN_BYTES]) + ("…" if len(head) > _SHOWN_BYTES else "")
