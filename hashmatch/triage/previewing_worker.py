"""What a worker process does for a preview: a file in, a few thousand grey pixels out.

The calling process makes the pictures of them: nothing that a decoder made goes into a page.
"""

from __future__ import annotations

from itertools import islice

import numpy as np
from numpy.typing import NDArray

from hashmatch.decode import Limits, MediaType, apply_orientation, decode_image, open_video
from hashmatch.fingerprinting.handed import Handed
from hashmatch.fingerprinting.turning import as_shown
from hashmatch.report.previews import LONGEST_SIDE, small_pixels

_FRAMES = 3
"""Frames of a video that are looked at: the first is often black."""
_SPACING = 10
"""They are this part of its duration from each other."""

Grey = tuple[int, int, bytes]
"""Height, width, and a byte for each pixel."""


def picture_preview(data: bytes, limits: Limits) -> Grey:
    """Of a picture, or of the first frame of an animation.

    Raises:
        DecodeError: it can't be decoded.
    """
    picture = decode_image(data, limits, reduce=_scale)
    pixels = picture.pixels
    if picture.scale > 1:
        pixels = apply_orientation(pixels, picture.orientation)
    return _grey(pixels)


def video_preview(
    content: Handed, media: MediaType, duration_ms: int | None, limits: Limits
) -> Grey | None:
    """Of the frame with the most contrast among the first few; None where there is no frame.

    Raises:
        DecodeError: it can't be decoded.
        MediaAccessError: the file is another one by now.
    """
    interval_s = max(1.0, (duration_ms or 0) / 1000 / _SPACING)
    best: Grey | None = None
    most = -1.0
    with (
        content.opened() as stream,
        open_video(stream, media, limits, interval_s=interval_s, threads=1) as reader,
    ):
        for frame in islice(reader, _FRAMES):
            contrast = float(np.std(frame.pixels[::8, ::8]))
            if contrast > most:
                most = contrast
                best = _grey(as_shown(frame.pixels, frame.orientation))
    return best


def _grey(pixels: NDArray[np.uint8]) -> Grey:
    small = small_pixels(pixels)
    return small.shape[0], small.shape[1], small.tobytes()


def _scale(width: int, height: int) -> int:
    """Decoded smaller where the format can: twice what is shown is enough."""
    return next(
        (scale for scale in (8, 4, 2) if max(width, height) // scale >= 2 * LONGEST_SIDE), 1
    )
