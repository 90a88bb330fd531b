"""Rectangles with straight edges on all sides, or on three and the canvas's own fourth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from hashmatch.hashing.views_bars import colour_of, flat_depth
from hashmatch.hashing.views_blocks import Blocks, in_blocks
from hashmatch.hashing.views_boxes import (
    SHORTEST,
    Luma,
    Sides,
    inward,
    is_large,
    moved,
    overlap,
)
from hashmatch.hashing.views_edges import Edges, Places, both_edges
from hashmatch.hashing.views_settled import RINGING, settled, settled_side, span_of

SAME = 0.85
"""Intersection over union from which on two rectangles are one."""
KNOWN = 0.96
"""The same with a box that is known already: its edges are then as good."""
BLOCKS = 640
"""Along an axis, in which rectangles are looked for."""
SMALLEST = 8
"""A picture takes at least one part in so many of the canvas's width and height."""
LINES = 22
"""Lines of each direction that are tried as sides."""
TRIED = 400
"""Rectangles that are looked at closely."""
WEAKEST = 0.3
"""Share of a side that has to be an edge."""
LARGE = 0.5
"""What a rectangle's size counts against its sides' evidence."""
MARGIN = 8
"""A margin inside a rectangle, a card or a bubble, takes at most one part in so many of a side."""
MARGIN_NEAR, MARGIN_OFF = 16, 0.05
"""Grey levels and share of a line, as for bars: a margin has the ringing of two edges."""
SOFT = 2
"""Pixels of the outer edge that are not looked at."""
FEW = 4
"""Lines that most rectangles do not have in one colour."""
SAMPLES = 200
"""Of a margin's lines."""
MARGIN_EDGE, LONE_EDGE = 0.4, 0.6
"""Share of the length at which such margins, and one alone, end with an edge."""


def rectangles(luma: Luma, known: Sequence[Sides], most: int) -> list[Sides]:
    """In pixels, best first, none of them nearly another or one of the known.

    Both sides of ``luma`` are at least 16.
    """
    blocks = in_blocks(luma, BLOCKS)
    across, down = both_edges(blocks)
    ys, xs = across.longest(LINES), down.longest(LINES)
    found: list[Sides] = []
    looked_at: list[Sides] = []
    for outer in _ranked(blocks, across, down, ys, xs):
        pixels = blocks.in_pixels(outer)
        if any(overlap(pixels, one) >= SAME for one in looked_at):
            continue
        sides, _ = settled(luma, pixels, blocks.size, echoes=False)
        sides = _without_margin(luma, sides, blocks.size)
        if any(overlap(sides, one) >= SAME for one in looked_at):
            continue
        looked_at.append(sides)
        if is_large(sides) and all(overlap(sides, one) < KNOWN for one in known):
            found.append(sides)
            if len(found) == most:
                break
    return found


def _ranked(blocks: Blocks, across: Edges, down: Edges, ys: Places, xs: Places) -> Iterator[Sides]:
    """Rectangles in blocks by their evidence."""
    top, bottom, left, right = _promising(blocks, across, down, ys, xs)
    if not len(top):
        return
    sides = np.stack(
        [
            across.evidence(top, left, right),
            across.evidence(bottom, left, right),
            down.evidence(left, top, bottom),
            down.evidence(right, top, bottom),
        ]
    )
    rows, columns = blocks.rows, blocks.columns
    size = np.sqrt((bottom - top) * (right - left) / (rows * columns))
    score = sides.mean(axis=0) + sides.min(axis=0) + LARGE * size
    for at in np.argsort(-score, kind="stable"):
        yield (int(left[at]), int(top[at]), int(right[at]), int(bottom[at]))


def _promising(
    blocks: Blocks, across: Edges, down: Edges, ys: Places, xs: Places
) -> tuple[Places, Places, Places, Places]:
    """Top, bottom, left and right of the rectangles with the most of an edge on their sides."""
    rows, columns = blocks.rows, blocks.columns
    lowest = max(-(-SHORTEST // blocks.high), rows // SMALLEST)
    narrowest = max(-(-SHORTEST // blocks.wide), columns // SMALLEST)
    top, bottom = _pairs(ys, lowest)
    left, right = _pairs(xs, narrowest)
    y0, y1, x0, x1 = ys[top], ys[bottom], xs[left], xs[right]
    lying = across.shares(ys, x0, x1).astype(np.float32)
    upright = down.shares(xs, y0, y1).astype(np.float32)
    four = (lying[top], lying[bottom], upright[left].T, upright[right].T)
    weakest = np.minimum(np.minimum(four[0], four[1]), np.minimum(four[2], four[3]))
    size = np.sqrt((y1 - y0)[:, None] * (x1 - x0) / (rows * columns))
    score = (four[0] + four[1] + four[2] + four[3]) / 4 + weakest + LARGE * size
    opened = ((y0 == 0) + (y1 == rows) * 1)[:, None] + ((x0 == 0) + (x1 == columns) * 1)
    at = np.flatnonzero((weakest > WEAKEST) & (opened <= 1))
    at = at[np.argsort(-score.ravel()[at], kind="stable")[:TRIED]]
    pair, other = np.unravel_index(at, score.shape)
    return y0[pair], y1[pair], x0[other], x1[other]


def _pairs(lines: Places, apart: int) -> tuple[Places, Places]:
    """Which two of the lines are far enough apart."""
    first, second = np.triu_indices(len(lines), 1)
    far = lines[second] - lines[first] >= apart
    return first[far], second[far]


def _without_margin(luma: Luma, sides: Sides, block_size: tuple[int, int]) -> Sides:
    """A rectangle less the strips of one colour inside it that end at straight edges."""
    ends: list[tuple[int, int, float]] = []
    for side in range(4):
        depth = _margin_depth(luma, sides, side)
        if depth:
            block = block_size[side % 2]
            place, share = settled_side(
                luma,
                moved(sides, side, depth),
                side,
                (1, max(block, RINGING // 2)),
                span_of(block),
                echoes=False,
            )
            ends.append((side, abs(place - sides[side]), share))
    least = MARGIN_EDGE if len(ends) > 1 else LONE_EDGE
    for side, depth, share in ends:
        if share >= least:
            sides = moved(sides, side, depth)
    return sides


def _margin_depth(luma: Luma, sides: Sides, side: int) -> int:
    """Pixels of one colour inside a side, or 0 where there is no end of them."""
    left, top, right, bottom = sides
    upright = side in (0, 2)
    step = max((bottom - top if upright else right - left) // SAMPLES, 1)
    lines = luma[top:bottom:step, left:right] if upright else luma[top:bottom, left:right:step]
    deepest = (right - left if upright else bottom - top) // MARGIN
    inside = inward(lines, side)[SOFT : deepest + 1]
    if not len(inside):
        return 0
    first = inside[:FEW].astype(np.int16)
    colour = colour_of(first)
    depth = flat_depth(first, colour, MARGIN_NEAR, MARGIN_OFF)
    if depth == FEW:  # seldom
        depth = flat_depth(inside.astype(np.int16), colour, MARGIN_NEAR, MARGIN_OFF)
    return depth + SOFT if 0 < depth < len(inside) else 0
