"""The eight orientations of a picture, as views, and what follows from their being a group."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

TURNS: tuple[Callable[[Pixels], Pixels], ...] = (
    lambda a: a,
    lambda a: np.rot90(a, 1),
    lambda a: np.rot90(a, 2),
    lambda a: np.rot90(a, 3),
    lambda a: a[::-1],
    lambda a: a[:, ::-1],
    lambda a: a.swapaxes(0, 1),
    lambda a: a[::-1, ::-1].swapaxes(0, 1),
)
"""In the order of ``ORIENTATIONS``; each gives a view of (h, w) or (h, w, 3)."""

_INVERSE = (0, 3, 2, 1, 4, 5, 6, 7)


def turned_pixels(pixels: Pixels) -> list[Pixels]:
    """The eight orientations of a picture as views, in the order of ``ORIENTATIONS``."""
    return [turn(pixels) for turn in TURNS]


def as_stored(pixels: Pixels) -> tuple[Pixels, int]:
    """The C-contiguous picture behind a view of it, and the orientation in which the view shows it.

    A turned view of 12 million pixels costs 30 times as much to copy as to hash. A view that is
    none of the eight turns is copied.
    """
    for number, turn in enumerate(TURNS):  # the first is the picture itself, the usual case
        turned = turn(pixels)
        if turned.flags.c_contiguous:
            return turned, _INVERSE[number]
    return np.ascontiguousarray(pixels), 0


def rows_as_shown(orientation: int) -> list[int]:
    """For a picture shown in an orientation: where each of its eight stands among the stored's."""
    return _COMPOSED[orientation]


def _compose() -> list[list[int]]:
    probe = np.arange(6, dtype=np.uint8).reshape(2, 3)

    def look(picture: Pixels) -> tuple[tuple[int, ...], bytes]:
        return picture.shape, picture.tobytes()

    stored = [look(turned) for turned in turned_pixels(probe)]
    return [
        [stored.index(look(again)) for again in turned_pixels(shown)]
        for shown in turned_pixels(probe)
    ]


_COMPOSED = _compose()
