"""A small copy of a luma to look for frames in, and the way back to the full one's edges."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

SHORTEST = 16
"""Pixels: no box has a shorter side, and no smaller picture has boxes."""
FEWEST_SAMPLES = 48
"""An axis is not reduced below that, so that strips keep their width."""
RINGING = 8
"""Pixels that a JPEG block can carry an edge's echo away from it."""
WEAKEST = 3
"""Grey levels: smaller steps are noise."""
STRONG = 48
"""Grey levels: larger steps count as such, so that a few of them do not outweigh a line."""
LINE = 512
"""Samples of an edge that are enough to place it."""

Grey = NDArray[np.int16]
Sides = tuple[int, int, int, int]
"""Left, top, right, bottom; the last two exclusive."""


@dataclass(frozen=True, slots=True)
class Reduced:
    """Block means of a luma; where blocks are large, means of four samples of each."""

    full: NDArray[np.uint8]
    grey: Grey
    """int16 (rows, columns)."""
    row: int
    column: int
    """Pixels in a block along each axis."""

    @property
    def whole(self) -> Sides:
        """In blocks."""
        rows, columns = self.grey.shape
        return (0, 0, columns, rows)

    def in_pixels(self, sides: Sides) -> Sides:
        """Blocks to pixels; the last block's end is the picture's."""
        height, width = self.full.shape
        rows, columns = self.grey.shape
        left, top, right, bottom = sides
        return (
            left * self.column,
            top * self.row,
            width if right >= columns else right * self.column,
            height if bottom >= rows else bottom * self.row,
        )


def reduced(luma: NDArray[np.uint8], longest: int) -> Reduced:
    """A copy with at most ``longest`` blocks along each axis; square blocks but in thin strips."""
    height, width = luma.shape
    block = -(-max(height, width) // longest)
    row = max(min(block, height // FEWEST_SAMPLES), 1)
    column = max(min(block, width // FEWEST_SAMPLES), 1)
    rows, columns = height // row, width // column
    total = np.zeros((rows, columns), dtype=np.int16)
    ys, xs = _offsets(row), _offsets(column)
    for y in ys:
        for x in xs:
            total += luma[y : rows * row : row, x : columns * column : column]
    count = len(ys) * len(xs)
    if count > 1:
        total = (total + count // 2) // np.int16(count)
    return Reduced(luma, total, row, column)


def _offsets(block: int) -> tuple[int, ...]:
    if block <= 2:
        return tuple(range(block))
    return (block // 4, (3 * block) // 4)


def part(grey: Grey, sides: Sides) -> Grey:
    """The view inside a box."""
    left, top, right, bottom = sides
    return grey[top:bottom, left:right]


def inward(picture: Grey, side: int) -> Grey:
    """A view whose first row is the outermost line of a side (0 left, 1 top, 2 right, 3 bottom)."""
    lines = picture.T if side in (0, 2) else picture
    return lines[::-1] if side >= 2 else lines


def moved(sides: Sides, side: int, depth: int) -> Sides:
    """A box with one side moved inwards."""
    found = list(sides)
    found[side] += depth if side < 2 else -depth
    return (found[0], found[1], found[2], found[3])


def is_large(sides: Sides) -> bool:
    """Both sides have the length that boxes must have."""
    left, top, right, bottom = sides
    return right - left >= SHORTEST and bottom - top >= SHORTEST


def overlap(one: Sides, other: Sides) -> float:
    """Intersection over union."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    areas = [(sides[2] - sides[0]) * (sides[3] - sides[1]) for sides in (one, other)]
    return both / (areas[0] + areas[1] - both)


def settled(
    luma: NDArray[np.uint8], sides: Sides, blocks: tuple[int, int], *, echoes: bool
) -> tuple[Sides, tuple[float, float, float, float]]:
    """A box whose edges are near the truth, placed on the pixel where the luma changes.

    Args:
        blocks: how near in pixels, across columns and across rows.
        echoes: the edges are those of bars, and may have been found too early, on the ringing of a
            JPEG's blocks.

    Returns:
        The box; of its left, top, right and bottom the share of the length at which the luma
        changes more than on the lines beside it, 0 for the canvas's own sides.
    """
    height, width = luma.shape
    whole = (0, 0, width, height)
    found = list(sides)
    shares = [0.0] * 4
    for side in range(4):
        if sides[side] != whole[side]:
            found[side], shares[side] = _settled_side(luma, sides, side, blocks[side % 2], echoes)
    left, top, right, bottom = found
    return (left, top, right, bottom), (shares[0], shares[1], shares[2], shares[3])


def _settled_side(
    luma: NDArray[np.uint8], sides: Sides, side: int, block: int, echoes: bool
) -> tuple[int, float]:
    left, top, right, bottom = sides
    upright = side in (0, 2)
    step = max((bottom - top if upright else right - left) // LINE, 1)
    size = luma.shape[1 if upright else 0]
    outwards, inwards = (block + 2, block + RINGING) if echoes else (block, block)
    before, after = (outwards, inwards) if side < 2 else (inwards, outwards)
    low, high = max(sides[side] - before, 1), min(sides[side] + after, size - 1)
    span = block + 2 - block % 2 + 1 if block > 1 else 3  # odd: a soft edge and a line around it
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
