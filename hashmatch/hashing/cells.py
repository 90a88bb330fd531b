"""PDQ of a large picture from its scaled decode.

A scaled JPEG decode gives the means of square cells of samples. The hash of that small picture as
such is 3 to 24 bits away from the full picture's; with the full picture's band weights, added up
over the cells, it is within 2 bits where a band has at least eight cells (``cell_scale``).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hashmatch import _native, cpu
from hashmatch.errors import InputError, InputTypeError

SCALES = (8, 4, 2)
"""Sides of a cell that JPEG decoders offer, besides 1."""
CELLS_A_BAND = 8


def cell_scale(width: int, height: int) -> int:
    """The largest scale, 1, 2, 4 or 8, that leaves each of PDQ's 64 bands eight cells."""
    finest = min(width, height) // (64 * CELLS_A_BAND)
    return next((scale for scale in SCALES if scale <= finest), 1)


def pdq_cells(
    means: NDArray[np.uint8], *, full_height: int, full_width: int, scale: int
) -> tuple[NDArray[np.uint8], int]:
    """PDQ hashes of a full picture in its eight orientations, from the means of its cells.

    Args:
        means: uint8, shape (ceil(full_height / scale), ceil(full_width / scale)): luma.
        full_height, full_width: of the picture; both at least 5.
        scale: side of a cell in pixels; the last cell of an axis may be a part of one.

    Returns:
        As ``pdq_dihedral``; a few bits from it.

    Raises:
        InputTypeError: ``means`` is no uint8 array.
        InputError: the sizes contradict each other.

    The GIL is released.
    """
    if not isinstance(means, np.ndarray) or means.dtype != np.uint8:
        got = means.dtype if isinstance(means, np.ndarray) else type(means).__name__
        raise InputTypeError(f"means: expected uint8 (h, w), got {got}")
    if scale < 1:
        raise InputError(f"scale: expected 1 or more, got {scale}")
    expected = (-(-full_height // scale), -(-full_width // scale))
    if means.shape != expected:
        raise InputError(f"means: expected uint8 {expected}, got uint8 {means.shape}")
    cpu.active_isa()
    try:
        return _native.pdq_cells(
            np.ascontiguousarray(means),
            full_height=full_height,
            full_width=full_width,
            scale=scale,
        )
    except ValueError as error:
        raise InputError(str(error)) from error
