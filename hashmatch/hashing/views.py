"""Where in a picture another one may be: inside borders and bars, or on a page or a photograph.

Boxes are proposals to be hashed besides the whole picture, never instead of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hashmatch.errors import InputError, InputTypeError
from hashmatch.hashing.views_boxes import SHORTEST, Sides
from hashmatch.hashing.views_pictures import rectangles
from hashmatch.hashing.views_trims import trimmed


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a picture, in pixels; right and bottom exclusive, both sides at least 16."""

    left: int
    top: int
    right: int
    bottom: int
    kind: str
    """What is around it: "border", lines of one colour; "bar", lines with marks or without texture;
    "picture", something larger."""


def trims(luma: NDArray[np.uint8], most: int = 4) -> list[Box]:
    """The picture without its borders and bars, as far as they can be told.

    Args:
        luma: uint8 (h, w), any strides; with a side below 16 it has no boxes.
        most: boxes to return.

    Returns:
        Best first; nested ones where it is doubtful how much is the picture. Never the whole
        picture. A plain photograph may have some too: what looks like a bar may be a sky.

    Raises:
        InputTypeError: not an array of uint8.
        InputError: not of two dimensions; ``most`` below 0.
    """
    _require_luma(luma, most)
    if min(luma.shape) < SHORTEST:
        return []
    return [_box(sides, "border" if flat else "bar") for sides, flat in trimmed(luma, most)]


def pictures(luma: NDArray[np.uint8], most: int = 12) -> list[Box]:
    """Rectangles with straight edges: pictures on pages, slides, screens and photographs.

    Args:
        luma: uint8 (h, w), any strides; with a side below 16 it has no boxes.
        most: boxes to return.

    Returns:
        Best first; at least an eighth of the picture wide and high, three sides or four of them
        inside it. Intersection over union of any two is below 0.85, with a box of ``trims``
        below 0.96: one that is nearly a trim may be the more exact.

    Raises:
        InputTypeError, InputError: as ``trims``.
    """
    _require_luma(luma, most)
    if min(luma.shape) < SHORTEST or most == 0:
        return []
    height, width = luma.shape
    known = [(0, 0, width, height), *(sides for sides, _ in trimmed(luma, 4))]
    return [_box(sides, "picture") for sides in rectangles(luma, known, most)]


def _require_luma(luma: NDArray[np.uint8], most: int) -> None:
    expected = "luma: expected uint8 (h, w)"
    if not isinstance(luma, np.ndarray) or luma.dtype != np.uint8:
        got = luma.dtype if isinstance(luma, np.ndarray) else type(luma).__name__
        raise InputTypeError(f"{expected}, got {got}")
    if luma.ndim != 2:
        raise InputError(f"{expected}, got uint8 {luma.shape}")
    if most < 0:
        raise InputError(f"most: expected 0 or more, got {most}")


def _box(sides: Sides, kind: str) -> Box:
    return Box(*sides, kind=kind)
