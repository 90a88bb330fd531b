"""EXIF orientation (tag 0x0112): read tolerantly, applied to the pixels.

Source: EXIF 2.32 section 4.6.4 A, "Orientation".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL import Image

ORIENTATION_TAG = 0x0112
UPRIGHT = 1

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


def read_orientation(image: Image.Image) -> int:
    """The EXIF orientation 1..8; 1 where there is none or where it can't be read.

    Broken metadata never stops a picture from being hashed.
    """
    try:
        value = image.getexif().get(ORIENTATION_TAG, UPRIGHT)
    except Exception:  # noqa: BLE001 - Pillow's EXIF parser raises many kinds on hostile metadata
        return UPRIGHT
    return value if isinstance(value, int) and value in _TURNS else UPRIGHT


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
