"""What reading a video may cost; kept by asking, so nothing that was there is lost."""

from __future__ import annotations

import io
import time
from typing import BinaryIO

from hashmatch.decode.limits import Limits


class Budget:
    """Frames, time and bytes of one video."""

    def __init__(self, limits: Limits, deadline: float | None) -> None:
        self._limits = limits
        own = time.monotonic() + limits.max_video_seconds
        self._deadline = own if deadline is None else min(own, deadline)
        self._own = own
        self.bytes_read = 0

    def over_time(self) -> str | None:
        """Why time is up, None if it is not."""
        if time.monotonic() < self._deadline:
            return None
        if self._deadline < self._own:
            return "limit: the deadline has passed"
        return f"limit: {self._limits.max_video_seconds:g} s of reading"

    def over_bytes(self) -> str | None:
        """Why no more bytes are read, None if they are."""
        if self.bytes_read <= self._limits.max_video_bytes:
            return None
        return f"limit: {self._limits.max_video_bytes} bytes of the file read"

    def over_frames(self, n_decoded: int) -> str | None:
        """Why no more frames are decoded, None if they are."""
        if n_decoded < self._limits.max_video_frames:
            return None
        return f"limit: {self._limits.max_video_frames} frames decoded"


class BudgetedFile:
    """A file as FFmpeg reads it: over the budget, or when reading fails, it has ended.

    An exception would pass through FFmpeg's demuxer, which makes of it what it likes; the end of a
    file is what all of them understand.

    Attributes:
        stopped: why the file has ended before its end, None while it has not.
    """

    def __init__(self, stream: BinaryIO, budget: Budget) -> None:
        self._stream = stream
        self._budget = budget
        self._seekable = _is_seekable(stream)
        self._head = b"" if self._seekable else stream.read(PEEKED)
        self._at = 0
        self.stopped: str | None = None

    def peek(self, n: int) -> bytes:
        """The first bytes; to be asked before anything is read."""
        if not self._seekable:
            return self._head[:n]
        start = self._stream.read(n)
        self._stream.seek(0)
        return start

    def read(self, n: int) -> bytes:
        """Bytes, none at the end, over the budget or if reading fails."""
        if self.stopped is None:
            self.stopped = self._budget.over_time() or self._budget.over_bytes()
        if self.stopped is not None:
            return b""
        try:
            block = self._take(n)
        except (OSError, ValueError) as error:
            self.stopped = f"corrupt: the file can't be read further: {error}"
            return b""
        self._budget.bytes_read += len(block)
        return block

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """As of any file."""
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        """As of any file."""
        return self._stream.tell()

    def seekable(self) -> bool:
        """As of any file."""
        return self._seekable

    def readable(self) -> bool:
        """Always."""
        return True

    def _take(self, n: int) -> bytes:
        if not self._head:
            return self._stream.read(n)
        block, self._head = self._head[:n], self._head[n:]
        return block


PEEKED = 4096


def _is_seekable(stream: BinaryIO) -> bool:
    try:
        return stream.seekable()
    except (AttributeError, OSError, ValueError):
        return False
