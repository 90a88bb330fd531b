"""Pictures with 1/f spectra, as photographs have, and edits whose placement is known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Luma = NDArray[np.uint8]


def texture(seed: int, height: int = 320, width: int = 420) -> Luma:
    """uint8 (height, width); unlike every other seed's."""
    rng = np.random.default_rng(seed)
    down = np.fft.fftfreq(height)[:, None] * height
    across = np.fft.rfftfreq(width)[None] * width
    frequency = np.hypot(down, across)
    frequency[0, 0] = 1
    waves = rng.normal(size=frequency.shape) + 1j * rng.normal(size=frequency.shape)
    made = np.fft.irfft2(waves / frequency, (height, width))
    made = (made - made.mean()) / made.std()
    pixels: Luma = np.clip(np.rint(128 + 45 * made), 0, 255).astype(np.uint8)
    return pixels


def cropped(picture: Luma, left: float, right: float, top: float, bottom: float) -> Luma:
    """Without these shares of its sides; the last axes may hold colours."""
    height, width = picture.shape[:2]
    rows = slice(round(top * height), height - round(bottom * height))
    columns = slice(round(left * width), width - round(right * width))
    return np.ascontiguousarray(picture[rows, columns])


def framed(picture: Luma, left: float, right: float, top: float, bottom: float) -> Luma:
    """On a larger ground of another texture; shares of the picture's own sides are added."""
    height, width = picture.shape
    x, y = round(left * width), round(top * height)
    shape = (y + height + round(bottom * height), x + width + round(right * width))
    ground = texture(999, *shape) // 4
    ground[y : y + height, x : x + width] = picture
    return ground


def turned(picture: Luma, degrees: float) -> Luma:
    """Turned counter-clockwise about its middle, and cut to what lies inside it at the same size's
    aspect, so that no corner is empty."""
    image = Image.fromarray(picture).rotate(degrees, resample=Image.Resampling.BICUBIC)
    share = turned_cut(picture, degrees)
    return cropped(np.asarray(image), share, share, share, share)


def turned_cut(picture: Luma, degrees: float) -> float:
    """Share that ``turned`` cuts at each side: just enough."""
    height, width = picture.shape[:2]
    angle = np.radians(abs(degrees))
    long, short = max(height, width), min(height, width)
    kept = 1 / (np.cos(angle) + long / short * np.sin(angle))
    return float((1 - kept) / 2)
