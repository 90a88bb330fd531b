"""Pictures whose pixels are chosen one by one so that PDQ's running sums round the same way."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from reference.pdq import luma

Pixels = NDArray[np.uint8]


def drifting(height: int, width: int, rng: np.random.Generator) -> Pixels:
    """Nearly one colour, yet the reference's sums drift: up and down in four places by turns.

    Along every row each pixel is the one of 64 similar colours whose addition (and the removal of
    the pixel that leaves the window) rounds furthest in the wanted direction. In photographs and
    in flat areas roundings cancel or repeat; here they add up.
    """
    colours = np.array((200, 180, 150)) + rng.integers(-6, 7, (64, 3))
    palette = colours.astype(np.uint8)
    upwards = np.where(np.sin(4 * np.pi * (np.arange(width) + 0.5) / width) > 0, 1, -1)
    up, down = _row(palette, upwards), _row(palette, -upwards)
    first = np.cos(3 * np.pi * (np.arange(height) + 0.5) / height) > 0
    rows: Pixels = np.where(first[:, None, None], up[None], down[None])
    return rows


def structured(flat: Pixels, rng: np.random.Generator, amplitude: int) -> Pixels:
    """The same with 32x32 blocks a few grey levels apart: without them nothing is certified."""
    height, width = flat.shape[:2]
    coarse = rng.integers(-amplitude, amplitude + 1, (32, 32))
    pattern = coarse[np.ix_(np.arange(height) * 32 // height, np.arange(width) * 32 // width)]
    picture: Pixels = np.clip(flat.astype(np.int64) + pattern[:, :, None], 0, 255).astype(np.uint8)
    return picture


def _row(palette: Pixels, direction: NDArray[np.int64]) -> Pixels:
    values = luma(palette[None])[0]
    exact = values.astype(np.float64)
    window = (len(direction) + 127) // 128
    chosen: list[int] = []
    total = np.float32(0)
    for x, wanted in enumerate(direction):
        sums = total + values
        error = sums.astype(np.float64) - (np.float64(total) + exact)
        if x >= window:
            leaving = values[chosen[x - window]]
            after = sums - leaving
            error += after.astype(np.float64) - (sums.astype(np.float64) - np.float64(leaving))
            sums = after
        chosen.append(int(np.argmax(error * wanted)))
        total = sums[chosen[-1]]
    row: Pixels = palette[chosen]
    return row
