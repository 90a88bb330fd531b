"""What is left of a picture whose data ends or breaks before its last row.

Pillow writes decoded rows into memory that it was given, and raises where the data stops. The
memory is filled with two different values in two runs: what is the same afterwards was decoded.
(Pillow's own switch for truncated files is one for the whole process, so it is not used.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hashmatch.errors import CorruptMediaError

if TYPE_CHECKING:
    from PIL import Image

    Opener = Callable[[], Image.Image]

_FILLS: dict[str, tuple[float, float]] = {"I": (0, 0x7FFF), "F": (0.0, 1.0)}
_SIXTEEN_BIT = (0, 0xFFFF)
_JPEG_GREY = 128
_EIGHT_BIT = (0, 0xFF)


def salvage(open_picture: Opener) -> tuple[Image.Image, NDArray[np.bool_]]:
    """The picture with the rows that could be decoded, and which pixels those are, bool (h, w).

    Raises:
        CorruptMediaError: nothing could be decoded.
    """
    image = _loaded(open_picture(), None)
    try:
        first, second = (_samples(_loaded(open_picture(), which)) for which in (0, 1))
        plain = _samples(image)
    except (ValueError, OSError) as error:
        raise CorruptMediaError(f"no pixel could be decoded: {error}") from error
    same = (first == second) & (first == plain)
    return image, same if same.ndim == 2 else same.all(axis=-1)


def grey_tail(pixels: NDArray[np.uint8], stored_mode: str) -> float:
    """The share of rows of a mended JPEG that come before the grey that its decoder put last."""
    last = pixels[-1, -1]
    if stored_mode != "CMYK" and np.any(last != _JPEG_GREY):
        return 1.0
    for row in range(len(pixels) - 1, -1, -1):
        if np.any(pixels[row] != last):
            return (row + 1) / len(pixels)
    return 0.0


def _loaded(image: Image.Image, which: int | None) -> Image.Image:
    if which is not None:
        _fill_before_load(image, which)
    try:
        image.load()
    except MemoryError:
        raise
    except Exception as error:
        if getattr(image, "_im", None) is None:
            raise CorruptMediaError(f"no pixel could be decoded: {error}") from error
    # What is there is all there will be: later calls must not start to load again.
    image.tile = []  # type: ignore[attr-defined]
    return image


def _fill_before_load(image: Image.Image, which: int) -> None:
    from PIL import Image

    prepare = getattr(image, "load_prepare", None)
    if prepare is None:
        return

    def filled() -> None:
        prepare()
        mode = image.im.mode
        value = _fills(mode)[which]
        ink = value if Image.getmodebands(mode) == 1 else (value,) * Image.getmodebands(mode)
        image.im = Image.core.fill(  # type: ignore[attr-defined]
            mode, image.im.size, ink
        )

    image.load_prepare = filled  # type: ignore[attr-defined]


def _fills(mode: str) -> tuple[float, float]:
    return _SIXTEEN_BIT if mode.startswith("I;16") else _FILLS.get(mode, _EIGHT_BIT)


def _samples(image: Image.Image) -> NDArray[np.generic]:
    return np.asarray(image)
