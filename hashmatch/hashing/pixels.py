"""What every hash takes: 8-bit pixels, checked once, with both values in the message."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hashmatch import cpu
from hashmatch.errors import InputError, InputTypeError


def require_picture(pixels: NDArray[np.uint8]) -> None:
    """Check that an array is a picture of any size.

    Raises:
        InputTypeError: not an array of uint8.
        InputError: another shape than (h, w, 3) or (h, w).
    """
    expected = "pixels: expected uint8 (h, w, 3) or (h, w)"
    if not isinstance(pixels, np.ndarray):
        raise InputTypeError(f"{expected}, got {type(pixels).__name__}")
    if isinstance(pixels, np.ma.MaskedArray):
        raise InputTypeError(f"{expected}, got a masked array; fill it first")
    if pixels.dtype != np.uint8:
        raise InputTypeError(f"{expected}, got {pixels.dtype} {pixels.shape}")
    if pixels.ndim not in (2, 3) or (pixels.ndim == 3 and pixels.shape[2] != 3):
        raise InputError(f"{expected}, got uint8 {pixels.shape}")


def checked(pixels: NDArray[np.uint8], min_side: int, what: str) -> NDArray[np.uint8]:
    """The pixels as the core takes them, C-contiguous; errors as ``checked_view``."""
    return np.ascontiguousarray(checked_view(pixels, min_side, what))


def checked_view(pixels: NDArray[np.uint8], min_side: int, what: str) -> NDArray[np.uint8]:
    """The pixels as they are, checked.

    Args:
        pixels: uint8, shape (h, w, 3) or (h, w), any strides.
        min_side: of pictures that have such a hash.
        what: the hash, for the message ("PDQ", "phash").

    Raises:
        InputTypeError, InputError: as ``require_picture``; a side below ``min_side``.
        CpuFeatureError: ``HASHMATCH_ISA`` asks for what this CPU lacks.
    """
    require_picture(pixels)
    if min(pixels.shape[:2]) < min_side:
        raise InputError(
            f"pixels: expected both sides to be at least {min_side}, got uint8 {pixels.shape}: "
            f"too small for a {what} hash"
        )
    cpu.active_isa()  # turns a bad HASHMATCH_ISA into its own error
    return pixels.view(np.ndarray)
