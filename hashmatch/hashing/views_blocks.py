"""A luma in blocks, few enough to look for frames in, and the way back to its pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hashmatch.hashing.views_boxes import Grey, Luma, Sides

FEWEST = 48
"""Blocks: an axis is not divided into less if it can help it, so that strips keep their width."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """Whole blocks of a luma; what is left at its right and bottom belongs to the last ones."""

    luma: Luma
    high: int
    wide: int
    """Pixels in a block."""
    rows: int
    columns: int
    """Numbers of blocks."""

    @property
    def size(self) -> tuple[int, int]:
        """Pixels: across columns, across rows."""
        return (self.wide, self.high)

    @property
    def whole(self) -> Sides:
        """The canvas, in blocks."""
        return (0, 0, self.columns, self.rows)

    def covered(self) -> Luma:
        """The pixels of whole blocks."""
        return self.luma[: self.rows * self.high, : self.columns * self.wide]

    def in_pixels(self, sides: Sides) -> Sides:
        """A box in blocks, in pixels."""
        height, width = self.luma.shape
        left, top, right, bottom = sides
        return (
            left * self.wide,
            top * self.high,
            width if right >= self.columns else right * self.wide,
            height if bottom >= self.rows else bottom * self.high,
        )

    def means(self) -> Grey:
        """int16 (rows, columns): means of blocks; of four samples of each where they are large."""
        covered = self.covered()
        total = np.zeros((self.rows, self.columns), dtype=np.int16)
        ys, xs = _offsets(self.high), _offsets(self.wide)
        for y in ys:
            for x in xs:
                total += covered[y :: self.high, x :: self.wide]
        count = len(ys) * len(xs)
        return total if count == 1 else (total + count // 2) // np.int16(count)


def in_blocks(luma: Luma, longest: int) -> Blocks:
    """At most ``longest`` along each axis; square but in thin strips."""
    height, width = luma.shape
    block = -(-max(height, width) // longest)
    high = max(min(block, height // FEWEST), 1)
    wide = max(min(block, width // FEWEST), 1)
    return Blocks(luma, high, wide, height // high, width // wide)


def _offsets(block: int) -> tuple[int, ...]:
    if block <= 2:
        return tuple(range(block))
    return (block // 4, (3 * block) // 4)
