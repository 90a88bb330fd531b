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
        self._placed: dict[int, Entry] = {}  # what may come out and has its place already
        self.wanted: dict[int, Entry] = {}

    def place(self, pts: int | None, duration: int | None) -> None:
        """The next frame in order of presentation, known by its packet."""
        entry = self._timeline.place(pts, duration)
        self._queue.append(entry)
        if pts is None:
            return
        self._placed[pts] = entry
        if entry.taken:
            self.wanted[pts] = entry

    def receive(self, frames: Iterable[av.VideoFrame]) -> None:
        """What came out of the decoder, which gives frames in order of presentation.

        A frame that was not placed by its packet takes the next place. The first frame after one
        that was wanted and did not come out is taken instead of it.
        """
        for frame in frames:
            entry = None if frame.pts is None else self._placed.get(frame.pts)
            if frame.pts is None or entry is None:
                entry = self._timeline.place(frame.pts, frame.duration)
                self._queue.append(entry)
            else:
                entry.taken |= self._lose_before(frame.pts)
                self.wanted.pop(frame.pts, None)
            entry.frame = frame if entry.taken else None

    def landed(self) -> None:
        """The decoder is empty: what has not come out does not come."""
        if self._lose_before(None):
            self._timeline.owe()
        self._placed.clear()

    def ready(self) -> Iterator[Entry]:
        """The entries whose turn has come."""
        while self._queue and (self._queue[0].frame is not None or not self._queue[0].taken):
            yield self._queue.popleft()

    def _lose_before(self, pts: int | None) -> bool:
        """Whether frames are broken that should have come out before the one at this time."""
        lost = False
        while self.wanted:
            first = next(iter(self.wanted))
            if pts is not None and first >= pts:
                break
            self.wanted.pop(first).taken = False
            self._report.n_broken += 1
            lost = True
        return lost
