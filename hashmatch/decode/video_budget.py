"""What reading a video may cost; kept by asking, so nothing that was there is lost."""

from __future__ import annotations

import io
import time
from typing import BinaryIO

from hashmatch.decode.limits import Limits
from hashmatch.errors import MediaAccessError

PEEKED = 8192
"""First bytes that are read for the type, and for what the file says of its length."""


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
        head: its first bytes.
        stopped: why the file, or a part of it, has ended before its end; None: it has not.
    """

    def __init__(self, stream: BinaryIO, budget: Budget) -> None:
        """Read the file's first bytes.

        Raises:
            MediaAccessError: they can't be read.
        """
        self._stream = stream
        self._budget = budget
        self._seekable = _is_seekable(stream)
        self._held_back = b""
        self._allowance: int | None = None
        try:
            self.head = stream.read(PEEKED)
            if self._seekable:
                stream.seek(0)
            else:
                self._held_back = self.head
        except OSError as error:
            raise MediaAccessError(f"video: can't be read: {error}") from error
        self.stopped: str | None = None

    def size(self) -> int | None:
        """Of the file; None where it can't be told."""
        if not self._seekable:
            return None
        try:
            return self._stream.seek(0, io.SEEK_END)
        except (OSError, ValueError):
            return None

    def read(self, n: int) -> bytes:
        """Bytes, none at the end, over the budget or if reading fails."""
        over = self._budget.over_time() or self._budget.over_bytes()
        if over is not None or self._allowance == 0:
            self.stopped = self.stopped or over
            return b""
        try:
            block = self._take(n if self._allowance is None else min(n, self._allowance))
        except (OSError, ValueError) as error:
            # Another place of the file may still be readable.
            self.stopped = f"corrupt: the file can't be read: {error}"
            return b""
        self._budget.bytes_read += len(block)
        if self._allowance is not None:
            self._allowance -= len(block)
        return block

    def allow(self, n_bytes: int | None) -> None:
        """So many bytes more, then the file has ended for as long as no more are allowed.

        Args:
            n_bytes: None: as many as there are.
        """
        self._allowance = n_bytes

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
        if not self._held_back:
            block = self._stream.read(n)
            if len(block) > n:  # PyAV would write it beyond its buffer
                raise ValueError(f"asked for {n} bytes, it gave {len(block)}")
            return block
        block, self._held_back = self._held_back[:n], self._held_back[n:]
        return block


def _is_seekable(stream: BinaryIO) -> bool:
    try:
        return stream.seekable()
    except (AttributeError, OSError, ValueError):
        return False
