"""What an import notes about the file that it reads: name, size, SHA-256."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from hashmatch.errors import ExchangeError, InputTypeError


@dataclass(frozen=True, slots=True)
class ListFile:
    """A list as it was before it was read.

    Attributes:
        name: without directories, which say more than the database should know.
        size: bytes.
        sha256: of the whole file.
    """

    path: Path
    name: str
    size: int
    sha256: bytes
    _stamp: tuple[int, ...]

    @classmethod
    def measure(cls, given: str | PathLike[str]) -> ListFile:
        """Find the file and read it once.

        Raises:
            ExchangeError: it is missing, can't be read, or is no regular file.
            InputTypeError: ``given`` is no path.
        """
        return FoundFile.find(given).measure()

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, for the audit log."""
        return {"name": self.name, "size": self.size, "sha256": self.sha256.hex()}

    def require_unchanged(self) -> None:
        """Make sure that the records came from the bytes that were measured.

        Raises:
            ExchangeError: the file was written to, replaced or removed meanwhile.
        """
        try:
            stamp = _stamp(self.path.stat())
        except OSError as error:
            raise ExchangeError(f"{self.path}: can't read the list: {error}") from error
        if stamp != self._stamp:
            raise ExchangeError(
                f"{self.path}: the file was changed while it was read; nothing was imported"
            )


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A list as it stood there before anything was read of it."""

    path: Path
    _stamp: tuple[int, ...]

    @classmethod
    def find(cls, given: str | PathLike[str]) -> FoundFile:
        """Look at the file without reading it.

        Raises:
            ExchangeError: it is missing, or is no regular file.
            InputTypeError: ``given`` is no path.
        """
        if not isinstance(given, (str, PathLike)) or not isinstance(os.fspath(given), str):
            raise InputTypeError(f"path: expected str or PathLike, got {type(given).__name__}")
        path = Path(given)
        try:
            status = path.stat()
        except (OSError, ValueError) as error:
            raise ExchangeError(f"{path}: can't read the list: {error}") from error
        # Opening a pipe would wait for someone to write to it.
        if not stat.S_ISREG(status.st_mode):
            raise ExchangeError(f"{path}: expected a file, got something else")
        return cls(path, _stamp(status))

    def measure(self) -> ListFile:
        """Read the file once.

        Raises:
            ExchangeError: it can't be read, or is not the one that was found.
        """
        path = self.path
        try:
            with path.open("rb") as file:
                stamp = _stamp(os.fstat(file.fileno()))
                digest = hashlib.file_digest(file, "sha256").digest()
        except (OSError, ValueError) as error:
            raise ExchangeError(f"{path}: can't read the list: {error}") from error
        if stamp != self._stamp:
            raise ExchangeError(f"{path}: the file was changed meanwhile; nothing was imported")
        return ListFile(path, path.name, stamp[0], digest, stamp)


def _stamp(status: os.stat_result) -> tuple[int, ...]:
    return (status.st_size, status.st_mtime_ns, status.st_ino, status.st_dev)
