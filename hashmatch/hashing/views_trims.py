"""The picture inside its borders and bars.

Each kind of evidence gives a box, and the best side of each another one.
"""

from __future__ import annotations

import numpy as np

from hashmatch.hashing.views_bars import (
    NEAR,
    colour_of,
    flat_depth,
    marked_depth,
    paired_depth,
    plain_depth,
    profile,
    quiet_depth,
)
from hashmatch.hashing.views_blocks import Blocks, in_blocks
from hashmatch.hashing.views_boxes import (
    SHORTEST,
    Grey,
    Luma,
    Sides,
    inward,
    is_large,
    moved,
    part,
)
from hashmatch.hashing.views_settled import Found, settled

BLOCKS = 320
"""Along an axis, in which flat lines are looked for."""
LINES = 640
"""Along an axis, in which straight edges are looked for; more are sampled."""
SAMPLES = 200
"""Of each such line."""
DOUBT = 0.35
"""Share of an edge's length from which on it speaks for a trim; below, against."""
WEAKEST = 0.45
"""Share of an edge below which a bar without texture is none, unless it is one of a pair."""
FAINT = 0.1
"""The same of bars of one colour, with marks or without: dark pictures have dark sides."""


def trimmed(luma: Luma, most: int) -> list[tuple[Sides, bool]]:
    """Boxes in pixels, best first; whether a box lies in nothing but lines of one colour."""
    height, width = luma.shape
    whole = (0, 0, width, height)
    blocks = in_blocks(luma, BLOCKS)
    grey = blocks.means()
    main = _without_flat(blocks, grey, blocks.whole, _main_colour(grey))
    bare = whole if main == blocks.whole else blocks.in_pixels(main)
    flat: list[Found] = []
    if bare != whole:
        placed = settled(luma, bare, blocks.size, echoes=True)
        if is_large(placed[0]):
            flat.append(placed)
            bare = placed[0]
    # Dark skies in a black frame: the frame may be at one pair of sides only.
    upright = (bare[0], 0, bare[2], height)
    lying = (0, bare[1], width, bare[3])
    deeper = blocks.in_pixels(_without_flat(blocks, grey, main, None))
    for sides in (upright, lying, deeper):
        if sides not in (whole, bare) and is_large(sides):
            one = settled(luma, sides, blocks.size, echoes=True)
            if _weakest(one, whole) >= FAINT:
                flat.append(one)
    colours = [colour_of(inward(grey, side)) for side in range(4)]
    found = list(flat)
    for sides, steps, weakest in _barred(luma, bare, colours):
        if sides != bare and is_large(sides):
            one = settled(luma, sides, steps, echoes=True)
            if _weakest(one, bare) >= weakest:
                found.append(one)
    if not found:
        return []
    found.append(_best_sides(found, whole))
    ranked = sorted(found, key=lambda one: -_evidence(one, whole))
    flat_sides = [{whole[side], *(sides[side] for sides, _ in flat)} for side in range(4)]
    boxes: dict[Sides, bool] = {}
    for sides, _ in ranked:
        if sides != whole and is_large(sides):
            boxes[sides] = all(sides[side] in flat_sides[side] for side in range(4))
    return list(boxes.items())[:most]


def _main_colour(grey: Grey) -> int | None:
    """Of the deepest flat bar; a frame has one colour."""
    deepest, found = 0, None
    for side in range(4):
        lines = inward(grey, side)
        colour = colour_of(lines)
        depth = flat_depth(lines, colour)
        if depth > deepest:
            deepest, found = depth, colour
    return found


def _without_flat(blocks: Blocks, grey: Grey, sides: Sides, colour: int | None) -> Sides:
    """Less the flat lines at all sides: of one colour, or of any."""
    narrowest, lowest = -(-SHORTEST // blocks.wide), -(-SHORTEST // blocks.high)
    for _ in range(3):  # bars of one pair of sides may hide those of the other
        before = sides
        for side in (1, 3, 0, 2):
            lines = inward(part(grey, sides), side)
            own = colour_of(lines)
            if colour is not None and abs(own - colour) > NEAR:
                continue
            left, top, right, bottom = new = moved(sides, side, flat_depth(lines, own))
            if right - left >= narrowest and bottom - top >= lowest:
                sides = new
        if sides == before:
            break
    return sides


def _barred(
    luma: Luma, bare: Sides, colours: list[int]
) -> list[tuple[Sides, tuple[int, int], float]]:
    """Boxes by each evidence of bars within the flat frame.

    With each, how near its edges are, and how straight the weakest of them has to be.
    """
    left, top, right, bottom = bare
    height, width = luma.shape
    row, column = -(-(bottom - top) // LINES), -(-(right - left) // LINES)
    along_rows = max((right - left) // SAMPLES, 1)
    along_columns = max((bottom - top) // SAMPLES, 1)
    marked, quiet, plain, paired = bare, bare, bare, bare
    best = 0.0
    for axis, block in ((1, row), (0, column)):
        if axis:
            lines: Grey = luma[top:bottom:row, left:right:along_rows].astype(np.int16)
        else:
            lines = luma[top:bottom:along_columns, left:right:column].T.astype(np.int16)
        if len(lines) < SHORTEST or lines.shape[1] < SHORTEST:
            continue
        both = profile(lines)
        evidence, depth = paired_depth(both)
        if evidence > best:
            best = evidence
            paired = moved(moved(bare, axis, depth * block), axis + 2, depth * block)
        for side in (axis, axis + 2):
            seen = both if side < 2 else both.inverted()
            inwards = lines if side < 2 else lines[::-1]
            begun = bare[side] != (0, 0, width, height)[side]
            colour = colours[side] if begun else int(np.median(inwards[:3]))
            depth = marked_depth(inwards, colour, seen.edges, begun=begun)
            marked = moved(marked, side, depth * block)
            quiet = moved(quiet, side, quiet_depth(seen) * block)
            plain = moved(plain, side, plain_depth(seen.edges) * block)
    near = (column, row)
    return [
        (marked, near, FAINT),
        (quiet, near, WEAKEST),
        (plain, near, WEAKEST),
        (paired, near, 0.0),
    ]


def _best_sides(found: list[Found], whole: Sides) -> Found:
    """Of each side the place with the straightest edge, or the canvas's where none is straight."""
    sides, shares = list(whole), [0.0] * 4
    for side in range(4):
        best = DOUBT
        for places, edges in found:
            if places[side] != whole[side] and edges[side] > best:
                best = shares[side] = edges[side]
                sides[side] = places[side]
    left, top, right, bottom = sides
    return (left, top, right, bottom), (shares[0], shares[1], shares[2], shares[3])


def _weakest(one: Found, outer: Sides) -> float:
    """How straight the least straight edge is of those that are not on the outer box's."""
    sides, shares = one
    return min((shares[s] for s in range(4) if sides[s] != outer[s]), default=1.0)


def _evidence(one: Found, whole: Sides) -> float:
    sides, shares = one
    return sum(shares[s] - DOUBT for s in range(4) if sides[s] != whole[s])
