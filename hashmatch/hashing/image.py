"""PDQ from pixels, bit-exact with Meta's reference.

Source: facebook/ThreatExchange, pdq/; no resize before hashing, as pdqhash does.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hashmatch import _native
from hashmatch.hashing.pixels import checked_view
from hashmatch.hashing.turns import as_stored, rows_as_shown

MIN_SIDE = 5
"""Pictures with a shorter side have no PDQ hash (the reference gives all zeros)."""

ORIENTATIONS = (
    "original",
    "rotate90",
    "rotate180",
    "rotate270",
    "flip_x",
    "flip_y",
    "flip_plus1",
    "flip_minus1",
)
"""Row order of ``pdq_dihedral``, in PDQ's names: rotations are counter-clockwise, flip_x is top to
bottom, flip_y left to right; flip_plus1 and flip_minus1 mirror at the main and the other
diagonal."""


def pdq(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], int]:
    """PDQ hash and quality of a picture.

    Args:
        pixels: uint8, shape (h, w, 3) RGB or (h, w) grey, any strides; both sides at least 5.

    Returns:
        The hash, uint8 of shape (32,), in the byte order of PDQ's hex text; the quality, 0..100.
        Equal to ``pdqhash.compute``: certified by measured tolerances, or else by the reference's
        own operations (docs/architecture.md). Below quality 50 the hash says too little about
        the picture to be matched; above a megapixel its bits are then not the reference's.

    Raises:
        InputTypeError: not an array of uint8.
        InputError: another shape, or a side below 5 pixels.
        CpuFeatureError: ``HASHMATCH_ISA`` asks for what this CPU lacks.

    The GIL is released.
    """
    stored, orientation = as_stored(checked_view(pixels, MIN_SIDE, "PDQ"))
    value, quality, _ = _native.pdq(stored, orientation)
    return value, quality


def pdq_dihedral(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], int]:
    """PDQ hashes of a picture in its eight orientations.

    Args and errors as ``pdq``.

    Returns:
        The hashes, uint8 of shape (8, 32), rows as ``ORIENTATIONS``; the quality of the original.
        Row k equals ``pdq`` of the really re-oriented pixels, not PDQ's own approximation from the
        coefficients, which is 6 to 32 bits away.
    """
    stored, orientation = as_stored(checked_view(pixels, MIN_SIDE, "PDQ"))
    values, quality, _ = _native.pdq_dihedral(stored, orientation)
    return values[rows_as_shown(orientation)], quality
