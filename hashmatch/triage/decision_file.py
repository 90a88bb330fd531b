"""``decisions.jsonl``: one decision a line, appended, never changed; a torn end is cut off."""

from __future__ import annotations

import fcntl
import json
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hashmatch.errors import CatalogueCorruptError, CatalogueError, InputError
from hashmatch.triage.decision import Decision, decision_of

FILE_NAME = "decisions.jsonl"
MOST_BYTES = 1 << 30
_BLOCK = 1 << 20


class DecisionFile:
    """The lines of one file, and appending to it. What other processes append is seen.

    Args:
        path: of the file; it is made by the first ``append``, readable by its owner only.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.decisions: list[Decision] = []
        self._end = 0
        """Bytes that are whole lines, all of them read."""
        self._closed = True
        """Whether the last of them has its newline."""
        self._warned = False

    def read(self) -> Sequence[Decision]:
        """All decisions in their order; those that are new since the last call are read.

        A last line that is not whole is left out, with a warning.

        Raises:
            CatalogueCorruptError: another line is no decision.
            CatalogueError: the file can't be read.
        """
        try:
            handle = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            return self.decisions
        except OSError as error:
            raise self._failed("read", error) from error
        with self._locked(handle, fcntl.LOCK_SH):
            self._catch_up(handle)
        return self.decisions

    def append(self, make: Callable[[Sequence[Decision]], Sequence[Decision]]) -> None:
        """Append what ``make`` gives for all decisions that are there; nobody else does meanwhile.

        It is on the disk when this returns.

        Raises:
            CatalogueCorruptError, CatalogueError: as ``read``; or the file can't be written.
        """
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            is_new = not self.path.exists()
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(self.path, flags, 0o600)
        except OSError as error:
            raise self._failed("write", error) from error
        with self._locked(handle, fcntl.LOCK_EX):
            self._catch_up(handle)
            made = make(self.decisions)
            if not made:
                return
            text = b"".join(_line(decision) for decision in made)
            try:
                os.ftruncate(handle, self._end)
                _write(handle, self._end, text if self._closed else b"\n" + text)
                os.fsync(handle)
                if is_new:
                    _sync_folder(self.path.parent)
            except OSError as error:
                raise self._failed("write", error) from error
            self._catch_up(handle)

    @contextmanager
    def _locked(self, handle: int, how: int) -> Iterator[None]:
        try:
            try:
                fcntl.flock(handle, how)
            except OSError as error:
                raise self._failed("lock", error) from error
            yield
        finally:
            os.close(handle)

    def _catch_up(self, handle: int) -> None:
        try:
            data = _read_from(handle, self._end)
        except OSError as error:
            raise self._failed("read", error) from error
        if not self._closed:  # the newline that a later append sets
            skipped = 1 if data.startswith(b"\n") else 0
            data, self._end, self._closed = data[skipped:], self._end + skipped, skipped == 1
        lines = data.split(b"\n")
        for line in lines[:-1]:
            self._take(line)
            self._end += len(line) + 1
        if lines[-1]:
            self._take_last(lines[-1])

    def _take_last(self, line: bytes) -> None:
        """A line without its newline: whole, if it is a decision, for a part of one is none."""
        try:
            self._take(line)
        except CatalogueCorruptError:
            if not self._warned:
                warnings.warn(
                    f"{self.path}: the last line was not written to its end; it is left out",
                    stacklevel=4,
                )
            self._warned = True
            return
        self._end += len(line)
        self._closed = False

    def _take(self, line: bytes) -> None:
        number = len(self.decisions) + 1
        try:
            decision = decision_of(json.loads(line))
            if decision.number != number:
                raise InputError(f"number: expected {number}, got {decision.number}")
        except (ValueError, RecursionError) as error:
            raise CatalogueCorruptError(f"{self.path}, line {number}: {error}") from error
        self.decisions.append(decision)

    def _failed(self, doing: str, error: OSError) -> CatalogueError:
        return CatalogueError(f"{self.path}: can't {doing} decisions: {error.strerror}")


def _line(decision: Decision) -> bytes:
    return json.dumps(decision.to_dict(), separators=(",", ":")).encode("ascii") + b"\n"


def _read_from(handle: int, start: int) -> bytes:
    size = os.fstat(handle).st_size
    if size > MOST_BYTES:
        raise OSError(0, f"expected at most {MOST_BYTES} bytes, got {size}")
    parts = []
    while block := os.pread(handle, _BLOCK, start):
        parts.append(block)
        start += len(block)
    return b"".join(parts)


def _write(handle: int, start: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        n = os.pwrite(handle, view, start)
        start, view = start + n, view[n:]


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
