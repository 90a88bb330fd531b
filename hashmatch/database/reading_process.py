"""A large list is read in a process of its own: one core reads, the other one stores."""

from __future__ import annotations

import fcntl
import os
import pickle
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

from hashmatch import exchange
from hashmatch.closing import Closing
from hashmatch.database.batches import Batch
from hashmatch.database.list_reading import ReaderReading
from hashmatch.database.payloads import Payloads
from hashmatch.database.reading_frames import (
    BATCH,
    END,
    FAILED,
    OPENED,
    Frame,
    unframed,
    unpacked,
)
from hashmatch.errors import ExchangeError

LARGE = 4 << 20
"""Bytes of a list from which on a process of its own is worth its start."""
_PIPE_BYTES = 1 << 20
_WAIT_S = 5.0


def start_reading(path: str | PathLike[str], **options: Any) -> ReaderReading | ProcessReading:
    """Begin to read a list; ``options`` are those of ``exchange.open_reader``.

    Returns:
        What has to be opened, which takes a moment; there is time for something else until then.
    """
    order = _order(path, options)
    if order is not None and sys.executable and Path(path).stat().st_size >= LARGE:
        return ProcessReading(order, where=str(path))
    return ReaderReading(partial(exchange.open_reader, path, **options))


def _order(path: str | PathLike[str], options: dict[str, Any]) -> bytes | None:
    """What the process is told, or None where an option can't be handed over."""
    try:
        return pickle.dumps((str(Path(path).absolute()), options))
    except (pickle.PicklingError, TypeError, AttributeError):
        return None


class ProcessReading(Closing):
    """A ``ListReading`` of another process; closing it ends that process.

    Raises:
        ExchangeError: the process ended without a word; ``open`` raises what ``open_reader`` does.
    """

    def __init__(self, order: bytes, *, where: str) -> None:
        self._where = where
        receiving, sending = os.pipe()
        self._payloads = Payloads(os.fdopen(receiving, "rb"))
        with suppress(OSError):  # a smaller pipe makes the two wait for each other more often
            fcntl.fcntl(receiving, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        try:
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter, our own module
                [sys.executable, "-m", "hashmatch.database.reading_child", str(sending)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                pass_fds=(sending,),
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
        finally:
            os.close(sending)
        if self._process.stdin is not None:
            with self._process.stdin as orders:
                orders.write(order)
        self.warnings: Counter[str] = Counter()
        self.incomplete: str | None = None
        self.format: str | None = None
        self.scheme: str | None = None
        self.total_bytes: int | None = None

    def open(self) -> None:
        _, self.format, self.scheme, self.total_bytes = self._receive()

    def batches(self) -> Iterator[Batch]:
        while (frame := self._receive())[0] == BATCH:
            yield unpacked(frame)
        self.warnings.update(frame[1])
        self.incomplete = frame[2]

    def close(self) -> None:
        """End the process."""
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(_WAIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._payloads.close()

    def _receive(self) -> Frame:
        payload = self._payloads.get()
        if payload is None:
            code = self._process.wait()
            raise ExchangeError(
                f"{self._where}: the process that read the list ended early (exit code {code}); "
                "nothing was imported"
            )
        frame = unframed(payload)
        if frame[0] == FAILED:
            raise pickle.loads(frame[1])  # noqa: S301 - likewise
        if frame[0] not in (OPENED, BATCH, END):
            raise ExchangeError(f"{self._where}: expected a part of the list, got {frame[0]!r}")
        return frame
