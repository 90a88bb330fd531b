"""The parts of a picture that may be a known picture: the whole, what is within its borders and
bars, and pictures within it.

A view holds a thumbnail of its part, so it is for one check in memory: nothing writes it out.
"""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashmatch.decode import DecodedImage, apply_orientation
from hashmatch.fingerprinting.captions import captions_of, flatness_of, without_text
from hashmatch.hashing import (
    COMPACT_SIDE,
    Box,
    compact_luma,
    dihedral_pixels,
    hash_pixels,
    luma_of,
    min_side,
    pictures,
    trims,
)
from hashmatch.types import HashValue

VIEWS = ("none", "trims", "all")
"""What may be asked for: nothing; the whole and what is within borders and bars; pictures too."""

_MOST_TRIMS = 3
_MOST_PICTURES = 12


@dataclass(frozen=True, slots=True)
class View:
    """A part of a picture that is compared as if it were one.

    Attributes:
        kind: "whole"; "border" or "bar", what is within them; "picture", within a larger one.
        box: left, top, right, bottom in pixels of the picture as shown; the last two exclusive.
        aspect: width / height of the part in pixels.
        compact: its luma, uint8 (256, 256).
        hashes: PDQ of its eight orientations, in the order of ``ORIENTATIONS``; none for pictures
            within larger ones, whose edges are not known well enough.
        flatness: how far it is of one tone, 0..1, as a page, a drawing or a screen is.
        uncaptioned: where bars with text were left out: PDQ of the whole picture with that text
            smeared.
    """

    kind: str
    box: tuple[int, int, int, int]
    aspect: float
    compact: NDArray[np.uint8] = field(repr=False)
    hashes: tuple[HashValue, ...] = ()
    flatness: float = 0.0
    uncaptioned: HashValue | None = None

    @property
    def captioned(self) -> bool:
        """Whether what was left out at its sides are bars with text."""
        return self.uncaptioned is not None

    def __reduce__(self) -> tuple[Callable[..., View], tuple[Any, ...]]:
        """As plain values: an array's own pickle could name anything."""
        plain = (self.kind, self.box, self.aspect, self.compact.tobytes())
        return received_view, (*plain, self.hashes, self.flatness, self.uncaptioned)


def received_view(
    kind: str,
    box: tuple[int, int, int, int],
    aspect: float,
    compact: bytes,
    hashes: tuple[HashValue, ...],
    flatness: float,
    uncaptioned: HashValue | None,
) -> View:
    """A view that another process sent, which may have been taken over: nothing is believed.

    Raises:
        PicklingError: a value that no view has.
    """
    sides = isinstance(box, tuple) and len(box) == 4 and all(type(side) is int for side in box)
    if not (
        kind in ("whole", "border", "bar", "picture")
        and sides
        and 0 <= box[0] < box[2]
        and 0 <= box[1] < box[3]
        and type(aspect) is float
        and 0 < aspect < math.inf
        and type(compact) is bytes
        and len(compact) == COMPACT_SIDE * COMPACT_SIDE
        and type(hashes) is tuple
        and len(hashes) in (0, 8)
        and all(_is_pdq(one) for one in hashes)
        and type(flatness) is float
        and 0 <= flatness <= 1
        and (uncaptioned is None or _is_pdq(uncaptioned))
    ):
        raise pickle.PicklingError("a worker sent no view")
    luma = np.frombuffer(compact, np.uint8).reshape(COMPACT_SIDE, COMPACT_SIDE)
    return View(kind, box, aspect, luma, hashes, flatness, uncaptioned)


def views_of(picture: DecodedImage, wanted: str) -> tuple[View, ...]:
    """The views of a decoded picture, the whole first; none of one too small for PDQ.

    Args:
        wanted: one of ``VIEWS``.
    """
    pixels = picture.pixels
    if picture.scale > 1:  # cells stand as stored
        pixels = apply_orientation(pixels, picture.orientation)
    if wanted == "none" or min(pixels.shape[:2]) < min_side("pdq"):
        return ()
    height, width = pixels.shape[:2]
    luma = luma_of(pixels)
    whole = _view(pixels, luma, Box(0, 0, width, height, "whole"), picture.scale, hashed=False)
    boxes = trims(luma, _MOST_TRIMS)
    views = [whole, *(_view(pixels, luma, box, picture.scale, hashed=True) for box in boxes)]
    if wanted == "all":
        views += [
            _view(pixels, luma, box, picture.scale, hashed=False)
            for box in pictures(luma, _MOST_PICTURES)
        ]
    return tuple(views)


def _view(
    pixels: NDArray[np.uint8], luma: NDArray[np.uint8], box: Box, scale: int, *, hashed: bool
) -> View:
    rows, columns = slice(box.top, box.bottom), slice(box.left, box.right)
    compact = compact_luma(luma[rows, columns])
    hashes: tuple[HashValue, ...] = ()
    if hashed:
        values, quality = dihedral_pixels("pdq", pixels[rows, columns])
        hashes = tuple(HashValue("pdq", row.tobytes(), quality) for row in values)
    return View(
        kind=box.kind,
        box=(box.left * scale, box.top * scale, box.right * scale, box.bottom * scale),
        aspect=(box.right - box.left) / (box.bottom - box.top),
        compact=compact,
        hashes=hashes,
        flatness=flatness_of(compact),
        uncaptioned=_uncaptioned(luma, box) if box.kind in ("border", "bar") else None,
    )


def _uncaptioned(luma: NDArray[np.uint8], box: Box) -> HashValue | None:
    if not captions_of(luma, box):
        return None
    value, quality = hash_pixels("pdq", without_text(luma, box))
    return HashValue("pdq", value.tobytes(), quality)


def _is_pdq(value: object) -> bool:
    # A pickle may bring an object that its own constructor would refuse.
    return (
        type(value) is HashValue
        and value.algorithm == "pdq"
        and type(value.value) is bytes
        and len(value.value) == 32
        and (value.quality is None or type(value.quality) is int)
    )
