"""A small copy of a luma to look for frames in, and the way back to the full one's edges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hashmatch.hashing.views_boxes import Grey, Luma, Sides

FEWEST_SAMPLES = 48
"""An axis is not reduced below that, so that strips keep their width."""


@dataclass(frozen=True, slots=True)
class Reduced:
    """Block means of a luma; where blocks are large, means of four samples of each."""

    full: Luma
    grey: Grey
    """int16 (rows, columns)."""
    row: int
    column: int
    """Pixels in a block along each axis."""

    @property
    def whole(self) -> Sides:
        """In blocks."""
        rows, columns = self.grey.shape
        return (0, 0, columns, rows)

    def in_pixels(self, sides: Sides) -> Sides:
        """Blocks to pixels; the last block's end is the picture's."""
        height, width = self.full.shape
        rows, columns = self.grey.shape
        left, top, right, bottom = sides
        return (
            left * self.column,
            top * self.row,
            width if right >= columns else right * self.column,
            height if bottom >= rows else bottom * self.row,
        )


def reduced(luma: Luma, longest: int) -> Reduced:
    """A copy with at most ``longest`` blocks along each axis; square blocks but in thin strips."""
    height, width = luma.shape
    block = -(-max(height, width) // longest)
    row = max(min(block, height // FEWEST_SAMPLES), 1)
    column = max(min(block, width // FEWEST_SAMPLES), 1)
    rows, columns = height // row, width // column
    total = np.zeros((rows, columns), dtype=np.int16)
    ys, xs = _offsets(row), _offsets(column)
    for y in ys:
        for x in xs:
            total += luma[y : rows * row : row, x : columns * column : column]
    count = len(ys) * len(xs)
    if count > 1:
        total = (total + count // 2) // np.int16(count)
    return Reduced(luma, total, row, column)


def _offsets(block: int) -> tuple[int, ...]:
    if block <= 2:
        return tuple(range(block))
    return (block // 4, (3 * block) // 4)
