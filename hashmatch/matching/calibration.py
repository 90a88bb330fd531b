"""How many unrelated entries a perceptual match could be by chance.

Distances between PDQ hashes of unrelated photographs are close to normal with mean 127.9 and
standard deviation 8.31 bits (124,750 pairs of BSDS500, full-size hashes). Real collections have
heavier tails (near-duplicates, documents, drawings), so the figure is a lower bound: it shows by
how many powers of ten one distance is better than another, and is no probability of error.
"""

from __future__ import annotations

import math

PDQ_IMPOSTOR_MEAN = 127.9
PDQ_IMPOSTOR_DEVIATION = 8.31


def expected_false_matches(distance: int, *, n_entries: int, n_variants: int) -> float:
    """Unrelated entries expected within ``distance`` bits of a query, lower bound.

    Args:
        distance: bits, inclusive.
        n_entries: hashes that the query was compared with.
        n_variants: orientations and other variants of the query that were tried.
    """
    deviations = (distance + 0.5 - PDQ_IMPOSTOR_MEAN) / PDQ_IMPOSTOR_DEVIATION
    return n_entries * n_variants * 0.5 * math.erfc(-deviations / math.sqrt(2.0))
