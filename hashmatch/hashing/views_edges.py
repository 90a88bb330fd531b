"""Straight edges of a luma: on which lines they lie, and how much of a line between two places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hashmatch.hashing.views_blocks import Blocks
from hashmatch.hashing.views_boxes import Grey, Luma
from hashmatch.hashing.views_settled import WEAKEST

LEAST = 80
"""Gain below which a line has no edge: sixteen places."""
APART = 3
"""Lines: of several as near as that one is enough."""
OUTSIDE = 5
"""Lines beyond a corner in which an edge of a picture has ended."""
OPEN = 0.4
"""Evidence of a side that is the canvas's own: less than of an edge, more than of none."""
CHANCE = 0.25
"""Share of a line's places that look like an edge in any photograph; what a second line adds."""

Places = NDArray[np.intp]
Shares = NDArray[np.float64]
Counts = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Edges:
    """Where the lines of one direction differ from the ones before them more than nearby lines do.

    ``quarters``: int32 (lines + 1, length + 1), four times the number of such places before each
    place of each line. An edge lies before the line of its number; the first and the last number
    are the canvas's sides.
    """

    quarters: Counts
    gains: Counts
    """int32 (lines + 1,): of each line, the evidence for the longest straight edge on it."""

    def longest(self, most: int) -> Places:
        """Numbers of the lines with the largest gains, ascending, with both of the canvas."""
        left = self.gains.copy()
        chosen = {0, len(left) - 1}
        for _ in range(most):
            at = int(left.argmax())
            if left[at] <= LEAST:
                break
            chosen.add(at)
            left[max(at - APART + 1, 0) : at + APART] = 0
        return np.array(sorted(chosen))

    def share(self, line: int, first: int, last: int) -> float:
        """Of the length between two places."""
        row = self.quarters[line]
        return float(row[last] - row[first]) / (4 * (last - first))

    def shares(self, lines: Places, first: Places, last: Places) -> Shares:
        """As ``share``, of each line between each pair of places: (lines, pairs)."""
        rows = self.quarters[lines]
        found: Shares = (rows[:, last] - rows[:, first]) / (4 * (last - first))
        found[(lines == 0) | (lines == len(self.quarters) - 1)] = OPEN
        return found

    def evidence(self, line: Places, first: Places, last: Places) -> Shares:
        """Of each line as the side of a rectangle: long, reaching both corners, ending there."""
        counts, length = self.quarters, last - first
        end = np.maximum(length // 10, 5)
        whole = (counts[line, last] - counts[line, first]) / (4 * length)
        near = (counts[line, first + end] - counts[line, first]) / (4 * end)
        far = (counts[line, last] - counts[line, last - end]) / (4 * end)
        before = counts[line, first] - counts[line, np.maximum(first - OUTSIDE, 0)]
        beyond = np.minimum(last + OUTSIDE, counts.shape[1] - 1)
        after = counts[line, beyond] - counts[line, last]
        gaps = np.minimum(near - whole, 0) + np.minimum(far - whole, 0)
        found: Shares = whole + gaps / 4 - (before + after) / (32 * OUTSIDE)
        found[(line == 0) | (line == len(counts) - 1)] = OPEN
        return found


def ridges(lines: Grey) -> NDArray[np.bool_]:
    """Where a line differs from the one before more than its neighbours do.

    bool (lines - 3, length): of the lines 2 to the last but one.
    """
    jumps = np.abs(lines[1:] - lines[:-1])
    here, before, after = jumps[1:-1], jumps[:-2], jumps[2:]
    found: NDArray[np.bool_] = (here > before + 1) & (here >= after) & (here > WEAKEST)
    return found


def edges_of(lines: Grey) -> Edges:
    """Of each line as it is or with the next one, if there are more edges on both.

    An edge between two lines falls on one of them here and on the other there; a second line adds
    ``CHANCE`` to what any line has, which is taken off.
    """
    sharp = np.zeros((lines.shape[0] + 1, lines.shape[1] + 1), dtype=np.int32)
    np.cumsum(ridges(lines), axis=1, out=sharp[2:-2, 1:])
    sharp *= 4
    soft = sharp.copy()
    soft[1:-1] += sharp[2:]
    soft[1:-1] -= np.arange(sharp.shape[1], dtype=np.int32)
    gains, soft_gains = _gains(sharp), _gains(soft)
    better = soft_gains > gains
    sharp[better] = soft[better]
    return Edges(sharp, np.maximum(gains, soft_gains))


def _gains(quarters: Counts) -> Counts:
    # A place on an edge speaks for it as much as one and a half that are not speak against.
    evidence = 5 * quarters - 12 * np.arange(quarters.shape[1], dtype=np.int32)
    evidence -= np.minimum.accumulate(evidence, axis=1)
    found: Counts = evidence.max(axis=1)
    return found


def both_edges(blocks: Blocks) -> tuple[Edges, Edges]:
    """Of the rows and of the columns."""
    pixels = blocks.covered()
    return (
        edges_of(_sampled(pixels, blocks.high, blocks.wide)),
        edges_of(_sampled(pixels.T, blocks.wide, blocks.high)),
    )


def _sampled(pixels: Luma, across: int, along: int) -> Grey:
    """Every ``across``th line; along them, means of two samples a block.

    Lines are not averaged: an edge stays one step, wherever in a block it lies.
    """
    lines = pixels[::across]
    if along == 1:
        return lines.astype(np.int16)
    first, second = lines[:, along // 4 :: along], lines[:, 3 * along // 4 :: along]
    return (first.astype(np.int16) + second) >> 1
