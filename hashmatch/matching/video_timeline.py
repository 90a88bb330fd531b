"""Frames of one video in the order of time: where each stands, and which say enough to count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DISTINCT_BITS = 12
"""Bits within which a frame is the one before it, shown on: recompression moves a still picture by
up to 8, a moving one by more within a second."""
_LONGEST_SPAN = 8.0
"""A stored frame stands for at most so many usual intervals: what was left out of a list because it
says nothing is no part of the frame before it."""

Times = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """One side of a comparison.

    Attributes:
        times: (n,) milliseconds, ascending.
        spans: (n,) milliseconds that each stands for.
        informative: (n,) whether it says enough to be compared; others are in no count and no
            share.
        beyond: (n,) milliseconds that a frame is still shown after its own sample: near-equal
            samples that were left out.
        interval: milliseconds between two samples, as far as the frames tell.
    """

    times: Times
    spans: Times
    informative: NDArray[np.bool_]
    beyond: Times
    interval: float

    def __len__(self) -> int:
        return len(self.times)

    @property
    def informative_ms(self) -> float:
        return float(self.spans[self.informative].sum())

    def informative_within(self, parts: list[tuple[float, float]]) -> float:
        """Milliseconds of informative frames within the union of (from, to)."""
        total, done = 0.0, -np.inf
        starts, ends = self.times[self.informative], self.ends[self.informative]
        for begin, end in sorted(parts):
            left = max(begin, done)
            if end > left:
                shared = np.minimum(ends, end) - np.maximum(starts, left)
                total += float(np.clip(shared, 0.0, None).sum())
                done = end
        return total

    @property
    def ends(self) -> Times:
        return self.times + self.spans

    def informative_before(self, at: Times) -> Times:
        """Informative milliseconds before each of these times."""
        spans = np.where(self.informative, self.spans, 0.0)
        before = np.concatenate([[0.0], np.cumsum(spans)])
        place = np.clip(np.searchsorted(self.times, at, side="right") - 1, 0, None)
        if not len(self.times):
            return np.zeros(len(at))
        into = np.clip(at - self.times[place], 0.0, spans[place])
        return before[place] + into


def timeline(
    times: Times, spans: Times | None, informative: NDArray[np.bool_], interval: float | None = None
) -> Timeline:
    """A side from its frames, which are ascending in time.

    Args:
        spans: None: until the next frame, as far as that can be meant; the last one is as long as
            frames usually are.
        interval: of the samples, where it is known.
    """
    steps = np.diff(times)
    steps = steps[steps > 0]
    usual = float(np.median(steps)) if len(steps) else 1000.0
    if spans is None:
        until_next = np.append(np.diff(times), usual)
        spans = np.minimum(until_next, _LONGEST_SPAN * usual)
    # Of a pruned side the shortest steps are those of the samples.
    known = interval if interval else (float(np.quantile(steps, 0.1)) if len(steps) else usual)
    known, spans = max(known, 1.0), spans.astype(np.float64)
    return Timeline(times, spans, informative, np.maximum(spans - known, 0.0), known)


def n_distinct(hashes: NDArray[np.uint8]) -> int:
    """How many of consecutive frames are not the one before, shown on.

    Args:
        hashes: uint8 (n, 32).
    """
    count, last = 0, None
    for row in hashes:
        value = int.from_bytes(row.tobytes(), "big")
        if last is None or (value ^ last).bit_count() > DISTINCT_BITS:
            count, last = count + 1, value
    return count


def is_one_picture(hashes: NDArray[np.uint8], bits: int = DISTINCT_BITS) -> bool:
    """Whether all frames are the first one, shown on; not of none.

    Args:
        hashes: uint8 (n, 32).
        bits: within which they are.
    """
    if not len(hashes):
        return False
    away = np.unpackbits(hashes ^ hashes[0], axis=1).sum(axis=1, dtype=np.int64)
    return bool((away <= bits).all())
