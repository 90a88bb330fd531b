"""Small pictures that are quick to make and far from each other, as unrelated photographs are.

A field with structure of every size, the coarser the stronger, and shapes with edges on it. Two of
them are 90 bits of PDQ apart or more.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

CELLS = 64
"""Side of the square that the field is made in, before it is enlarged."""

SHORTEST, LONGEST = 200, 400
"""Sides of a picture in pixels."""


def _spectrum() -> NDArray[np.float32]:
    rows = np.fft.fftfreq(CELLS)[:, None] * CELLS
    columns = np.fft.rfftfreq(CELLS)[None] * CELLS
    radius = np.hypot(rows, columns)
    radius[0, 0] = 1
    strength = radius**-1.5
    strength[0, 0] = 0
    made: NDArray[np.float32] = strength.astype(np.float32)
    return made


_SPECTRUM = _spectrum()


def picture(rng: np.random.Generator, size: tuple[int, int] | None = None) -> Image.Image:
    """An RGB picture; its size drawn unless it is given as (width, height)."""
    if size is None:
        width, height = rng.integers(SHORTEST, LONGEST + 1, 2).tolist()
        size = (width, height)
    image = Image.fromarray(_field(rng)).resize(size, Image.Resampling.BICUBIC)
    _shapes(image, rng)
    return image


def _field(rng: np.random.Generator) -> NDArray[np.uint8]:
    parts = rng.standard_normal((3, CELLS, CELLS // 2 + 1, 2), dtype=np.float32)
    planes = np.fft.irfft2((parts[..., 0] + 1j * parts[..., 1]) * _SPECTRUM, s=(CELLS, CELLS))
    light, red, blue = planes / planes.std(axis=(1, 2), keepdims=True)
    mixed = np.stack([light + 0.4 * red, light - 0.2 * (red + blue), light + 0.4 * blue], axis=-1)
    middle, contrast = rng.uniform(100, 156), rng.uniform(30, 48)
    field: NDArray[np.uint8] = np.clip(mixed * contrast + middle, 0, 255).astype(np.uint8)
    return field


def _shapes(image: Image.Image, rng: np.random.Generator) -> None:
    draw = ImageDraw.Draw(image)
    width, height = image.size
    for _ in range(int(rng.integers(2, 7))):
        x, y = rng.uniform(0, 1, 2) * (width, height)
        across, down = rng.uniform(0.05, 0.22, 2) * (width, height)
        colour = tuple(rng.integers(20, 236, 3).tolist())
        if rng.random() < 0.5:
            draw.ellipse((x - across, y - down, x + across, y + down), fill=colour)
        else:
            corners = rng.uniform(-1, 1, (4, 2)) * (across, down) + (x, y)
            draw.polygon([tuple(corner) for corner in corners.tolist()], fill=colour)
