"""A box's edges, known to a block, on the pixels of the full luma; and how straight they are."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from hashmatch.hashing.views_boxes import Grey, Luma, Sides

WEAKEST = 3
"""Grey levels: smaller steps are noise."""
STRONG = 48
"""Grey levels: larger steps count as such, so that a few of them do not outweigh a line."""
RINGING = 8
"""Pixels that a JPEG block can carry an edge's echo away from it."""
LINE = 512
"""Samples of an edge that are enough to place it; up to twice as many are taken."""

Found = tuple[Sides, tuple[float, float, float, float]]
"""A box in pixels, and of each of its edges the share of the length at which the luma changes
more than beside it; 0 for the canvas's own sides."""


def settled(luma: Luma, sides: Sides, blocks: tuple[int, int], *, echoes: bool) -> Found:
    """A box whose edges are near the truth, placed on the pixel where the luma changes.

    Args:
        blocks: how near in pixels, across columns and across rows.
        echoes: the edges are those of bars, and may have been found too early, on the ringing of a
            JPEG's blocks.
    """
    height, width = luma.shape
    whole = (0, 0, width, height)
    found = list(sides)
    shares = [0.0] * 4
    for side in range(4):
        if sides[side] != whole[side]:
            block = blocks[side % 2]
            reach = (block + 2, block + RINGING) if echoes else (block, block)
            found[side], shares[side] = settled_side(
                luma, sides, side, reach, span_of(block), echoes=echoes
            )
    left, top, right, bottom = found
    return (left, top, right, bottom), (shares[0], shares[1], shares[2], shares[3])


def span_of(block: int) -> int:
    """Lines that a soft edge may take, with one beside it: odd."""
    return 2 * (block // 2) + 3


def settled_side(
    luma: Luma, sides: Sides, side: int, reach: tuple[int, int], span: int, *, echoes: bool
) -> tuple[int, float]:
    """One side's place, looked for so far outwards and inwards, and its share of straight edge.

    ``span``: lines, odd, that a soft edge may take.
    """
    left, top, right, bottom = sides
    upright = side in (0, 2)
    step = max((bottom - top if upright else right - left) // LINE, 1)
    size = luma.shape[1 if upright else 0]
    before, after = reach if side < 2 else reach[::-1]
    low, high = max(sides[side] - before, 1), min(sides[side] + after, size - 1)
    outer = span + span // 2 + 1
    start = max(low - outer, 0)
    if upright:
        strip = luma[top:bottom:step, start : high + outer].T
    else:
        strip = luma[start : high + outer, left:right:step]
    lines = strip.astype(np.int16)
    jumps = np.abs(lines[1:] - lines[:-1])
    apart = jumps > WEAKEST
    apart[1:] &= jumps[1:] > jumps[:-1]
    apart[:-1] &= jumps[:-1] > jumps[1:]
    shares = np.count_nonzero(apart, axis=1) / apart.shape[1]
    first = start + 1  # the line after the first jump
    inside = slice(low - first, high + 1 - first)
    changes = np.minimum(jumps[inside], STRONG).sum(axis=1, dtype=np.int64)
    if echoes:
        strong = np.flatnonzero(2 * changes >= changes.max())  # the picture may have lines near
        at = low - first + int(strong[0] if side < 2 else strong[-1])
    else:
        at = low - first + int(shares[inside].argmax())
    share = max(float(shares[at]), _soft_share(lines, at, span))
    return first + at, share


def _soft_share(lines: Grey, at: int, span: int) -> float:
    """Share of the length with more change across ``span`` lines than across those beside them."""
    low = at - span // 2
    places = [low - span, low, low + span, low + 2 * span]
    if places[0] < 0 or places[-1] >= len(lines):
        places = [min(max(place, 0), len(lines) - 1) for place in places]
    before, here, after = (
        np.abs(lines[second] - lines[first]) for first, second in pairwise(places)
    )
    apart = (here > before) & (here > after) & (here > WEAKEST)
    return float(np.count_nonzero(apart)) / len(here)
