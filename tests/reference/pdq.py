"""PDQ as its definition reads: float32 operations one after the other, nothing skipped.

numpy works elementwise over independent lines, so every line's running sum is the sequential
float32 sum of the definition.
Source: facebook/ThreatExchange pdq/cpp (downscaling, hashing); luma as pdqhash mixes it, in float64
rounded once to float32.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
SIDE = 64


@dataclass(frozen=True)
class Steps:
    """Everything between pixels and hash."""

    small: Floats  # (64, 64)
    coefficients: Floats  # (16, 16): [vertical frequency - 1][horizontal frequency - 1]
    hash: bytes  # 32, in the order of PDQ's hex text
    quality: int


def pdq(pixels: NDArray[np.uint8]) -> Steps:
    """Hash a uint8 picture (h, w, 3) or (h, w); both sides at least 5."""
    small = reduce(luma(pixels))
    values = coefficients(small)
    return Steps(small, values, to_bytes(values), quality(small))


def luma(pixels: NDArray[np.uint8]) -> Floats:
    if pixels.ndim == 2:
        return pixels.astype(np.float32)
    red, green, blue = np.moveaxis(pixels.astype(np.float64), 2, 0)
    mixed: Floats = (red * 0.299 + green * 0.587 + blue * 0.114).astype(np.float32)
    return mixed


def box(lines: Floats) -> Floats:
    """Box filter along axis 0, the running sum and its four phases as the reference has them."""
    n = len(lines)
    window = (n + 127) // 128
    half = (window + 2) // 2
    total = np.zeros(lines.shape[1:], np.float32)
    size = np.float32(0)
    out: list[Floats] = []
    lead = trail = 0
    for _ in range(half - 1):
        total = total + lines[lead]
        lead, size = lead + 1, size + np.float32(1)
    for _ in range(window - half + 1):
        total = total + lines[lead]
        lead, size = lead + 1, size + np.float32(1)
        out.append(total / size)
    for _ in range(n - window):
        total = total + lines[lead]
        total = total - lines[trail]
        lead, trail = lead + 1, trail + 1
        out.append(total / size)
    for _ in range(half - 1):
        total = total - lines[trail]
        trail, size = trail + 1, size - np.float32(1)
        out.append(total / size)
    return np.stack(out)


def reduce(picture: Floats) -> Floats:
    """Two rounds of {box along rows, box along columns}, then 64x64 sample points."""
    height, width = picture.shape
    if (height, width) == (SIDE, SIDE):
        return picture
    for _ in range(2):
        picture = box(np.ascontiguousarray(picture.T)).T
        picture = box(np.ascontiguousarray(picture))
    rows = [int((i + 0.5) * height / SIDE) for i in range(SIDE)]
    columns = [int((j + 0.5) * width / SIDE) for j in range(SIDE)]
    return picture[np.ix_(rows, columns)]


def coefficients(small: Floats) -> Floats:
    scale = np.float64(np.float32(np.sqrt(2 / SIDE)))
    frequency = np.arange(1, 17)[:, None]
    sample = np.arange(SIDE)[None, :]
    dct = (scale * np.cos((np.pi / 2 / SIDE) * frequency * (2 * sample + 1))).astype(np.float32)
    columns = np.zeros((16, SIDE), np.float32)
    for k in range(SIDE):
        columns = columns + dct[:, k, None] * small[k, None, :]
    values = np.zeros((16, 16), np.float32)
    for k in range(SIDE):
        values = values + columns[:, k, None] * dct[None, :, k]
    return values


def to_bytes(values: Floats) -> bytes:
    flat = values.ravel()
    lower_median = np.sort(flat)[127]
    number = sum(1 << k for k in range(256) if flat[k] > lower_median)
    return number.to_bytes(32, "big")


def quality(small: Floats) -> int:
    total = 0
    for difference in (small[:-1] - small[1:], small[:, :-1] - small[:, 1:]):
        scaled = difference * np.float32(100) / np.float32(255)
        total += int(np.abs(np.trunc(scaled)).sum(dtype=np.int64))
    return min(100, total // 90)
