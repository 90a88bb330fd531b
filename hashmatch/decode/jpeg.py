"""JPEG bytes to samples with libjpeg-turbo (simplejpeg), twice as fast as through Pillow.

Pillow copies a picture three times on its way to an array. simplejpeg decodes with the same library
and defaults, so the samples are equal. It takes the plain cases, RGB and grey without a defect; for
all others (CMYK, arithmetic coding, cut or damaged files) the answer is None, and Pillow decides.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def decode_jpeg(
    data: bytes, *, width: int, height: int, grey: bool, scale: int = 1
) -> NDArray[np.uint8] | None:
    """Samples of a plain JPEG, or None if it is not plain.

    Args:
        data: the file.
        width, height: as its header was read and checked against the limits.
        grey: luma only.
        scale: 1, 2, 4 or 8: means of so many samples squared, by the scaled inverse transform.

    Returns:
        uint8, (ceil(height / scale), ceil(width / scale), 3), or without the 3 if ``grey``.

    The GIL is released while decoding.
    """
    import simplejpeg

    expected = (-(-height // scale), -(-width // scale))
    try:
        stored_height, stored_width, colourspace, _ = simplejpeg.decode_jpeg_header(data)
        # Another frame header than the one that was checked: not plain.
        if (stored_height, stored_width) != (height, width) or colourspace in ("CMYK", "YCCK"):
            return None
        samples = simplejpeg.decode_jpeg(
            data,
            "Gray" if grey else "RGB",
            min_height=expected[0],
            min_width=expected[1],
            min_factor=1,
        )
    except (ValueError, MemoryError):
        return None  # a defect, also one that libjpeg only warns of
    pixels: NDArray[np.uint8] = samples[:, :, 0] if grey else samples
    return pixels if pixels.shape[:2] == expected else None
