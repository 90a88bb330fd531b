"""Outputs that appear whole: written into a hidden folder beside their places, then renamed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from hashmatch.closing import Closing
from hashmatch.errors import ExchangeError

MANIFEST = "manifest.json"
PAGES = "pages"
_OUR_PAGE = re.compile(r"(groups|matches|review)-\d{5,}\.html").fullmatch


@dataclass(frozen=True, slots=True)
class OutputFile:
    """One output: its path below the folder with ``/``, its bytes and their SHA-256 in hex."""

    path: str
    size: int
    sha256: str


class StagedFile:
    """A file being written, which knows its size and SHA-256."""

    def __init__(self, staging: Staging, name: str, file: BinaryIO) -> None:
        self._staging = staging
        self._name = name
        self._file = file
        self._digest = hashlib.sha256()
        self._size = 0

    def write(self, data: bytes) -> None:
        with writing_errors(self._staging.folder):
            self._file.write(data)
        self._digest.update(data)
        self._size += len(data)

    def close(self) -> None:
        with writing_errors(self._staging.folder):
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
        done = OutputFile(self._name, self._size, self._digest.hexdigest())
        self._staging.finished.append(done)

    def discard(self) -> None:
        with contextlib.suppress(OSError):
            self._file.close()


class Staging(Closing):
    """A context: what was written in it is put in place by ``commit``, and else removed.

    Attributes:
        folder: where the outputs belong; made if it is missing.
        finished: files that are closed.

    Raises:
        ExchangeError: the folder can't be written, or an output is there and ``overwrite`` is
            False.
    """

    def __init__(self, folder: Path, names: tuple[str, ...], *, overwrite: bool) -> None:
        self.folder = folder
        self.finished: list[OutputFile] = []
        self._overwrite = overwrite
        self._open: list[StagedFile] = []
        with writing_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            if not overwrite:
                for name in (*names, PAGES, MANIFEST):
                    if os.path.lexists(folder / name):
                        raise _exists(folder / name)
            self._part = Path(tempfile.mkdtemp(dir=folder, prefix=".report.", suffix=".part"))

    def close(self) -> None:
        """Remove what was not put in place."""
        for file in self._open:
            file.discard()
        shutil.rmtree(self._part, ignore_errors=True)

    def open(self, name: str) -> StagedFile:
        """A new output, readable by the owner only; ``name`` is a path with ``/``."""
        path = self._part / name
        with writing_errors(self.folder):
            path.parent.mkdir(mode=0o700, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        file = StagedFile(self, name, os.fdopen(handle, "wb", buffering=1 << 18))
        self._open.append(file)
        return file

    def write(self, name: str, data: bytes) -> None:
        """A whole output at once."""
        file = self.open(name)
        file.write(data)
        file.close()
        self._open.remove(file)

    def commit(self) -> None:
        """Put everything in place, the manifest last: one that is there covers what is there."""
        names = sorted((file.path for file in self.finished), key=lambda n: (n == MANIFEST, n))
        placed: list[Path] = []
        with writing_errors(self.folder):
            if self._overwrite:
                self._remove_old()
            try:
                for name in names:
                    self._place(name)
                    placed.append(self.folder / name)
            except BaseException:
                if not self._overwrite:  # then all of them are ours
                    for path in placed:
                        path.unlink(missing_ok=True)
                    with contextlib.suppress(OSError):
                        (self.folder / PAGES).rmdir()
                raise
            for folder in {self.folder, *(path.parent for path in placed)}:
                _sync(folder)

    def _place(self, name: str) -> None:
        part, target = self._part / name, self.folder / name
        if target.parent != self.folder:
            target.parent.mkdir(mode=0o700, exist_ok=True)
            if not stat.S_ISDIR(os.lstat(target.parent).st_mode):
                raise ExchangeError(f"can't write {target}: its folder is a link")
        if self._overwrite:
            part.replace(target)
            return
        try:
            # A link fails where the target exists; a rename would replace what came meanwhile.
            os.link(part, target)
        except FileExistsError:
            raise _exists(target) from None
        except OSError:  # file systems without links, such as those of memory sticks
            if os.path.lexists(target):
                raise _exists(target) from None
            part.rename(target)

    def _remove_old(self) -> None:
        """The manifest, which will not be true any longer, and pages that may have no successor."""
        (self.folder / MANIFEST).unlink(missing_ok=True)
        pages = self.folder / PAGES
        if pages.is_symlink() or not pages.is_dir():
            return
        for path in pages.iterdir():
            if _OUR_PAGE(path.name):
                path.unlink()
        with contextlib.suppress(OSError):  # something of somebody else's lies there
            pages.rmdir()


@contextlib.contextmanager
def writing_errors(folder: Path) -> Iterator[None]:
    """Turn the operating system's exceptions into ExchangeError."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ExchangeError(f"can't write the report in {folder}: {reason}") from error


def _exists(path: Path) -> ExchangeError:
    return ExchangeError(
        f"can't write {path}: it is there already, and overwriting was not asked for"
    )


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
