"""Which parts of a query are which parts of a stored video, by votes of the frames that are near.

Order and timing count: frames agree where one line through (query time, stored time) passes them,
and only frames that follow each other make a segment. Lines are taken one after the other, the one
that most frames agree on first, so re-cuts, insertions and repeats are several segments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hashmatch.matching.video_lines import Line, agreeing, at_other_speeds, best_offset
from hashmatch.matching.video_runs import FrameHits, Runs, runs_of
from hashmatch.matching.video_timeline import Timeline

_MOST_LINES = 16
_LEAST_AT_A_SPEED = 4
"""Frames that a segment of another speed needs: two or three lie on a line of some speed often."""
_LEAST_GAP_MS = 1500.0
_CONSISTENT = 0.6
"""Share that agrees, of the frames with hits from a segment's first to its last: frames that are
known from elsewhere in the video speak against it."""
_SURELY = 0.95
"""Share of the frames with hits from which on the line at the same speed is taken at once."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the query that runs along with a part of the stored video, in milliseconds.

    Attributes:
        orientation: number of the query's orientation.
        frames: places of the query frames that agree, ascending; ``stored``: of their nearest
            stored frames, ``distances``: bits.
    """

    query_from: float
    query_to: float
    stored_from: float
    stored_to: float
    speed: float
    offset: float
    orientation: int
    frames: tuple[int, ...]
    stored: tuple[int, ...]
    distances: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Votes:
    """Attributes:
    segments: of at least two frames, by query time.
    loose: query frames that are near to some stored frame, but in no segment: one run each, the
        nearest first; made as segments of one frame.
    """

    segments: tuple[Segment, ...]
    loose: tuple[Segment, ...]


def tolerance_of(query: Timeline, stored: Timeline) -> float:
    """Milliseconds by which two samples of one moment may be apart."""
    return max(max(query.interval, stored.interval), 60.0)


def votes_of(hits: FrameHits, query: Timeline, stored: Timeline, bridge: float = 0.0) -> Votes:
    """What the hits agree on; the order of the hits does not count.

    Args:
        bridge: milliseconds of the query without a hit that a segment may contain; more where the
            frames lie far apart anyway.
    """
    if not len(hits):
        return Votes((), ())
    tolerance = tolerance_of(query, stored)
    runs = runs_of(hits, query, stored, tolerance)
    known = np.zeros(len(query), np.bool_)
    known[runs.query] = True
    lines = _Lines(query, stored, tolerance, bridge, known)
    segments: list[Segment] = []
    speed = 1.0
    for _ in range(_MOST_LINES):
        found = lines.best(runs, speed)
        if not found:
            break
        segments += found
        speed = found[0].speed
        covered = np.zeros(len(query), np.bool_)
        for one in found:
            covered[one.frames[0] : one.frames[-1] + 1] = True
        runs = runs.kept(~covered[runs.query])
    segments.sort(key=lambda one: (one.query_from, one.orientation, one.stored_from))
    return Votes(tuple(segments), tuple(lines.single(runs)))


@dataclass(frozen=True, slots=True)
class _Lines:
    query: Timeline
    stored: Timeline
    tolerance: float
    bridge: float
    known: NDArray[np.bool_]

    def best(self, runs: Runs, speed: float) -> list[Segment]:
        """The segments of the best line in any orientation; none where no two frames agree."""
        best: list[Segment] = []
        for orientation in np.unique(runs.orientations).tolist():
            found = self._of(runs.kept(runs.orientations == orientation), speed)
            if _score(found) > _score(best):
                best = found
        return best

    def _of(self, runs: Runs, speed: float) -> list[Segment]:
        n_voting = len(np.unique(runs.query))
        if n_voting < 2:
            return []
        plain = self._along(runs, 1.0)
        if _score(plain) >= _SURELY * n_voting or n_voting < _LEAST_AT_A_SPEED:
            return plain
        found = [self._along(runs, speed)] if speed != 1.0 else []
        other = at_other_speeds(runs, self.tolerance)
        if other is not None:
            found.append(self._segments(runs, other))
        best = max(found, key=_score, default=[])
        return best if _score(best) >= 1.05 * _score(plain) + 2 else plain

    def _along(self, runs: Runs, speed: float) -> list[Segment]:
        offset, _ = best_offset(runs, speed, self.tolerance)
        return self._segments(runs, Line(speed, offset))

    def _segments(self, runs: Runs, line: Line) -> list[Segment]:
        chosen = runs.kept(agreeing(runs, line, self.tolerance))
        least = 2 if line.speed == 1.0 else _LEAST_AT_A_SPEED
        if len(chosen) < least:
            return []
        own_end = chosen.begins + self.query.spans[chosen.query]
        before = self.query.informative_before
        gaps = before(chosen.begins[1:]) - before(own_end[:-1])
        usual = max(self.stored.interval / line.speed, self.query.interval)
        longest = max(1.9 * usual, _LEAST_GAP_MS, self.bridge)
        cuts = np.flatnonzero(gaps > longest) + 1
        parts = np.split(np.arange(len(chosen)), cuts)
        return [
            self._segment(chosen.kept(part), line)
            for part in parts
            if len(part) >= least and self._consistent(chosen.query[part])
        ]

    def _consistent(self, frames: NDArray[np.int64]) -> bool:
        within = self.known[frames[0] : frames[-1] + 1]
        return len(frames) >= _CONSISTENT * int(within.sum())

    def _segment(self, runs: Runs, line: Line) -> Segment:
        """From where both sides begin to show the first frame to where one ceases the last."""
        a, b = line.speed, line.offset
        q, shown = self.query, self.stored.interval
        begin, own = float(runs.begins[0]), float(runs.beyond[0])
        query_from = float(np.clip((runs.first[0] - b) / a, begin, begin + own))
        stored_from = float(np.clip(a * query_from + b, runs.first[0], runs.last[0]))
        end = float(runs.begins[-1])
        span = float(q.spans[runs.query[-1]])
        stored_end = float(runs.last[-1]) + shown
        query_to = float(np.clip((stored_end - b) / a, end + min(span, q.interval), end + span))
        stored_to = float(np.clip(a * query_to + b, runs.first[-1], stored_end))
        return Segment(
            query_from=query_from,
            query_to=max(query_to, query_from),
            stored_from=stored_from,
            stored_to=max(stored_to, stored_from),
            speed=a,
            offset=b if a == 1.0 else stored_from - query_from,
            orientation=int(runs.orientations[0]),
            frames=tuple(runs.query.tolist()),
            stored=tuple(runs.nearest.tolist()),
            distances=tuple(runs.distances.tolist()),
        )

    def single(self, runs: Runs) -> list[Segment]:
        """Of each query frame that is left the nearest run, the nearest first."""
        order = np.lexsort((runs.first, runs.orientations, runs.distances))
        _, firsts = np.unique(runs.query[order], return_index=True)
        made = []
        for k in order[np.sort(firsts)].tolist():
            one = runs.kept(np.array([k]))
            offset = float(self.stored.times[one.nearest[0]] - one.begins[0])
            made.append(self._segment(one, Line(1.0, offset)))
        return made


def _score(segments: Sequence[Segment]) -> int:
    return sum(len(one.frames) for one in segments)
