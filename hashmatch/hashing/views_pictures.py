"""Rectangles with straight edges on all sides, or on three and the canvas's own fourth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from hashmatch.hashing.views_bars import colour_of, flat_depth
from hashmatch.hashing.views_edges import Edges, Places, both_edges, longest, softened
from hashmatch.hashing.views_reduced import (
    SHORTEST,
    Reduced,
    Sides,
    inward,
    is_large,
    moved,
    overlap,
    part,
    reduced,
    settled,
)

SAME = 0.85
"""Intersection over union from which on two rectangles are one."""
KNOWN = 0.96
"""The same with a box that is known already: its edges are then as good."""
BLOCKS = 640
"""Along an axis, of the copy in which rectangles are looked for."""
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
MARGIN_EDGE = 0.5
"""Share of the length at which such a margin ends with an edge."""


def rectangles(luma: NDArray[np.uint8], known: Sequence[Sides], most: int) -> list[Sides]:
    """In pixels, best first, none of them nearly another or one of the known.

    Both sides of ``luma`` are at least 16.
    """
    copy = reduced(luma, BLOCKS)
    (across, rows), (down, columns) = (_lines(edges) for edges in both_edges(copy))
    found: list[Sides] = []
    looked_at: list[Sides] = []
    for outer in _ranked(copy, across, down, rows, columns):
        if any(overlap(copy.in_pixels(outer), one) >= SAME for one in looked_at):
            continue
        inner = copy.in_pixels(_without_margin(copy, across, down, outer))
        if any(overlap(inner, one) >= SAME for one in looked_at):
            continue
        looked_at.append(inner)
        sides, _ = settled(luma, inner, (copy.column, copy.row), echoes=False)
        if is_large(sides) and all(overlap(sides, one) < KNOWN for one in known):
            found.append(sides)
            if len(found) == most:
                break
    return found


def _ranked(copy: Reduced, across: Edges, down: Edges, ys: Places, xs: Places) -> Iterator[Sides]:
    """Rectangles in blocks by their evidence."""
    top, bottom, left, right = _promising(copy, across, down, ys, xs)
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
    rows, columns = copy.grey.shape
    size = np.sqrt((bottom - top) * (right - left) / (rows * columns))
    score = sides.mean(axis=0) + sides.min(axis=0) + LARGE * size
    for at in np.argsort(-score, kind="stable"):
        yield (int(left[at]), int(top[at]), int(right[at]), int(bottom[at]))


def _promising(
    copy: Reduced, across: Edges, down: Edges, ys: Places, xs: Places
) -> tuple[Places, Places, Places, Places]:
    """Top, bottom, left and right of the rectangles with the most of an edge on their sides."""
    rows, columns = copy.grey.shape
    lowest = max(-(-SHORTEST // copy.row), rows // SMALLEST)
    narrowest = max(-(-SHORTEST // copy.column), columns // SMALLEST)
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


def _lines(edges: Edges) -> tuple[Edges, Places]:
    """The edges as they are or softened, whichever has more on its lines, and those lines."""
    soft = softened(edges)
    sharp_gains, soft_gains = edges.gains(), soft.gains()
    sharp_lines, soft_lines = longest(sharp_gains, LINES), longest(soft_gains, LINES)
    if _strongest(soft_gains[soft_lines]) > _strongest(sharp_gains[sharp_lines]):
        return soft, soft_lines
    return edges, sharp_lines


def _strongest(gains: NDArray[np.int32]) -> int:
    """The sum of the four largest."""
    return int(np.sort(gains)[-4:].sum())


def _pairs(lines: Places, apart: int) -> tuple[Places, Places]:
    """Which two of the lines are far enough apart."""
    first, second = np.triu_indices(len(lines), 1)
    far = lines[second] - lines[first] >= apart
    return first[far], second[far]


def _without_margin(copy: Reduced, across: Edges, down: Edges, sides: Sides) -> Sides:
    """A rectangle less the strips of one colour inside it that end at a straight edge."""
    for side in range(4):
        left, top, right, bottom = sides
        lines = inward(part(copy.grey, sides), side)[1:]  # the first may be half outside
        deepest = len(lines) // MARGIN
        if not deepest:
            continue
        depth = flat_depth(lines[:deepest], colour_of(lines), MARGIN_NEAR, MARGIN_OFF)
        if not 0 < depth < deepest:
            continue
        edges, first, last = (down, top, bottom) if side in (0, 2) else (across, left, right)
        share, nearer = max(
            (edges.share(moved(sides, side, depth + more)[side], first, last), -more)
            for more in range(3)
        )
        if share >= MARGIN_EDGE:
            sides = moved(sides, side, depth - nearer)
    return sides
