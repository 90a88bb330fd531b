"""The parts of a picture that may be a known picture: the whole, what is within its borders and bars,
and pictures within it.

A view holds a thumbnail of its part, so it is for one check in memory: nothing writes it out.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hashmatch.decode import DecodedImage, apply_orientation
from hashmatch.hashing import (
    Box,
    compact_luma,
    dihedral_pixels,
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
_TONE_REACH = 4  # levels around the commonest one that count as the same tone
_MARK = 60  # levels from it at which something is written on it
_BLANK = 16  # levels from it up to which nothing is
_LEAST_BAR = 6  # pixels


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
        flatness: share of the compact luma within a few levels of its commonest tone, 0..1: a page,
            a drawing, a screen.
        captioned: what was left out at its sides is of one tone with marks on it, as text is.
    """

    kind: str
    box: tuple[int, int, int, int]
    aspect: float
    compact: NDArray[np.uint8] = field(repr=False)
    hashes: tuple[HashValue, ...] = ()
    flatness: float = 0.0
    captioned: bool = False


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
        flatness=_share_of_tone(compact)[0],
        captioned=box.kind == "bar" and _is_captioned(luma, box),
    )


def _share_of_tone(samples: NDArray[np.uint8]) -> tuple[float, int]:
    """Share of the samples near their commonest tone, and that tone."""
    counts = np.bincount(samples.reshape(-1), minlength=256)
    near = np.convolve(counts, np.ones(2 * _TONE_REACH + 1, np.int64), mode="same")
    tone = int(near.argmax())
    return float(near[tone] / samples.size), tone


def _is_captioned(luma: NDArray[np.uint8], box: Box) -> bool:
    """Whether a strip that was left out is a bar with text: lines of marks on one tone, and that tone
    alone at the bar's outer end and next to the picture. No sky and no shadow of 224 photographs is."""
    strips = (
        luma[: box.top],
        luma[box.bottom :][::-1],
        luma[:, : box.left].T,
        luma[:, box.right :].T[::-1],
    )
    return any(_has_lines(strip) for strip in strips if strip.size >= luma.size // 50)


def _has_lines(strip: NDArray[np.uint8]) -> bool:
    """Args: strip: its first row at the picture's edge, its last one next to what was kept."""
    if len(strip) < _LEAST_BAR:
        return False
    columns = strip[:, :: max(1, strip.shape[1] // 512)]
    share, tone = _share_of_tone(columns)
    apart = np.abs(columns.astype(np.int16) - tone)
    empty = (apart <= _BLANK).mean(axis=1) >= 0.97
    ends = max(1, len(strip) // 20)
    return bool(
        share >= 0.6
        and (apart > _MARK).mean() >= 0.03
        and empty.mean() >= 0.3
        and empty[:ends].all()
        and empty[-1 - ends : -1].any()
    )
