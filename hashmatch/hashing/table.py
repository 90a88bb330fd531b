"""Every hash that is computed here, by its name in ``hashmatch.algorithms``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hashmatch import _native
from hashmatch.algorithms import get_algorithm
from hashmatch.errors import UnknownAlgorithmError
from hashmatch.hashing import classic
from hashmatch.hashing.classic import Hashed, Pixels
from hashmatch.hashing.image import MIN_SIDE, pdq, pdq_dihedral
from hashmatch.hashing.pixels import checked
from hashmatch.hashing.turns import TURNS


@dataclass(frozen=True, slots=True)
class _Row:
    hash: Callable[[Pixels], Hashed]
    min_side: int
    sees_luma_only: bool = False
    """The hash of the picture is the hash of its luma, so that one plane is turned, not three."""


_ROWS: dict[str, _Row] = {
    "pdq": _Row(pdq, MIN_SIDE),
    "pdq-cpp": _Row(classic.pdq_cpp, MIN_SIDE),
    "ahash": _Row(classic.ahash, classic.IMAGEHASH_MIN_SIDE, sees_luma_only=True),
    "dhash": _Row(classic.dhash, classic.IMAGEHASH_MIN_SIDE, sees_luma_only=True),
    "phash": _Row(classic.phash, classic.IMAGEHASH_MIN_SIDE, sees_luma_only=True),
    "phash256": _Row(classic.phash256, classic.IMAGEHASH_MIN_SIDE, sees_luma_only=True),
    "whash": _Row(classic.whash, classic.IMAGEHASH_MIN_SIDE, sees_luma_only=True),
    "blockhash": _Row(classic.blockhash, classic.BLOCKHASH_MIN_SIDE),
    "blockhash-precise": _Row(classic.blockhash_precise, classic.BLOCKHASH_MIN_SIDE),
}


def min_side(algorithm: str) -> int:
    """The shorter side in pixels from which on a picture has such a hash.

    Raises:
        UnknownAlgorithmError: not an algorithm that is computed here.
    """
    return _row(algorithm).min_side


def hash_pixels(algorithm: str, pixels: Pixels) -> Hashed:
    """The hash of a picture by the algorithm's name.

    Args:
        algorithm: a name in ``hashmatch.algorithms.ALGORITHMS`` that is computed here.
        pixels: uint8, shape (h, w, 3) RGB or (h, w) grey, any strides; both sides at least
            ``min_side(algorithm)``.

    Returns:
        The hash, uint8 of shape (n_bytes,), and its quality, 0..100; below the algorithm's
        ``min_quality`` it says too little about the picture to be matched.

    Raises:
        UnknownAlgorithmError: not an algorithm that is computed here.
        InputTypeError: not an array of uint8.
        InputError: another shape, or too small a side.
        CpuFeatureError: ``HASHMATCH_ISA`` asks for what this CPU lacks.
    """
    return _row(algorithm).hash(pixels)


def dihedral_pixels(algorithm: str, pixels: Pixels) -> Hashed:
    """The hashes of a picture in its eight orientations.

    Args and errors as ``hash_pixels``.

    Returns:
        The hashes, uint8 of shape (8, n_bytes), rows as ``ORIENTATIONS``; the quality of the
        original. Row k equals ``hash_pixels`` of the really re-oriented pixels.
    """
    row = _row(algorithm)
    if algorithm == "pdq":
        return pdq_dihedral(pixels)
    whole = checked(pixels, row.min_side, algorithm)
    if row.sees_luma_only and whole.ndim == 3:
        whole = _native.reduced_luma(whole, whole.shape[0], whole.shape[1])
    turned = [row.hash(_turned(whole, turn)) for turn in TURNS]
    return np.stack([value for value, _ in turned]), turned[0][1]


def _turned(pixels: Pixels, turn: Callable[[Pixels], Pixels]) -> Pixels:
    """C-contiguous. A colour pixel moves as one item: half the time of three."""
    if pixels.ndim == 2:
        return np.ascontiguousarray(turn(pixels))
    items = np.ascontiguousarray(turn(pixels.view(np.dtype("V3"))[:, :, 0]))
    return items.view(np.uint8).reshape(*items.shape, 3)


def _row(algorithm: str) -> _Row:
    try:
        return _ROWS[algorithm]
    except KeyError:
        get_algorithm(algorithm)  # a name that nobody knows says so
        raise UnknownAlgorithmError(
            f"algorithm: {algorithm} is imported from lists, not computed here"
        ) from None
