"""The input file of a reader, and the one place where this package maps foreign exceptions."""

from __future__ import annotations

import stat
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from os import PathLike, fspath
from pathlib import Path
from typing import BinaryIO

from hashmatch.errors import ExchangeError, InputError, InputTypeError
from hashmatch.exchange.decoding import (
    LONE_RETURNS,
    Encoding,
    decoded,
    find_encoding,
    has_lone_returns,
)
from hashmatch.exchange.unpacking import open_packed, packing_of

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

    What comes out is the list itself: unpacked where the file is a gzip, or a zip of one file, and
    in UTF-8 where it is text in UTF-16. Bytes of any other kind come out as they are.

    Attributes:
        path: the file.
        total_bytes: its size, packed as it may be.
        packing: "gzip", "zip" or None.
        warnings: what was wrong with the encoding.

    Raises:
        ExchangeError: missing, unreadable, empty, a directory or another special file; can't be
            unpacked.
        InputTypeError: ``path`` is no path.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        if not isinstance(path, (str, PathLike)) or not isinstance(fspath(path), str):
            raise InputTypeError(f"path: expected str or PathLike, got {type(path).__name__}")
        self.path = Path(path)
        self.warnings: Counter[str] = Counter()
        self._given = 0
        self._passed = False
        self._last = b""
        with foreign_errors(f"can't open {self.path}"):
            status = self.path.stat()
            if not stat.S_ISREG(status.st_mode):
                kind = "a directory" if stat.S_ISDIR(status.st_mode) else "a special file"
                raise ExchangeError(f"can't open {self.path}: expected a regular file, got {kind}")
            if status.st_size == 0:
                raise ExchangeError(f"can't open {self.path}: expected a hash list, got no bytes")
            self.total_bytes = status.st_size
            self._raw: BinaryIO = self.path.open("rb")
        self._file: BinaryIO = self._raw
        self._encoding = Encoding()
        try:
            self._look()
        except BaseException:
            self.close()
            raise

    def _look(self) -> None:
        with foreign_errors(f"can't read {self.path}"):
            self.packing = packing_of(self._raw)
            self.rewind()
            self._encoding = find_encoding(self._file.read(1024))
        if self._encoding.warning is not None:
            self.warnings[self._encoding.warning] += 1
        if has_lone_returns(self.head()):
            self._encoding = replace(self._encoding, lone_returns=True)
            self.warnings[LONE_RETURNS] += 1
        self.rewind()

    @property
    def bytes_read(self) -> int:
        """Bytes of the file consumed so far."""
        return self._given if self._file is self._raw else self._consumed

    @property
    def ends_line(self) -> bool:
        """Whether the last byte that came out ends a line."""
        return self._last == b"\n"

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes; empty at the end."""
        self._check_open()
        with foreign_errors(f"can't read {self.path}"):
            chunk = self._file.read(size)
            self._count(chunk, size)
        self._last = chunk[-1:] or self._last
        return chunk

    def read_line(self, size: int) -> bytes:
        """Up to the next line feed, included, but never more than ``size`` bytes."""
        self._check_open()
        try:
            line = self._file.readline(size)
        except OSError:
            with foreign_errors(f"can't read {self.path}"):
                raise
        if self._file is self._raw:
            self._given += len(line)
        else:
            self._count(line, 1)
        self._last = line[-1:] or self._last
        return line

    def _count(self, chunk: bytes, size: int) -> None:
        self._given += len(chunk)
        if self._file is not self._raw:
            # At the end there may be a directory or a checksum that nobody reads.
            ended = len(chunk) < size
            self._consumed = self.total_bytes if ended else self._raw.tell()

    def head(self) -> bytes:
        """The first 64 KiB; the pass starts from the beginning again."""
        self.rewind()
        head = self.read(HEAD_BYTES)
        self.rewind()
        return head

    def rewind(self) -> None:
        with foreign_errors(f"can't read {self.path}"):
            self._raw.seek(0)
            file: BinaryIO = self._raw
            if self.packing is not None:
                file = open_packed(self._raw, self.packing, str(self.path))
            if self._encoding.changes:
                file = decoded(file, self._encoding)
        self._file = file
        self._given = self._consumed = 0

    def close(self) -> None:
        self._raw.close()

    def begin_pass(self) -> None:
        """Called by a reader when its one pass begins."""
        if self._passed:
            raise InputError("reader: expected one pass over its records, got a second one")
        self._passed = True

    def _check_open(self) -> None:
        if self._raw.closed:
            raise InputError("reader: expected to be read before it is closed")


def shown(head: bytes) -> str:
    """The first bytes of a file for a message: printable, bounded."""
    return repr(head[:_SHOWN_BYTES]) + ("…" if len(head) > _SHOWN_BYTES else "")
