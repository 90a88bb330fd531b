"""Frames between their packets' going into the decoder and their turn to be shown."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from hashmatch.decode.video_model import VideoReport
from hashmatch.decode.video_timeline import Entry, Timeline

if TYPE_CHECKING:
    import av


class Flight:
    """Entries in order of presentation, some of which wait for their picture.

    Attributes:
        wanted: by time, the entries that are taken and whose picture has not come out yet.
    """

    def __init__(self, timeline: Timeline, report: VideoReport) -> None:
        self._timeline = timeline
        self._report = report
        self._queue: deque[Entry] = deque()
        self._placed: set[int] = set()  # what may come out and has its place already
        self.wanted: dict[int, Entry] = {}

    def place(self, pts: int | None, duration: int | None) -> None:
        """The next frame in order of presentation, known by its packet."""
        entry = self._timeline.place(pts, duration)
        self._queue.append(entry)
        if pts is None:
            return
        self._placed.add(pts)
        if entry.taken:
            self.wanted[pts] = entry

    def receive(self, frames: Iterable[av.VideoFrame]) -> None:
        """What came out of the decoder, which gives frames in order of presentation.

        A frame that was not placed by its packet takes the next place.
        """
        for frame in frames:
            if frame.pts is not None and frame.pts in self._placed:
                self._lose_before(frame.pts)
                entry = self.wanted.pop(frame.pts, None)
                if entry is not None:
                    entry.frame = frame
                continue
            entry = self._timeline.place(frame.pts, frame.duration)
            entry.frame = frame if entry.taken else None
            self._queue.append(entry)

    def landed(self) -> None:
        """The decoder is empty: what has not come out does not come."""
        self._lose_before(None)
        self._placed.clear()

    def ready(self) -> Iterator[Entry]:
        """The entries whose turn has come."""
        while self._queue and (self._queue[0].frame is not None or not self._queue[0].taken):
            yield self._queue.popleft()

    def _lose_before(self, pts: int | None) -> None:
        """Frames that should have come out by now are broken; others are taken instead of them."""
        while self.wanted:
            first = next(iter(self.wanted))
            if pts is not None and first >= pts:
                return
            self.wanted.pop(first).taken = False
            self._report.n_broken += 1
            self._timeline.owe()
