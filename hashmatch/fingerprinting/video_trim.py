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
        boxes: of each frame, those that were found in it.
        width, height: of the frames, in the boxes' own units.

    Returns:
        Edge by edge the median of the boxes that agree; None where fewer than ``SHARE`` of the
        frames and ``FEWEST`` agree. Of boxes with the same support, the largest.
    """
    near = (max(2.0, NEAR * width), max(2.0, NEAR * height))
    best: tuple[int, int, list[Box]] | None = None
    for frame in boxes:
        for box in frame:
            agreeing = [found for other in boxes if (found := _like(box, other, near)) is not None]
            area = (box[2] - box[0]) * (box[3] - box[1])
            if best is None or (len(agreeing), area) > best[:2]:
                best = (len(agreeing), area, agreeing)
    if best is None or best[0] < max(FEWEST, SHARE * len(boxes)):
        return None
    left, top, right, bottom = (median_low(sides) for sides in zip(*best[2], strict=True))
    return left, top, right, bottom


def _like(box: Box, others: Sequence[Box], near: tuple[float, float]) -> Box | None:
    """The first of the others that is the same but for little."""
    for other in others:
        if all(abs(box[k] - other[k]) <= near[k % 2] for k in range(4)):
            return other
    return None
