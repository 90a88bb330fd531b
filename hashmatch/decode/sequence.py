"""The frames of a file after the first: animation frames as shown, pages, further pictures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hashmatch.decode.exif import exif_orientation
from hashmatch.decode.limits import DEFAULT_LIMITS, Limits
from hashmatch.decode.modes import to_8_bit
from hashmatch.decode.opening import open_picture, require_pixels
from hashmatch.decode.orientation import apply_orientation
from hashmatch.decode.sniff import SNIFF_BYTES, sniff

if TYPE_CHECKING:
    from PIL import Image


def later_frames(
    data: bytes, count: int, limits: Limits = DEFAULT_LIMITS
) -> Iterator[NDArray[np.uint8]]:
    """Upright 8-bit pixels of at most ``count`` frames after the first.

    A frame that is broken or over a limit ends the sequence: what comes behind it rests on it.
    """
    mime = sniff(data[:SNIFF_BYTES]).mime
    with open_picture(data, mime, limits) as image:
        for number in range(1, min(count, limits.max_frames - 1) + 1):
            pixels = _frame(image, number, mime, limits)
            if pixels is None:
                return
            yield pixels


def _frame(
    image: Image.Image, number: int, mime: str | None, limits: Limits
) -> NDArray[np.uint8] | None:
    try:
        image.seek(number)
        require_pixels(*image.size, limits)
        image.load()
        pixels = to_8_bit(image)
        block = image.info.get("exif")
    except Exception:  # noqa: BLE001 - Pillow's plugins raise anything on hostile files
        return None
    # Pillow turns the pages of a TIFF by itself.
    if not isinstance(block, bytes) or mime == "image/tiff":
        return pixels
    return apply_orientation(pixels, exif_orientation(block))
