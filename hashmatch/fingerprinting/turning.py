"""Frames as they are shown, and where a part of what is shown lies in what is stored."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hashmatch.hashing import ORIENTATIONS, turned_pixels

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels; the last two exclusive."""

SIDEWAYS = frozenset(
    name
    for name, turned in zip(ORIENTATIONS, turned_pixels(np.empty((1, 2), np.uint8)), strict=True)
    if turned.shape == (2, 1)
)
"""The orientations in which width and height change places."""


def as_shown(pixels: NDArray[np.uint8], orientation: str) -> NDArray[np.uint8]:
    """A view of stored pixels as they are shown.

    Args:
        pixels: uint8 (h, w) or (h, w, 3).
        orientation: a name of ``ORIENTATIONS``.
    """
    return turned_pixels(pixels)[ORIENTATIONS.index(orientation)]


def part_as_stored(pixels: NDArray[np.uint8], orientation: str, box: Box) -> NDArray[np.uint8]:
    """A view of the part of stored pixels that is shown at a box, as it is stored."""
    left, top, right, bottom = box
    shown = as_shown(pixels, orientation)[top:bottom, left:right]
    # Of the eight ways to turn it, one runs through memory as the whole does.
    return next(back for back in turned_pixels(shown) if back.strides == pixels.strides)
