"""PDQ of a video's frames, from the planes that a decoder gives.

vPDQ converts each frame to RGB and weighs luma out of it again, which gives the Y plane back but
for rounding; so the plane itself is hashed. Source: facebook/ThreatExchange, vpdq/cpp; ITU-R BT.601
and BT.709 for the limited range.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hashmatch import _native
from hashmatch.errors import InputError
from hashmatch.hashing.image import MIN_SIDE, ORIENTATIONS
from hashmatch.hashing.pixels import checked_view
from hashmatch.hashing.turns import rows_as_shown


def pdq_plane(
    pixels: NDArray[np.uint8], *, full_range: bool = True, orientation: str = "original"
) -> tuple[NDArray[np.uint8], int]:
    """PDQ hash and quality of a frame.

    Args:
        pixels: uint8, (h, w) luma or (h, w, 3) RGB as stored; rows may be padded.
        full_range: whether luma is 0..255; else 16..235, and what is beyond is clipped, as
            conversion to RGB clips it. RGB has the full range.
        orientation: a name of ``ORIENTATIONS``: how the frame is turned for showing.

    Returns:
        The hash, uint8 (32,), of the frame as shown; the quality, 0..100. A few bits at most from
        ``pdq`` of the same luma: there are no reference bits to be certified.

    Raises:
        InputTypeError: not an array of uint8.
        InputError: another shape, a side below 5 pixels, or another orientation.
        CpuFeatureError: ``HASHMATCH_ISA`` asks for what this CPU lacks.

    The GIL is released.
    """
    number = _number_of(orientation)
    return _native.pdq_plane(_rows(pixels), full_range=full_range, orientation=number)


def pdq_plane_dihedral(
    pixels: NDArray[np.uint8], *, full_range: bool = True, orientation: str = "original"
) -> tuple[NDArray[np.uint8], int]:
    """PDQ hashes of a frame as shown in its eight orientations; row 0 equals ``pdq_plane``.

    Args and errors as ``pdq_plane``.

    Returns:
        The hashes, uint8 (8, 32), rows as ``ORIENTATIONS``; the quality of row 0.
    """
    number = _number_of(orientation)
    values, quality = _native.pdq_plane_dihedral(
        _rows(pixels), full_range=full_range, quality_of=number
    )
    return values[rows_as_shown(number)], quality


def pdq_feature(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The 256 coefficients that PDQ's bits are the signs of: of 64 x 64 RGB, TMK's frame feature.

    Args:
        pixels: uint8 (h, w, 3) RGB or (h, w) grey of full range; both sides at least 5.

    Returns:
        float32 (256,), vertical frequency by vertical frequency.

    Raises:
        InputTypeError, InputError, CpuFeatureError: as ``pdq_plane``.
    """
    return _native.pdq_coefficients(_rows(pixels), full_range=True)


def _rows(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The frame with packed samples within each row; copied only where they are not."""
    view = checked_view(pixels, MIN_SIDE, "PDQ")
    packed = (1,) if view.ndim == 2 else (3, 1)
    if view.strides[1:] == packed and view.strides[0] >= view.shape[1] * packed[0]:
        return view
    return np.ascontiguousarray(view)


def _number_of(orientation: str) -> int:
    if orientation not in ORIENTATIONS:
        raise InputError(
            f"orientation: expected one of {', '.join(ORIENTATIONS)}, got {orientation!r}"
        )
    return ORIENTATIONS.index(orientation)
