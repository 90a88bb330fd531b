"""Boxes by their four sides, and the lines inside them as each side sees them."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

SHORTEST = 16
"""Pixels: no box has a shorter side, and no smaller picture has boxes."""

Value = TypeVar("Value", np.uint8, np.int16)
Grey = NDArray[np.int16]
Luma = NDArray[np.uint8]
Sides = tuple[int, int, int, int]
"""Left, top, right, bottom; the last two exclusive. In this order they are numbered from 0."""


def part(grey: Grey, sides: Sides) -> Grey:
    """The view inside a box."""
    left, top, right, bottom = sides
    return grey[top:bottom, left:right]


def inward(picture: NDArray[Value], side: int) -> NDArray[Value]:
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
