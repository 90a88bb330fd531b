"""Sorting more records than memory holds: runs in nameless files, merged in bounded memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from hashmatch import _native
from hashmatch.errors import IndexFileError

Bytes = NDArray[np.uint8]

FAN_IN = 64
"""Runs merged at once: bounds the open files, and keeps each one's reads long."""


class Run:
    """Strictly ascending records in a file without a name, which vanishes with this process."""

    def __init__(self, folder: Path, stride: int) -> None:
        self.stride = stride
        self.records = 0
        try:
            self._file: IO[bytes] = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115
        except OSError as error:
            raise IndexFileError(f"{folder}: no room for sorted runs: {error.strerror}") from error

    def append(self, records: Bytes) -> None:
        """Raises IndexFileError where the disk is full or fails."""
        data = records.reshape(-1).data
        try:
            while len(data):
                data = data[self._file.write(data) :]
        except OSError as error:
            raise IndexFileError(f"a sorted run can't be written: {error.strerror}") from error
        self.records += len(records)

    def rewind(self) -> None:
        self._file.seek(0)

    def read_into(self, buffer: Bytes) -> int:
        """Fill the rows of ``buffer`` as far as records go; their number, 0 at the end."""
        data = buffer.reshape(-1).data
        done = 0
        try:
            while done < len(data):
                count = self._file.readinto(data[done:])  # type: ignore[attr-defined]
                if not count:
                    break
                done += count
        except OSError as error:
            raise IndexFileError(f"a sorted run can't be read: {error.strerror}") from error
        return done // self.stride

    def close(self) -> None:
        # Nothing is lost: what the file holds is of use to nobody.
        with suppress(OSError):
            self._file.close()


class _Cursor:
    """A run that is read through a buffer of its own."""

    def __init__(self, run: Run, buffer: Bytes) -> None:
        self._run = run
        self._buffer = buffer
        self._left = run.records
        self.rest = buffer[:0]
        run.rewind()

    def fill(self) -> bool:
        """Whether there are records, the buffer filled up if it was used up."""
        if not len(self.rest) and self._left:
            count = self._run.read_into(self._buffer[: min(len(self._buffer), self._left)])
            if not count:
                raise IndexFileError("a sorted run ends before its records do")
            self._left -= count
            self.rest = self._buffer[:count]
        return bool(len(self.rest))

    @property
    def last(self) -> Bytes | None:
        """The greatest record in the buffer if the file has more behind it."""
        return self.rest[-1] if self._left else None

    def take(self, bound: Bytes | None) -> Bytes:
        """Records up to ``bound``, all of them without one."""
        count = len(self.rest) if bound is None else _native.digest_count_up_to(self.rest, bound)
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken


def merged(runs: list[Run], stride: int, memory_bytes: int) -> Iterator[Bytes]:
    """The records of all runs in strictly ascending order, in pieces that the next one overwrites.

    Half of the memory reads, half holds the merged piece. A round takes from each buffer what is
    at most the least of the buffers' last records: nothing that is still in a file can be before it
    or equal to it, but for the run whose last record it is, and that one repeats none.
    """
    rows = max(1, memory_bytes // (2 * stride * len(runs)))
    cursors = [_Cursor(run, np.empty((rows, stride), dtype=np.uint8)) for run in runs]
    out = np.empty((rows * len(runs), stride), dtype=np.uint8)
    while True:
        cursors = [cursor for cursor in cursors if cursor.fill()]
        if not cursors:
            return
        lasts = [cursor.last for cursor in cursors]
        bound = min((last for last in lasts if last is not None), key=bytes, default=None)
        pieces = [cursor.take(bound) for cursor in cursors]
        yield out[: _native.digest_merge(pieces, out)]


class RunStack:
    """Runs as they are made; each FAN_IN of a size become one of the next, so that few are open."""

    def __init__(self, folder: Path, stride: int, memory_bytes: int) -> None:
        self._folder = folder
        self._stride = stride
        self._memory_bytes = memory_bytes
        self._levels: list[list[Run]] = [[]]

    def __len__(self) -> int:
        return sum(len(level) for level in self._levels)

    def push(self, records: Bytes) -> None:
        """Write strictly ascending records out as a run."""
        run = Run(self._folder, self._stride)
        self._levels[0].append(run)
        run.append(records)

    def tidy(self) -> None:
        """Merge levels that are full. Call it while no other memory is in use."""
        level = 0
        while level < len(self._levels) and len(self._levels[level]) >= FAN_IN:
            if level + 1 == len(self._levels):
                self._levels.append([])
            whole = Run(self._folder, self._stride)
            self._levels[level + 1].append(whole)
            for piece in merged(self._levels[level], self._stride, self._memory_bytes):
                whole.append(piece)
            self._close(level)
            level += 1

    def merged(self) -> Iterator[Bytes]:
        """All records; more runs than FAN_IN are few levels of few, and are read together."""
        runs = [run for level in self._levels for run in level]
        return merged(runs, self._stride, self._memory_bytes)

    @property
    def records(self) -> int:
        return sum(run.records for level in self._levels for run in level)

    def close(self) -> None:
        for level in range(len(self._levels)):
            self._close(level)

    def _close(self, level: int) -> None:
        for run in self._levels[level]:
            run.close()
        self._levels[level] = []
