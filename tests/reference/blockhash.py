"""blockhash, slow and obvious: every pixel is shared out to its blocks in exact fractions."""

from __future__ import annotations

from fractions import Fraction
from statistics import median

import numpy as np
from numpy.typing import NDArray

BLOCKS = 16
Share = dict[int, Fraction]
"""Block to the share of a sample that lies in it."""


def shares(n: int, *, precise: bool) -> list[Share]:
    """For each sample of an axis, the blocks that it counts for."""
    if not precise or n % BLOCKS == 0:
        length = n // BLOCKS
        return [{i // length: Fraction(1)} if i < BLOCKS * length else {} for i in range(n)]
    length_exact = Fraction(n, BLOCKS)
    found = []
    for i in range(n):
        block = int(i / length_exact)
        beyond = (i + 1) - (block + 1) * length_exact
        if beyond > 0:
            # blockhash-python's weight of the next block is the fraction of the boundary's position
            # that the sample reaches beyond, and the rest stays.
            found.append({block: 1 - beyond, block + 1: beyond})
        else:
            found.append({block: Fraction(1)})
    return found


def blockhash(pixels: NDArray[np.uint8], *, precise: bool) -> bytes:
    """256 bits; grey counts as three equal channels."""
    height, width = pixels.shape[:2]
    values = pixels.astype(int)
    totals = values.sum(axis=2) if values.ndim == 3 else 3 * values
    across = shares(width, precise=precise)
    narrowed = [[Fraction(0)] * BLOCKS for _ in range(height)]
    for x, share in enumerate(across):
        for block, weight in share.items():
            for y in range(height):
                narrowed[y][block] += weight * int(totals[y, x])
    sums = [[Fraction(0)] * BLOCKS for _ in range(BLOCKS)]
    for y, share in enumerate(shares(height, precise=precise)):
        for block, weight in share.items():
            for x in range(BLOCKS):
                sums[block][x] += weight * narrowed[y][x]
    if precise:
        area = Fraction(height * width, BLOCKS * BLOCKS)
    else:
        area = Fraction((height // BLOCKS) * (width // BLOCKS))
    half = area * 256 * 3 / 2
    flat = [value for row in sums for value in row]
    bits = []
    for start in range(0, 256, 64):
        band = flat[start : start + 64]
        middle = median(band)
        bits += [int(v > middle or (abs(v - middle) < 1 and middle > half)) for v in band]
    return np.packbits(bits).tobytes()
