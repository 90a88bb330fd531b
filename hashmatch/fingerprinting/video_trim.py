"""The box within borders that most of some frames have."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median_low

from hashmatch.fingerprinting.turning import Box

NEAR = 0.015
"""Of a side: boxes whose edges all are as near as this are the same."""
SHARE = 0.5
FEWEST = 2


def common_box(boxes: Sequence[Sequence[Box]], width: int, height: int) -> Box | None:
    """The box that most frames have.

    Args:
        boxes: of each frame, those that were found in it, best first.
        width, height: of the frames, in the boxes' own units.

    Returns:
        Edge by edge the median of the boxes that agree; None where fewer than ``SHARE`` of the
        frames and ``FEWEST`` agree. Of boxes with the same support, the one that comes first in
        them, then the largest.
    """
    near = (max(2.0, NEAR * width), max(2.0, NEAR * height))
    best: tuple[int, int, int, list[Box]] | None = None
    for frame in boxes:
        for box in frame:
            found = [place for other in boxes if (place := _like(box, other, near)) is not None]
            agreeing = [other for _, other in found]
            area = (box[2] - box[0]) * (box[3] - box[1])
            rank = -sum(place for place, _ in found)
            if best is None or (len(found), rank, area) > best[:3]:
                best = (len(found), rank, area, agreeing)
    if best is None or best[0] < max(FEWEST, SHARE * len(boxes)):
        return None
    left, top, right, bottom = (median_low(sides) for sides in zip(*best[3], strict=True))
    return left, top, right, bottom


def _like(box: Box, others: Sequence[Box], near: tuple[float, float]) -> tuple[int, Box] | None:
    """The first of the others that is the same but for little, and its place among them."""
    for place, other in enumerate(others):
        if all(abs(box[k] - other[k]) <= near[k % 2] for k in range(4)):
            return place, other
    return None
