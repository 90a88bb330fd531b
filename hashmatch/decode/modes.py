"""Every Pillow mode to 8-bit RGB or grey: one table, docs/pixels.md in code.

Large pictures are converted in strips, so that no step holds a second whole copy in another mode.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hashmatch.decode.lab import lab_to_rgb
from hashmatch.decode.samples import (
    Range,
    extent,
    float_range,
    integer_range,
    scaled,
    upper_byte,
)
from hashmatch.errors import UnsupportedMediaError

if TYPE_CHECKING:
    from PIL import Image

    Conversion = Callable[[Image.Image], NDArray[np.uint8]]

BACKGROUND = (255, 255, 255)
"""What transparent pixels show: white, as most viewers and printed pages."""

STRIP_PIXELS = 1 << 20

_ALPHA = ("LA", "La", "PA", "RGBA", "RGBa")
_KEYED = ("1", "L", "P", "RGB")  # one colour, or entries of the palette, may be transparent
_TO_GREY = ("1",)
_TO_RGB = ("P", "RGBX", "CMYK", "YCbCr", "HSV")


def to_8_bit(image: Image.Image) -> NDArray[np.uint8]:
    """The pixels of a loaded picture, uint8 (h, w) or (h, w, 3), as stored (not yet turned).

    Raises:
        UnsupportedMediaError: a mode that is not in the table.
    """
    if image.mode in ("L", "RGB") and not image.has_transparency_data:
        return np.asarray(image, dtype=np.uint8)
    convert = _conversion(image)
    whole: NDArray[np.uint8] | None = None
    for top, strip in _strips(image):
        part = convert(strip)
        if strip.height == image.height:
            return part
        if whole is None:
            whole = np.empty((image.height, *part.shape[1:]), dtype=np.uint8)
        whole[top : top + strip.height] = part
    if whole is None:
        raise UnsupportedMediaError(f"picture of {image.width} x {image.height} pixels")
    return whole


def _strips(image: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    rows = max(1, STRIP_PIXELS // max(1, image.width))
    if image.height <= rows:
        yield 0, image
        return
    for top in range(0, image.height, rows):
        yield top, image.crop((0, top, image.width, min(image.height, top + rows)))


def _conversion(image: Image.Image) -> Conversion:
    mode = image.mode
    if mode in _ALPHA or (mode in _KEYED and image.has_transparency_data):
        return _composited
    if mode in _TO_GREY:
        return lambda strip: np.asarray(strip.convert("L"), dtype=np.uint8)
    if mode in _TO_RGB:
        return lambda strip: np.asarray(strip.convert("RGB"), dtype=np.uint8)
    if mode.startswith("I;16"):
        return _sixteen_bit(image.info.get("transparency"))
    if mode in ("I", "F"):
        black_white = _range_of(image)
        return lambda strip: scaled(np.asarray(strip), black_white)
    if mode == "LAB":
        return lambda strip: lab_to_rgb(*(np.asarray(strip.getchannel(n)) for n in range(3)))
    raise UnsupportedMediaError(f"pixel mode {mode}: not one that can be brought to 8-bit RGB")


def _composited(strip: Image.Image) -> NDArray[np.uint8]:
    from PIL import Image

    key = strip.info.get("transparency")
    if isinstance(key, tuple) and max(key, default=0) > 0xFF:
        # The key of a 16-bit PNG; Pillow has kept the samples' upper bytes only.
        strip.info["transparency"] = tuple(value >> 8 for value in key)
    with_alpha = (strip.convert("LA") if strip.mode == "La" else strip).convert("RGBA")
    ground = Image.new("RGBA", with_alpha.size, (*BACKGROUND, 255))
    return np.asarray(Image.alpha_composite(ground, with_alpha).convert("RGB"), dtype=np.uint8)


def _sixteen_bit(key: object) -> Conversion:
    def convert(strip: Image.Image) -> NDArray[np.uint8]:
        samples = np.asarray(strip).astype(np.uint16, copy=False)
        grey = upper_byte(samples)
        if isinstance(key, int):
            grey[samples == key] = BACKGROUND[0]
        return grey

    return convert


def _range_of(image: Image.Image) -> Range:
    found = [extent(np.asarray(strip)) for _, strip in _strips(image)]
    known = [pair for pair in found if pair is not None]
    if not known:
        return 0.0, 0.0
    low, high = min(pair[0] for pair in known), max(pair[1] for pair in known)
    return (float_range if image.mode == "F" else integer_range)(low, high)
