"""Hits of frames, put together: a scene that does not move is one run and not thousands of hits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hashmatch.matching.video_timeline import Timeline

MOST_RUNS = 24
"""Runs of one query frame in one orientation that vote; the nearest ones."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class FrameHits:
    """Pairs of frames within the radius, of one stored video.

    Attributes:
        query, stored: (n,) places in the two timelines.
        orientations: (n,) number of the query's orientation.
        distances: (n,) bits.
    """

    query: Ints
    stored: Ints
    orientations: Ints
    distances: Ints

    def __len__(self) -> int:
        return len(self.query)


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Stored frames that follow each other and that one query frame is near to.

    Attributes:
        query, orientations: (n,) of the query frame.
        first, last: (n,) milliseconds: of the first stored frame, and until when the last one is
            shown beyond its own sample.
        distances: (n,) bits of the nearest pair; nearest: (n,) place of its stored frame.
        weights: (n,) how much one says about where the query lies: 1 for a moment, less for a
            scene that stands still.
        begins, beyond: (n,) milliseconds of the query frame: its time, and how long after its
            own sample it is still shown; ``ends``: when the next one is shown.
        until: (n,) milliseconds, when the stored frame after the run is shown.
    """

    query: Ints
    orientations: Ints
    first: NDArray[np.float64]
    last: NDArray[np.float64]
    distances: Ints
    nearest: Ints
    weights: NDArray[np.float64]
    begins: NDArray[np.float64]
    beyond: NDArray[np.float64]
    ends: NDArray[np.float64]
    until: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.query)

    def kept(self, which: NDArray[np.bool_] | Ints) -> Runs:
        """Some of them."""
        return Runs(
            self.query[which],
            self.orientations[which],
            self.first[which],
            self.last[which],
            self.distances[which],
            self.nearest[which],
            self.weights[which],
            self.begins[which],
            self.beyond[which],
            self.ends[which],
            self.until[which],
        )


def runs_of(hits: FrameHits, query: Timeline, stored: Timeline, tolerance: float) -> Runs:
    """The runs of all hits, in an order that does not depend on that of the hits."""
    order = np.lexsort((hits.distances, hits.stored, hits.query, hits.orientations))
    q, s = hits.query[order], hits.stored[order]
    turned, bits = hits.orientations[order], hits.distances[order]
    new = np.ones(len(q), np.bool_)
    new[1:] = (q[1:] != q[:-1]) | (turned[1:] != turned[:-1]) | (np.diff(s) > 1)
    starts = np.flatnonzero(new)
    ends = np.append(starts[1:], len(q)) - 1
    lengths = ends - starts + 1
    run_of = np.repeat(np.arange(len(starts)), lengths)
    by_distance = np.lexsort((s, bits, run_of))
    nearest = by_distance[starts] if len(starts) else starts
    begins, beyond = query.times[q[starts]], query.beyond[q[starts]]
    first = stored.times[s[starts]]
    last = stored.times[s[ends]] + stored.beyond[s[ends]]
    made = Runs(
        query=q[starts],
        orientations=turned[starts],
        first=first,
        last=last,
        distances=bits[nearest],
        nearest=s[nearest],
        weights=1.0 / (1.0 + (last - first + beyond) / (8.0 * tolerance)),
        begins=begins,
        beyond=beyond,
        ends=query.ends[q[starts]],
        until=stored.ends[s[ends]],
    )
    return made.kept(_nearest_few(made))


def _nearest_few(runs: Runs) -> Ints:
    order = np.lexsort((runs.first, runs.distances, runs.query, runs.orientations))
    key = np.stack([runs.orientations[order], runs.query[order]])
    new = np.ones(len(order), np.bool_)
    new[1:] = (key[:, 1:] != key[:, :-1]).any(axis=0)
    firsts = np.flatnonzero(new)
    rank = np.arange(len(order)) - np.repeat(firsts, np.diff(np.append(firsts, len(order))))
    return np.sort(order[rank < MOST_RUNS])
