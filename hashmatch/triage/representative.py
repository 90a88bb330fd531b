"""Which of some copies a person looks at, and why that one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hashmatch.triage.facts import NEVER, Facts, time_of

Ids = NDArray[np.int64]


def ranked(groups: Ids, rows: Ids, facts: Facts, led: NDArray[np.bool_] | None = None) -> Ids:
    """Members of groups, in each the one to look at first.

    Whole ones come before those that are cut off; then those with the most pixels, the longest, the
    least compressed (without loss, else the most bytes), the earliest, the first by its path.

    Args:
        groups: int64 (m,), the group of each member.
        rows: int64 (m,), the row of each member in ``facts``; ascending within a group.
        led: bool (m,), members that come after all others whatever they are.

    Returns:
        int64 (m,), the order of the members: groups ascending, within them by rank.
    """
    order: Ids = np.lexsort(
        (
            rows,
            facts.places[rows],
            facts.earliest[rows],
            # How well something is packed without loss says nothing of it.
            -np.where(facts.lossless, 0, facts.sizes)[rows],
            ~facts.lossless[rows],
            -facts.durations[rows],
            -facts.areas[rows],
            facts.cut[rows],
            np.zeros(len(rows), np.bool_) if led is None else led,
            groups,
        )
    )
    return order


def why(facts: Facts, first: int, second: int, *, led: bool = False) -> str:
    """What sets the first of a group apart from the next, in words.

    Args:
        led: the next one is there by registration with the first.
    """
    size = f"{facts.widths[first]} x {facts.heights[first]} pixels"
    if led:
        return f"the others are cropped, framed or turned copies of it; {size}"
    if facts.cut[first] != facts.cut[second]:
        return f"whole, others are cut off; {size}"
    if facts.areas[first] != facts.areas[second]:
        borders = [" with borders" if facts.bordered[row] else "" for row in (first, second)]
        return (
            f"largest: {size}{borders[0]}, "
            f"the next {facts.widths[second]} x {facts.heights[second]}{borders[1]}"
        )
    if facts.durations[first] != facts.durations[second]:
        times = [f"{facts.durations[row] / 1000:.1f}" for row in (first, second)]
        return f"of the largest ({size}) the longest: {times[0]} s, the next {times[1]} s"
    if facts.lossless[first] != facts.lossless[second]:
        return f"of the largest ({size}) the least compressed: stored without loss"
    if facts.sizes[first] != facts.sizes[second] and not facts.lossless[first]:
        return (
            f"of the largest ({size}) the least compressed: "
            f"{facts.sizes[first]} bytes, the next {facts.sizes[second]}"
        )
    if facts.earliest[first] != facts.earliest[second] and facts.earliest[first] != NEVER:
        kind = "changed" if facts.captured[first] is None else "captured"
        time = time_of(int(facts.earliest[first]))
        return f"of those of the same size ({size}) the earliest: {kind} {time}"
    return f"the first by its path of those of the same size ({size}) and time"
