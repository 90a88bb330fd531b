"""Frames are taken from the pipe as they come, so that the other process never waits for a turn."""

from __future__ import annotations

from queue import Full, Queue
from threading import Event, Thread
from typing import BinaryIO

from hashmatch.database.reading_frames import LENGTH_BYTES

_AHEAD = 3
"""Frames that wait to be taken, of a megabyte or two each."""
_POLL_S = 0.2


class Payloads:
    """The contents of the frames in a pipe, in order; a thread reads ahead of who takes them."""

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe
        self._waiting: Queue[bytes | None] = Queue(_AHEAD)
        self._closed = Event()
        self._thread = Thread(target=self._read, name="list frames", daemon=True)
        self._thread.start()

    def get(self) -> bytes | None:
        """The next one; None where the pipe ended, in a frame or between two."""
        payload = self._waiting.get()
        if payload is None:
            self._waiting.put(None)  # so it is for whoever asks again
        return payload

    def close(self) -> None:
        """Stop reading. The writer has to have ended, or the pipe to be empty."""
        self._closed.set()
        self._thread.join()
        self._pipe.close()

    def _read(self) -> None:
        payload: bytes | None = b""
        while payload is not None and not self._closed.is_set():
            payload = self._next()
            while not self._closed.is_set():
                try:
                    self._waiting.put(payload, timeout=_POLL_S)
                except Full:
                    continue
                break

    def _next(self) -> bytes | None:
        head = self._pipe.read(LENGTH_BYTES)
        length = int.from_bytes(head, "little")
        payload = self._pipe.read(length) if len(head) == LENGTH_BYTES else b""
        return payload if payload and len(payload) == length else None
