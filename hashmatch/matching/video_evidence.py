"""What of a video is what of a known one, as an answer tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SAME_SPEED = 0.005
"""Speeds that are told as the same."""


@dataclass(frozen=True, slots=True)
class VideoSegment:
    """A part of the query that runs along with a part of the known video.

    Attributes:
        query_from_ms, query_to_ms: of the query.
        stored_from_ms, stored_to_ms: of the known video; None where the list gives its frames no
            place. In frame numbers of the list, at the query's rate, where it gives no times.
        offset_ms: where the known video is at the query's beginning, by this segment; None
            likewise.
        speed: of the known video's time by the query's: 1.25 where the query plays it faster.
        orientation: of the query, one of ``hashmatch.ORIENTATIONS``.
        n_frames: frames of the query that agree in it.
        mean_distance: of these to their stored frames, bits.
    """

    query_from_ms: int
    query_to_ms: int
    stored_from_ms: int | None
    stored_to_ms: int | None
    offset_ms: int | None
    speed: float
    orientation: str
    n_frames: int
    mean_distance: float

    @property
    def same_speed(self) -> bool:
        return abs(self.speed - 1) < SAME_SPEED

    def describe(self) -> str:
        """For a person: "0:12.0-0:22.0 is 1:03.5-1:13.5 of the known video, mirrored"."""
        text = span_text(self.query_from_ms, self.query_to_ms)
        if self.stored_from_ms is not None and self.stored_to_ms is not None:
            there = span_text(self.stored_from_ms, self.stored_to_ms)
            text += f" is {there} of the known video"
        if not self.same_speed:
            text += f", at {self.speed:.2f} times its speed"
        if self.orientation != "original":
            text += f", {self.orientation}"
        return f"{text} ({self.n_frames} frame{'' if self.n_frames == 1 else 's'})"

    def to_dict(self) -> dict[str, Any]:
        return {
            "query_from_ms": self.query_from_ms,
            "query_to_ms": self.query_to_ms,
            "stored_from_ms": self.stored_from_ms,
            "stored_to_ms": self.stored_to_ms,
            "offset_ms": self.offset_ms,
            "speed": self.speed,
            "orientation": self.orientation,
            "n_frames": self.n_frames,
            "mean_distance": self.mean_distance,
        }


@dataclass(frozen=True, slots=True)
class VideoEvidence:
    """How much of two videos agrees, and where.

    Attributes:
        clock: what the segments' stored places are: "times", "numbers" of frames at the query's
            rate, "none": the list gives no order.
        segments: by query time; in order within themselves.
        n_frames: frames of the query that agree in a segment.
        n_loose: frames of the query that are near to a stored frame, but in no segment.
        matched_ms, stored_matched_ms: informative time within segments, of either side.
        query_ms, stored_ms: informative time of either side; stored: as far as its frames tell,
            None without places.
        n_stored: informative frames of the known video that the list has.
        n_stored_matched: of them, those that some frame of the query is near to.
        registered: whether frames had to be registered: cropped, framed or turned copies.
        tmk_level1, tmk_level2: scores of TMK+PDQF, if both sides have it; ``tmk_offset_ms``: where
            the known video is at the query's beginning, by it.
    """

    clock: str
    segments: tuple[VideoSegment, ...] = ()
    n_frames: int = 0
    n_loose: int = 0
    matched_ms: int = 0
    query_ms: int = 0
    stored_matched_ms: int | None = None
    stored_ms: int | None = None
    n_stored: int = 0
    n_stored_matched: int = 0
    registered: bool = False
    tmk_level1: float | None = None
    tmk_level2: float | None = None
    tmk_offset_ms: int | None = None

    @property
    def query_percent(self) -> float:
        """Share of the query's informative time."""
        return _percent(self.matched_ms, self.query_ms)

    @property
    def stored_percent(self) -> float:
        """Share of the known video's informative time; of its frames where they have no place."""
        if self.stored_ms is None or self.stored_matched_ms is None:
            return _percent(self.n_stored_matched, self.n_stored)
        return _percent(self.stored_matched_ms, self.stored_ms)

    def to_dict(self) -> dict[str, Any]:
        return {
            "clock": self.clock,
            "segments": [one.to_dict() for one in self.segments],
            "n_frames": self.n_frames,
            "n_loose": self.n_loose,
            "matched_ms": self.matched_ms,
            "query_ms": self.query_ms,
            "query_percent": self.query_percent,
            "stored_matched_ms": self.stored_matched_ms,
            "stored_ms": self.stored_ms,
            "stored_percent": self.stored_percent,
            "n_stored": self.n_stored,
            "n_stored_matched": self.n_stored_matched,
            "registered": self.registered,
            "tmk_level1": self.tmk_level1,
            "tmk_level2": self.tmk_level2,
            "tmk_offset_ms": self.tmk_offset_ms,
        }


def _percent(part: int, whole: int) -> float:
    return round(min(100.0, 100.0 * part / whole), 2) if whole else 0.0


def time_text(ms: int) -> str:
    """Minutes, seconds and tenths; hours where there are some: 1:03.5, 1:00:03.5."""
    sign, ms = ("-", -ms) if ms < 0 else ("", ms)
    tenths = round(ms / 100)
    seconds, tenth = divmod(tenths, 10)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    start = f"{hours}:{minute:02d}" if hours else f"{minute}"
    return f"{sign}{start}:{second:02d}.{tenth}"


def span_text(from_ms: int, to_ms: int) -> str:
    """From and to."""
    return f"{time_text(from_ms)}-{time_text(to_ms)}"
