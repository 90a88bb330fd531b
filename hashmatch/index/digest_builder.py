"""Builds the file of a ``DigestSet`` from any number of digests in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from hashmatch import _native
from hashmatch.errors import IndexFileError, InputError
from hashmatch.index import arguments
from hashmatch.index.digest_records import (
    KIND,
    MAX_RECORDS,
    PAYLOAD_BYTES,
    DirectoryCounter,
    checked_digests,
    checked_payload,
    checked_width,
    pack,
)
from hashmatch.index.digest_runs import RunStack
from hashmatch.index.section_writer import SectionWriter

Bytes = NDArray[np.uint8]

DEFAULT_MEMORY_BYTES = 256 << 20
LEAST_MEMORY_BYTES = 64 << 10


class DigestSetBuilder:
    """Collects digests; leaving the ``with`` block without an error writes the file.

    Records are sorted in memory, written to files without a name in the target's folder (they
    vanish with the process, however it ends), and merged into the file, which appears whole or not
    at all. The same digest with different payloads keeps them all; an exact repetition is kept
    once. The same content gives the same file, in whatever order it came.

    Memory: ``memory_bytes``, the directory and its counts (2 bytes a record, at most 128 MiB each),
    and what one ``add`` is given. Disk: the records twice while the file is being written.

    Args:
        path: where the file will be; what is there is replaced.
        width: bytes of a digest: 16 (MD5), 20 (SHA-1), 32 (SHA-256).
        with_payload: whether each digest carries an int64.
        memory_bytes: for sorting and merging, 64 KiB or more.

    Raises:
        InputError: an argument out of range.

    Not safe to use from several threads at once.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        *,
        width: int,
        with_payload: bool = False,
        memory_bytes: int = DEFAULT_MEMORY_BYTES,
    ) -> None:
        self._path = Path(path)
        self._width = checked_width(width)
        self._with_payload = bool(with_payload)
        self._stride = self._width + (PAYLOAD_BYTES if with_payload else 0)
        self._memory_bytes = arguments.at_least(memory_bytes, LEAST_MEMORY_BYTES, "memory_bytes")
        self._buffer: Bytes | None = None
        self._filled = 0
        self._runs = RunStack(self._path.parent, self._stride, self._memory_bytes)
        self._open = True

    def add(self, digests: Bytes, payload: NDArray[np.int64] | None = None) -> None:
        """Add digests, each with its payload if the set has payloads.

        Args:
            digests: uint8 (n, width).
            payload: int64 (n,), or None for a set without payloads.

        Raises:
            InputError: wrong dtype or shape, a payload too many or too few, or a closed builder.
            IndexFileError: no room on the disk.
        """
        self._require_open()
        digests = checked_digests(digests, self._width)
        if (payload is not None) != self._with_payload:
            what = ("int64 (n,)", "None") if self._with_payload else ("None", "an array")
            raise InputError(f"payload: expected {what[0]}, got {what[1]}")
        if payload is not None:
            payload = checked_payload(payload, len(digests))
        done = 0
        while done < len(digests):
            buffer = self._room()
            count = min(len(digests) - done, len(buffer) - self._filled)
            some = slice(done, done + count)
            target = buffer[self._filled : self._filled + count]
            pack(digests[some], None if payload is None else payload[some], target)
            self._filled += count
            done += count

    def close(self) -> None:
        """Write the file. A builder that is closed stays so.

        Raises:
            IndexFileError: the file can't be written, or has 2^32 records or more.
        """
        if not self._open:
            return
        try:
            if len(self._runs):
                self._spill()
                self._buffer = None
                self._runs.tidy()
                self._write(self._runs.merged(), self._runs.records)
            else:
                records = self._sorted()
                self._write([records], len(records))
        finally:
            self._discard()

    def __enter__(self) -> Self:
        self._require_open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.close()
        else:
            self._discard()

    def _discard(self) -> None:
        self._open = False
        self._buffer = None
        self._runs.close()

    def _require_open(self) -> None:
        if not self._open:
            raise InputError(f"{self._path}: expected an open builder, got a closed one")

    def _room(self) -> Bytes:
        """The buffer, with room for a record or more."""
        if self._buffer is not None and self._filled == len(self._buffer):
            self._spill()
            self._buffer = None  # its memory is for the merge of full levels
            self._runs.tidy()
        if self._buffer is None:
            rows = self._memory_bytes // self._stride
            self._buffer = np.empty((rows, self._stride), dtype=np.uint8)
        return self._buffer

    def _spill(self) -> None:
        records = self._sorted()
        if len(records):
            self._runs.push(records)

    def _sorted(self) -> Bytes:
        """What the buffer holds in strictly ascending order; the buffer counts as empty then."""
        if self._buffer is None:
            return np.empty((0, self._stride), dtype=np.uint8)
        count = _native.digest_sort(self._buffer[: self._filled])
        self._filled = 0
        return self._buffer[:count]

    def _write(self, pieces: Iterable[Bytes], most: int) -> None:
        counter = DirectoryCounter(min(most, MAX_RECORDS))
        total = 0
        meta = {"width": self._width, "payload": int(self._with_payload)}
        with SectionWriter(self._path, kind=KIND, meta=meta) as writer:
            section = writer.open_section("records", np.uint8, self._stride)
            for piece in pieces:
                total += len(piece)
                if total > MAX_RECORDS:
                    raise IndexFileError(
                        f"{self._path}: expected at most {MAX_RECORDS} records, got more"
                    )
                counter.add(piece)
                section.append(piece)
            writer.write("directory", counter.directory())
