"""Which of some copies a person looks at, and why that one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hashmatch.triage.facts import NEVER, Facts, time_of

Ids = NDArray[np.int64]


def ranked(groups: Ids, rows: Ids, facts: Facts) -> Ids:
    """Members of groups, in each the one to look at first.

    Whole ones come before those that are cut off; then those with the most pixels, the longest, the
    least compressed (without loss, then the most bytes), the earliest, the first by its path.

    Args:
        groups: int64 (m,), the group of each member.
        rows: int64 (m,), the row of each member in ``facts``; ascending within a group.

    Returns:
        int64 (m,), the order of the members: groups ascending, within them by rank.
    """
    order: Ids = np.lexsort(
        (
            rows,
            facts.places[rows],
            facts.earliest[rows],
            -facts.sizes[rows],
            ~facts.lossless[rows],
            -facts.durations[rows],
            -facts.widths[rows] * facts.heights[rows],
            facts.cut[rows],
            groups,
        )
    )
    return order


def why(facts: Facts, first: int, second: int) -> str:
    """What sets the first of a group apart from the next, in words."""
    size = f"{facts.widths[first]} x {facts.heights[first]} pixels"
    if facts.cut[first] != facts.cut[second]:
        return f"whole, others are cut off; {size}"
    areas = [int(facts.widths[row] * facts.heights[row]) for row in (first, second)]
    if areas[0] != areas[1]:
        return f"largest: {size}, the next {facts.widths[second]} x {facts.heights[second]}"
    if facts.durations[first] != facts.durations[second]:
        times = [f"{facts.durations[row] / 1000:.1f}" for row in (first, second)]
        return f"of the largest ({size}) the longest: {times[0]} s, the next {times[1]} s"
    if facts.lossless[first] != facts.lossless[second]:
        return f"of the largest ({size}) the least compressed: stored without loss"
    if facts.sizes[first] != facts.sizes[second]:
        return (
            f"of the largest ({size}) the least compressed: "
            f"{facts.sizes[first]} bytes, the next {facts.sizes[second]}"
        )
    if facts.earliest[first] != facts.earliest[second] and facts.earliest[first] != NEVER:
        kind = "changed" if facts.captured[first] is None else "captured"
        time = time_of(int(facts.earliest[first]))
        return f"of those of the same size ({size}) the earliest: {kind} {time}"
    return f"the first by its path of those of the same size ({size}) and time"
