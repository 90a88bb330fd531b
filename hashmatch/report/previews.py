"""Small grey pictures of a file: one that says next to nothing, and one for a deliberate look."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hashmatch.errors import InputError, InputTypeError

if TYPE_CHECKING:
    from PIL.Image import Image as _Image

LONGEST_SIDE = 96
"""Pixels of the clear one."""
BLURRED_SIDE = 8
"""The same of the blurred one: a PDQ hash is of 16 by 16 coefficients, this is less."""
_MOST_BYTES = 16 * 1024
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Preview:
    """Two grey PNG files of one picture; ``preview_of_pixels`` makes them.

    Attributes:
        blurred: at most 8 pixels on its longer side; a page stretches it. What it lacks is not in
            it: nothing can sharpen it again.
        clear: at most 96 pixels on its longer side.

    Raises:
        InputError: not PNG, not grey, larger, or over 16 KiB.
        InputTypeError: not bytes.
    """

    blurred: bytes
    clear: bytes

    def __post_init__(self) -> None:
        _check("blurred", self.blurred, BLURRED_SIDE)
        _check("clear", self.clear, LONGEST_SIDE)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the clear one, at which both are shown."""
        width, height = struct.unpack_from(">II", self.clear, 16)
        return int(width), int(height)


def preview_of_pixels(pixels: NDArray[np.uint8]) -> Preview:
    """Make both pictures.

    Args:
        pixels: uint8 (h, w) grey or (h, w, 3) RGB, at least one pixel.

    Raises:
        InputError: another shape, or no pixel.
        InputTypeError: not uint8.
    """
    from PIL import Image

    # Mean values of areas: nothing of a fine pattern survives as a coarse one.
    clear = Image.fromarray(small_pixels(pixels))
    return Preview(_png(_shrunk(clear, BLURRED_SIDE)), _png(clear))


def small_pixels(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pixels of the clear one: uint8 (h, w) grey; of what they give again they are the same.

    Args and errors as of ``preview_of_pixels``.
    """
    from PIL import Image

    if not isinstance(pixels, np.ndarray) or pixels.dtype != np.uint8:
        raise InputTypeError("pixels: expected uint8 (h, w) or (h, w, 3)")
    if pixels.ndim not in (2, 3) or pixels.shape[2:] not in ((), (3,)) or 0 in pixels.shape:
        raise InputError(f"pixels: expected (h, w) or (h, w, 3), got {pixels.shape}")
    grey = Image.fromarray(np.ascontiguousarray(pixels)).convert("L")
    return np.asarray(_shrunk(grey, LONGEST_SIDE))


def _shrunk(picture: _Image, longest: int) -> _Image:
    from PIL import Image

    factor = longest / max(picture.size)
    if factor >= 1:
        return picture
    width, height = (min(longest, max(1, round(side * factor))) for side in picture.size)
    return picture.resize((width, height), Image.Resampling.BOX)


def _png(picture: _Image) -> bytes:
    data = io.BytesIO()
    picture.save(data, "PNG", optimize=False)
    return data.getvalue()


def _check(name: str, data: bytes, longest: int) -> None:
    if not isinstance(data, bytes):
        raise InputTypeError(f"{name}: expected bytes, got {type(data).__name__}")
    if len(data) > _MOST_BYTES:
        raise InputError(f"{name}: expected at most {_MOST_BYTES} bytes, got {len(data)}")
    if len(data) < 33 or not data.startswith(_SIGNATURE) or data[12:16] != b"IHDR":
        raise InputError(f"{name}: expected a PNG file")
    width, height, depth, colour = struct.unpack_from(">IIBB", data, 16)
    if not 0 < max(width, height) <= longest or 0 in (width, height):
        raise InputError(f"{name}: expected at most {longest} pixels a side, got {width}x{height}")
    if (depth, colour) != (8, 0):
        raise InputError(f"{name}: expected 8 bits of grey, got {depth} of colour type {colour}")
