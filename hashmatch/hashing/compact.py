"""A picture reduced to what registration needs of it: a small luma of fixed size.

A compact luma is as telling as a thumbnail. It lives in memory for one check and is never written
anywhere: not into a list, a database, a log or JSON.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hashmatch import _native
from hashmatch.hashing.pixels import checked

COMPACT_SIDE = 256
"""Samples a side, whatever the picture's size and aspect."""


def luma_of(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Luma of a picture, uint8 (h, w), as Pillow's mode L rounds it; grey pictures are themselves.

    Args:
        pixels: uint8, shape (h, w, 3) RGB or (h, w) grey, any strides.

    Raises:
        InputTypeError: not an array of uint8.
        InputError: another shape, or empty.
    """
    whole = checked(pixels, 1, "luma")
    return whole if whole.ndim == 2 else _native.reduced_luma(whole, *whole.shape[:2])


def compact_luma(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture's luma resized to ``COMPACT_SIDE`` squared, aspect not kept (Lanczos, as Pillow).

    Args, errors as ``luma_of``.
    """
    whole = checked(pixels, 1, "compact luma")
    return _native.reduced_luma(whole, COMPACT_SIDE, COMPACT_SIDE)
