"""Where a query lies in a stored video: the offset, and if need be the speed, that most of its
frames agree on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hashmatch.matching.video_runs import Runs

SLOWEST, FASTEST = 0.75, 1.35
_SPEED_STEP = 0.01
_MOST_IN_GRID = 600
"""Runs that the search for a speed looks at, evenly taken."""

_QUANTILES = np.linspace(0, 1, 33)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Line:
    """stored time = ``speed`` * query time + ``offset``, in milliseconds."""

    speed: float
    offset: float


def bounds_of(runs: Runs, speed: float) -> tuple[Floats, Floats]:
    """Between which offsets a line of this speed passes each run."""
    low = runs.first - speed * (runs.begins + runs.beyond)
    return low, runs.last - speed * runs.begins


def best_offset(runs: Runs, speed: float, tolerance: float) -> tuple[float, float]:
    """(offset, weight) that most runs agree on; the smallest of equals.

    Of what they all allow, see ``_within``.
    """
    low, high, weights = _one_vote_each(runs, speed, tolerance)
    positions = np.concatenate([low, high])
    changes = np.concatenate([weights, -weights])
    order = np.lexsort((-changes, positions))
    heights = np.cumsum(changes[order])
    # Sums in another order differ in their last bits, and the first of equals is to be the same.
    at = int(np.argmax(np.round(heights, 9)))
    here = float(positions[order[at]])
    after = float(positions[order[min(at + 1, len(order) - 1)]])
    return _within(runs, speed, (here, after), tolerance), float(heights[at])


def _within(runs: Runs, speed: float, between: tuple[float, float], tolerance: float) -> float:
    """The offset of an interval at which most scenes begin and end on both sides.

    Of frames that stand for a scene each: between two cuts any offset would do. The first of a
    query and the last are often cut short, so most edges decide. Without scenes the middle, or 0 if
    that is near, for most copies begin with their original.
    """
    scenes = (runs.beyond > 0) & (runs.last > runs.first)
    low, high = between
    offset = (low + high) / 2
    if low <= 0 <= high and abs(offset) <= tolerance / 2:
        offset = 0.0
    if not scenes.any():
        return offset
    begin = runs.first[scenes] - speed * runs.begins[scenes]
    end = runs.until[scenes] - speed * runs.ends[scenes]
    edges = np.concatenate([begin, end])
    near = edges[(edges >= low) & (edges <= high)]
    candidates = np.unique([offset, *np.quantile(near, _QUANTILES)]) if len(near) else [offset]
    most = max(high - low, 1.0)
    away = [float(np.minimum(np.abs(edges - one), most).sum()) for one in candidates]
    own = float(np.minimum(np.abs(edges - offset), most).sum())
    best = int(np.argmin(away))
    return float(candidates[best]) if away[best] < own / 2 else offset


def _one_vote_each(runs: Runs, speed: float, tolerance: float) -> tuple[Floats, Floats, Floats]:
    """Offsets that each query frame allows, (from, to, weight): where several of its runs allow
    one, that is one vote."""
    low, high = bounds_of(runs, speed)
    low, high = low - tolerance, high + tolerance
    order = np.lexsort((low, runs.query))
    low, high, weights = low[order], high[order], runs.weights[order]
    # Each frame in a range of its own, so that one running maximum serves for all.
    shift = runs.query[order] * (float(high.max() - low.min()) + 1.0)
    reached = np.maximum.accumulate(high + shift)
    new = np.ones(len(low), np.bool_)
    new[1:] = (low + shift)[1:] > reached[:-1]
    firsts = np.flatnonzero(new)
    return low[firsts], np.maximum.reduceat(high, firsts), np.maximum.reduceat(weights, firsts)


def agreeing(runs: Runs, line: Line, tolerance: float) -> NDArray[np.int64]:
    """Of each query frame that agrees with the line the one run that does best, by query frame."""
    low, high = bounds_of(runs, line.speed)
    away = np.maximum(np.maximum(low - line.offset, line.offset - high), 0.0)
    near = np.flatnonzero(away <= tolerance + 1e-6)
    order = near[np.lexsort((runs.first[near], runs.distances[near], away[near], runs.query[near]))]
    new = np.ones(len(order), np.bool_)
    new[1:] = np.diff(runs.query[order]) > 0
    return order[new]


def at_other_speeds(runs: Runs, tolerance: float) -> Line | None:
    """The best line of any speed; None where the runs say nothing about speed."""
    extent = float(np.ptp(runs.begins)) if len(runs) else 0.0
    if extent <= 4 * tolerance:
        return None
    wide = tolerance + _SPEED_STEP / 2 * extent
    few = runs
    if len(runs) > _MOST_IN_GRID:
        few = runs.kept(np.linspace(0, len(runs) - 1, _MOST_IN_GRID).astype(np.int64))
    speeds = np.arange(SLOWEST, FASTEST + _SPEED_STEP / 2, _SPEED_STEP)
    found = [(*best_offset(few, float(speed), wide), float(speed)) for speed in speeds]
    offset, _, speed = max(found, key=lambda one: (round(one[1], 6), -abs(one[2] - 1)))
    return _refined(runs, Line(speed, offset), tolerance, wide)


def _refined(runs: Runs, line: Line, tolerance: float, wide: float) -> Line:
    for share in (1.0, 0.5, 0.25, 0.1, 0.0):
        within = tolerance + share * (wide - tolerance)
        chosen = runs.kept(agreeing(runs, line, within))
        if len(chosen) < 3 or np.ptp(chosen.begins) == 0:
            return line
        # Of a scene that stands still, the point that is nearest to the line.
        at = np.clip(
            ((chosen.first + chosen.last) / 2 - line.offset) / line.speed,
            chosen.begins,
            chosen.begins + chosen.beyond,
        )
        there = np.clip(line.speed * at + line.offset, chosen.first, chosen.last)
        mean_at, mean_there = np.average(np.stack([at, there]), axis=1, weights=chosen.weights)
        spread = float((chosen.weights * (at - mean_at) ** 2).sum())
        slope = float((chosen.weights * (at - mean_at) * (there - mean_there)).sum()) / spread
        if not SLOWEST - 0.02 <= slope <= FASTEST + 0.02:
            return line
        line = Line(slope, float(mean_there - slope * mean_at))
    return line
