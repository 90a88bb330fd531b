"""A file that appears whole or not at all: written beside its target, synced, then renamed."""

from __future__ import annotations

import contextlib
import os
import tempfile
from os import PathLike, fspath
from pathlib import Path

from hashmatch.errors import ExchangeError, InputTypeError
from hashmatch.exchange.source import foreign_errors


class AtomicFile:
    """Bytes for ``path``, readable by the owner only (0600), in place after ``commit``.

    Raises:
        ExchangeError: ``path`` exists and ``overwrite`` is False, or the file can't be written.
        InputTypeError: ``path`` is no path.
    """

    def __init__(self, path: str | PathLike[str], *, overwrite: bool) -> None:
        if not isinstance(path, (str, PathLike)) or not isinstance(fspath(path), str):
            raise InputTypeError(f"path: expected str or PathLike, got {type(path).__name__}")
        self._target = Path(path)
        self._overwrite = overwrite
        self._doing = f"can't write {self._target}"
        if not overwrite and os.path.lexists(self._target):
            raise self._exists()
        with foreign_errors(self._doing):
            handle, name = tempfile.mkstemp(
                dir=self._target.parent, prefix=f".{self._target.name[:100]}.", suffix=".part"
            )
            self._part = Path(name)
            self._file = os.fdopen(handle, "wb", buffering=1 << 20)

    def write(self, data: bytes) -> None:
        try:
            self._file.write(data)
        except OSError:
            with foreign_errors(self._doing):
                raise

    def commit(self) -> None:
        """Put the file in place; after an error nothing is left beside the target."""
        try:
            with foreign_errors(self._doing):
                self._file.flush()
                os.fsync(self._file.fileno())
                self._file.close()
                self._place()
                self._sync_folder()
        except BaseException:
            self.discard()
            raise

    def discard(self) -> None:
        """Remove what was written so far."""
        with contextlib.suppress(OSError):
            self._file.close()
        with contextlib.suppress(FileNotFoundError):
            self._part.unlink()

    def _place(self) -> None:
        if self._overwrite:
            self._part.replace(self._target)
            return
        try:
            # A link fails where the target exists; a rename would replace what came meanwhile.
            os.link(self._part, self._target)
        except FileExistsError:
            raise self._exists() from None
        except OSError:
            # File systems without links, such as those of memory sticks.
            if os.path.lexists(self._target):
                raise self._exists() from None
            self._part.rename(self._target)
        else:
            self._part.unlink()

    def _sync_folder(self) -> None:
        folder = os.open(self._target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _exists(self) -> ExchangeError:
        return ExchangeError(f"{self._doing}: the file exists, and overwriting was not asked for")
