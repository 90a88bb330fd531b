"""How much of a query and of a known video agrees, by the pairs of frames that are near."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hashmatch.hashing import ORIENTATIONS
from hashmatch.matching.video_evidence import VideoEvidence, VideoSegment
from hashmatch.matching.video_near import FramesNear
from hashmatch.matching.video_question import VideoQuestion
from hashmatch.matching.video_runs import FrameHits
from hashmatch.matching.video_stored import StoredVideo
from hashmatch.matching.video_timeline import Timeline, n_distinct
from hashmatch.matching.video_votes import Segment, Votes, tolerance_of, votes_of

_STURDY = ((3, 1, 5), (4, 4, 3))
"""Frames, different stored frames among theirs, and time in steps of the coarser side: from either
row on a segment counts whatever its share. Two or three frames of a video whose frames were
shuffled follow each other by chance."""
_MOST_LOOSE = 8
"""Frames in no segment that an answer tells of."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What the pairs of frames with one stored video come to.

    Attributes:
        evidence: all of it, told.
        matched_ms, query_percent, stored_percent: of the segments that count.
        n_distinct: different frames of the query in these; without an order, of all that are near.
        nearest: (place of the query's frame, of the stored one, variant of the query's, bits).
    """

    evidence: VideoEvidence
    matched_ms: int
    query_percent: float
    stored_percent: float
    n_distinct: int
    nearest: tuple[int, int, int, int]


def measured(
    question: VideoQuestion, line: Timeline, stored: StoredVideo, min_percent: int
) -> Measured:
    """Measure pairs with one stored video; there is at least one.

    Args:
        line: the query's frames that could have been near: all of them, or those registered.
        min_percent: share of either side from which on a segment counts by itself.
    """
    near, places = stored.near, stored.places
    order = np.lexsort((near.variants, places, near.frames, near.distances))
    first = int(order[0])
    nearest = (
        int(near.frames[first]),
        int(places[first]),
        int(near.variants[first]),
        int(near.distances[first]),
    )
    if stored.line is None:
        return _unordered(question, line, stored, nearest)
    turned = near.variants % question.n_turned
    hits = FrameHits(near.frames, places, turned, near.distances)
    bridge = 2.2 * float(np.median(line.spans[line.informative])) if near.registered else 0.0
    votes = votes_of(hits, line, stored.line, bridge)
    told = votes.segments or votes.loose[:_MOST_LOOSE]
    evidence = _evidence(line, stored, told, votes)
    counting = [one for one in votes.segments if _counts(one, line, stored.line, min_percent)]
    of_these = _evidence(line, stored, counting, votes)
    places_of_these = sorted({place for one in counting for place in one.frames})
    return Measured(
        evidence=evidence,
        matched_ms=of_these.matched_ms,
        query_percent=of_these.query_percent,
        stored_percent=of_these.stored_percent,
        n_distinct=n_distinct(question.hashes[places_of_these, 0]),
        nearest=nearest,
    )


def thinned(line: Timeline, places: NDArray[np.int64]) -> Timeline:
    """The line as if it had only these frames to be compared: each stands for all until the next
    of them."""
    informative = np.zeros(len(line), np.bool_)
    informative[places] = True
    until = np.append(line.times[places], line.ends[-1])
    spans = line.spans.copy()
    spans[places] = np.diff(until)
    return replace(line, spans=spans, informative=informative)


def _counts(one: Segment, query: Timeline, stored: Timeline, min_percent: int) -> bool:
    length = one.query_to - one.query_from
    step, n_stored = tolerance_of(query, stored), len(set(one.stored))
    for frames, different, steps in _STURDY:
        if len(one.frames) >= frames and n_stored >= different and length >= steps * step:
            return True
    here = query.informative_within([(one.query_from, one.query_to)])
    there = stored.informative_within([(one.stored_from, one.stored_to)])
    shares = (here / max(query.informative_ms, 1.0), there / max(stored.informative_ms, 1.0))
    return 100 * max(shares) >= min_percent


def _evidence(
    query: Timeline, stored: StoredVideo, segments: Sequence[Segment], votes: Votes
) -> VideoEvidence:
    there = stored.line
    matched = query.informative_within([(one.query_from, one.query_to) for one in segments])
    stored_matched = stored_ms = None
    if there is not None:
        parts = [(one.stored_from, one.stored_to) for one in segments]
        stored_matched = round(there.informative_within(parts))
        stored_ms = round(there.informative_ms)
    return VideoEvidence(
        clock=stored.clock,
        segments=tuple(_told(one) for one in segments),
        n_frames=sum(len(one.frames) for one in votes.segments),
        n_loose=len(votes.loose),
        matched_ms=round(matched),
        query_ms=round(query.informative_ms),
        stored_matched_ms=stored_matched,
        stored_ms=stored_ms,
        n_stored=int(stored.informative.sum()),
        n_stored_matched=len(np.unique(stored.places)),
        registered=stored.near.registered,
    )


def _told(one: Segment) -> VideoSegment:
    return VideoSegment(
        query_from_ms=round(one.query_from),
        query_to_ms=round(one.query_to),
        stored_from_ms=round(one.stored_from),
        stored_to_ms=round(one.stored_to),
        offset_ms=round(one.offset),
        speed=round(one.speed, 4),
        orientation=ORIENTATIONS[one.orientation],
        n_frames=len(one.frames),
        mean_distance=round(sum(one.distances) / len(one.distances), 1),
    )


def _unordered(
    question: VideoQuestion,
    line: Timeline,
    stored: StoredVideo,
    nearest: tuple[int, int, int, int],
) -> Measured:
    """The list gives its frames no order: which frames of the query are near to any of them."""
    near = stored.near
    order = np.lexsort((near.variants, near.distances, near.frames))
    frames, firsts = np.unique(near.frames[order], return_index=True)
    best = order[firsts]
    compared = np.flatnonzero(line.informative)
    rank = np.searchsorted(compared, frames)
    turned = near.variants[best] % question.n_turned
    # Frames that follow each other and are turned the same way are shown in one piece.
    cuts = np.flatnonzero((np.diff(rank) > 1) | (np.diff(turned) != 0)) + 1
    pieces = np.split(np.arange(len(frames)), cuts)
    segments = tuple(
        _shown(line, near, frames[part], best[part], int(turned[part[0]])) for part in pieces
    )
    matched = line.informative_within([(s.query_from_ms, s.query_to_ms) for s in segments])
    evidence = VideoEvidence(
        clock=stored.clock,
        segments=segments,
        n_frames=len(frames),
        matched_ms=round(matched),
        query_ms=round(line.informative_ms),
        n_stored=int(stored.informative.sum()),
        n_stored_matched=len(np.unique(stored.places)),
        registered=near.registered,
    )
    return Measured(
        evidence=evidence,
        matched_ms=evidence.matched_ms,
        query_percent=evidence.query_percent,
        stored_percent=evidence.stored_percent,
        n_distinct=n_distinct(question.hashes[frames, 0]),
        nearest=nearest,
    )


def _shown(
    line: Timeline,
    near: FramesNear,
    frames: NDArray[np.int64],
    pairs: NDArray[np.int64],
    orientation: int,
) -> VideoSegment:
    return VideoSegment(
        query_from_ms=round(float(line.times[frames[0]])),
        query_to_ms=round(float(line.ends[frames[-1]])),
        stored_from_ms=None,
        stored_to_ms=None,
        offset_ms=None,
        speed=1.0,
        orientation=ORIENTATIONS[orientation],
        n_frames=len(frames),
        mean_distance=round(float(near.distances[pairs].mean()), 1),
    )
