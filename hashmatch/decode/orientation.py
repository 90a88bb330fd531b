"""Applies an EXIF orientation to pixels.

Source: EXIF 2.32 section 4.6.4 A, "Orientation".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# EXIF value to (transpose, flip rows, flip columns), in this order.
_TURNS = {
    1: (False, False, False),
    2: (False, False, True),
    3: (False, True, True),
    4: (False, True, False),
    5: (True, False, False),
    6: (True, False, True),
    7: (True, True, True),
    8: (True, True, False),
}


def apply_orientation(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """The picture as a viewer shows it: a view of the pixels, turned and mirrored.

    Args:
        pixels: uint8, (h, w) or (h, w, 3), as stored.
        orientation: EXIF value 1..8.
    """
    transpose, flip_rows, flip_columns = _TURNS[orientation]
    if transpose:
        pixels = pixels.swapaxes(0, 1)
    if flip_rows:
        pixels = pixels[::-1]
    return pixels[:, ::-1] if flip_columns else pixels


def swaps_sides(orientation: int) -> bool:
    """Whether width and height change places."""
    return _TURNS[orientation][0]
