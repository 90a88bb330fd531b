"""The number that registered comparisons are judged by and impostors' tails are calibrated in.

It is the weighted distance, and more where chance had more room: where a placement leaves much of
the known picture to guess, where the stored hash or the query attracts, and where rarer placements
were tried.
"""

from __future__ import annotations

import math

from hashmatch.fingerprinting import View

HIDDEN_BITS = 11.5
"""What it costs that the query shows nothing of the known picture; in proportion where it shows
some. The more a placement leaves to guess, the more placements there are that differ."""
CONCENTRATED_BITS = 95.0
"""What each whole of concentration above ``USUAL_CONCENTRATION`` costs."""
USUAL_CONCENTRATION = 0.16
ATTRACTION_BITS = 1.5
"""What each doubling of the entries that come near without being near costs. Nearly all unrelated
pairs that come nearest have a query that attracts: the nearest of 7.2 x 10^8 rose by 3 bits."""
ATTRACTION_FROM = 4.0
"""Entries that are added to both counts, so that few entries say little."""
FAR = 64.0
"""Adjusted distance from which on an entry that came near counts as one that is not."""
TURNED_BITS = 3.0
"""What each of the seven other orientations costs: they are as many more trials, and rarer."""
BAR_BITS = 3.0
"""What leaving out a bar costs that may be a sky."""
PART_BITS = 15.0
"""What it costs that a part of the query is taken for the picture and no border shows that it is
one: a corner with one object in it is near to many. Real pictures in pictures are at 3 to 15
bits."""
ZOOM_BITS = 5.0
"""What each halving of the area costs that is looked at: there are as many more places to look."""
LEAST_ZOOM = 0.2
"""A smaller share of the query's area is no candidate."""


def hidden_share(left: float, right: float, top: float, bottom: float) -> float:
    """Share of the known picture that a query lacks at this placement, 0..1."""
    across = 1 - max(left, 0.0) - max(right, 0.0)
    down = 1 - max(top, 0.0) - max(bottom, 0.0)
    return 1 - across * down


def adjusted_distance(weighted: float, hidden: float, concentrated: float) -> float:
    """The number that impostors' tails are calibrated in: see ``Registered``."""
    return (
        weighted
        + HIDDEN_BITS * hidden
        + CONCENTRATED_BITS * max(0.0, concentrated - USUAL_CONCENTRATION)
    )


def attraction_bits(n_far: float, usual: float) -> float:
    """Bits for a query that brings more entries near than queries usually do.

    Args:
        n_far: candidates that refinement left far.
        usual: the same of the median query, against as many entries.
    """
    share = (n_far + ATTRACTION_FROM) / (usual + ATTRACTION_FROM)
    return ATTRACTION_BITS * max(0.0, math.log2(share))


def trial_bits(
    view: View,
    whole: View,
    edges: tuple[float, float, float, float],
    *,
    turned: bool,
    zooming: bool,
) -> float:
    """Bits for how many other views, orientations and places might have been as near by chance.

    Args:
        view, whole: that was placed, and the whole query.
        edges: left, right, top, bottom of the placement.
        turned: whether it was re-oriented; zooming: whether it stands for parts of the query.
    """
    bits = TURNED_BITS if turned else 0.0
    if view.kind == "bar" and not view.captioned:
        bits += BAR_BITS
    left, right, top, bottom = (max(0.0, -edge) for edge in edges)
    share = 1 / ((1 + left + right) * (1 + top + bottom))
    if zooming or view.kind == "picture":
        bits += PART_BITS
    if view.kind == "picture" or (view.kind == "bar" and not view.captioned):
        share *= _area(view) / _area(whole)
    elif view.kind == "whole" and not zooming:
        share = 1.0  # a border that no trim found
    if share < LEAST_ZOOM and view.kind != "bar":
        return math.inf
    return bits - ZOOM_BITS * math.log2(share)


def _area(view: View) -> int:
    left, top, right, bottom = view.box
    return (right - left) * (bottom - top)
