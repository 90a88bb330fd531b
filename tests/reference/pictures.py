"""Synthetic pictures of the kinds on which hashes behave differently; seeded, nothing read."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Shape = tuple[int, ...]


def noise(shape: Shape, rng: np.random.Generator) -> Pixels:
    """Every value independent."""
    return rng.integers(0, 256, shape, dtype=np.uint8)


def smooth(shape: Shape, rng: np.random.Generator) -> Pixels:
    """A few slow waves: sky, blur."""
    y, x = _axes(shape)
    planes = np.full(shape, 128.0)
    for _ in range(4):
        fy, fx, phase = rng.uniform(0.3, 4, 3)
        tint = rng.uniform(10, 40, shape[2:])
        wave = np.cos(np.pi * (fy * y + fx * x) + 6 * phase)
        planes += wave.reshape(wave.shape + (1,) * (len(shape) - 2)) * tint
    return _bytes(planes)


def blocks(shape: Shape, rng: np.random.Generator) -> Pixels:
    """Flat areas with hard edges: drawings, logos. Many coefficients tie or nearly tie."""
    picture = np.full(shape, rng.integers(0, 256), dtype=np.uint8)
    for _ in range(int(rng.integers(1, 12))):
        top, left = (int(rng.integers(0, side)) for side in shape[:2])
        bottom = int(rng.integers(top, shape[0])) + 1
        right = int(rng.integers(left, shape[1])) + 1
        picture[top:bottom, left:right] = rng.integers(0, 256, shape[2:], dtype=np.uint8)
    return picture


def gradient(shape: Shape, rng: np.random.Generator) -> Pixels:
    """One ramp in a random direction."""
    y, x = _axes(shape)
    angle = rng.uniform(0, 2 * np.pi)
    ramp = (np.cos(angle) * x + np.sin(angle) * y + 1.5) * 85
    return _bytes(np.broadcast_to(ramp.reshape(ramp.shape + (1,) * (len(shape) - 2)), shape))


def document(shape: Shape, rng: np.random.Generator) -> Pixels:
    """Dark strokes in lines on white paper."""
    picture = np.full(shape, 255, dtype=np.uint8)
    line = max(3, shape[0] // 40)
    for top in range(line, shape[0] - line, 2 * line):
        strokes = rng.random(shape[1]) < 0.4
        picture[top : top + line, strokes] = 20
    return picture


def solid(shape: Shape, rng: np.random.Generator) -> Pixels:
    """One colour: every coefficient is rounding noise."""
    return np.broadcast_to(rng.integers(0, 256, shape[2:], dtype=np.uint8), shape).copy()


def faint(shape: Shape, rng: np.random.Generator) -> Pixels:
    """One colour with a structure of one or two grey levels: coefficients stand close together."""
    return _bytes(rng.integers(0, 250, shape[2:]) + _coarse(shape, rng.integers(0, 3, (16, 16))))


def tiled(shape: Shape, rng: np.random.Generator) -> Pixels:
    """A small tile again and again under a coarse structure: halftone, cloth, a chequered page.

    The reference's running sums round the same way at every repetition: no other kind takes them
    so far from the exact value.
    """
    tile = rng.integers(-40, 41, (int(rng.integers(1, 60)), int(rng.integers(2, 60)), *shape[2:]))
    rows = np.arange(shape[0]) % tile.shape[0]
    columns = np.arange(shape[1]) % tile.shape[1]
    repeated = tile[np.ix_(rows, columns)] + _coarse(shape, rng.integers(-20, 21, (16, 16)))
    return _bytes(repeated + rng.integers(60, 196, shape[2:]))


Maker = Callable[[Shape, np.random.Generator], Pixels]

KINDS: dict[str, Maker] = {
    "noise": noise,
    "smooth": smooth,
    "blocks": blocks,
    "gradient": gradient,
    "document": document,
    "solid": solid,
    "faint": faint,
    "tiled": tiled,
}


def make(kind: str, height: int, width: int, seed: int, *, colour: bool = True) -> Pixels:
    """One picture of the kind, uint8 (height, width, 3) or (height, width)."""
    shape: Shape = (height, width, 3) if colour else (height, width)
    return KINDS[kind](shape, np.random.default_rng(seed))


def _coarse(shape: Shape, values: NDArray[np.int64]) -> NDArray[np.int64]:
    """The values as rectangles that fill the shape, every channel alike."""
    rows = np.arange(shape[0]) * len(values) // shape[0]
    columns = np.arange(shape[1]) * len(values) // shape[1]
    return values[np.ix_(rows, columns)].reshape(shape[:2] + (1,) * (len(shape) - 2))


def _axes(shape: Shape) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    y = np.linspace(-1, 1, shape[0])[:, None]
    x = np.linspace(-1, 1, shape[1])[None, :]
    return y, x


def _bytes(values: NDArray[np.float64] | NDArray[np.int64]) -> Pixels:
    return np.clip(values, 0, 255).astype(np.uint8)
