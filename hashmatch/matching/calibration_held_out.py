"""Whether a fitted tail predicts queries that it has not seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hashmatch.errors import InputError
from hashmatch.matching.calibration_fit import fit_tail

_Z = 1.959964


@dataclass(frozen=True, slots=True)
class HeldOut:
    """One distance: false matches that half of the queries had, and that the other half foretold.

    Attributes:
        adjusted: bits, inclusive.
        predicted: pairs expected by the tail of the first half, for the second half's number.
        observed: pairs of the second half.
        interval: 95 % of a Poisson count like ``observed``.
    """

    adjusted: float
    predicted: float
    observed: int
    interval: tuple[float, float]

    @property
    def ratio(self) -> float:
        """Predicted by observed; infinite where nothing was observed."""
        return self.predicted / self.observed if self.observed else math.inf


def held_out(
    adjusted: NDArray[np.float64],
    groups: NDArray[np.int64],
    n_pairs: int,
    distances: Sequence[float] | None = None,
    *,
    n_groups: int | None = None,
    u0: float | None = None,
    complete_to: float | None = None,
    seed: int = 0,
) -> tuple[HeldOut, ...]:
    """Fit on half of the queries, drawn at random, and count on the other half.

    Args:
        adjusted, n_pairs, n_groups, u0, complete_to, seed: as ``fit_tail``.
        groups: int64 (n,), the query of each pair: 0 to n_groups - 1.
        distances: bits; None: every second bit from the lowest distance to the fitted ``u0``.

    Raises:
        InputError: nonsense, or too few distances for a fit on half of them.
    """
    total = int(groups.max()) + 1 if n_groups is None and len(groups) else n_groups or 0
    if groups.shape != adjusted.shape or total < 2 or groups.min() < 0 or groups.max() >= total:
        raise InputError(f"groups: expected numbers 0..n_groups - 1 {adjusted.shape}")
    first = np.zeros(total, bool)
    first[np.random.default_rng(seed).permutation(total)[: total // 2]] = True
    fitted_on = first[groups]
    of_first = n_pairs * int(first.sum()) // total
    tail = fit_tail(
        adjusted[fitted_on],
        of_first,
        u0,
        seed=seed,
        groups=groups[fitted_on],
        n_groups=int(first.sum()),
        complete_to=complete_to,
    )
    if distances is None:
        distances = [float(at) for at in range(math.ceil(adjusted.min()), math.ceil(tail.u0), 2)]
    others = np.sort(adjusted[~fitted_on])
    found = []
    for at in distances:
        observed = int(np.searchsorted(others, at, side="right"))
        expected = tail.share(at) * (n_pairs - of_first)
        found.append(HeldOut(float(at), expected, observed, poisson_interval(observed)))
    return tuple(found)


def poisson_interval(count: int) -> tuple[float, float]:
    """95 % of the mean of a Poisson count: Byar's approximation (Breslow & Day 1987, page 69)."""
    if count < 0:
        raise InputError(f"count: expected at least 0, got {count}")
    more = count + 1
    high = more * (1 - 1 / (9 * more) + _Z / (3 * math.sqrt(more))) ** 3
    if count == 0:
        return 0.0, high
    low = count * max(0.0, 1 - 1 / (9 * count) - _Z / (3 * math.sqrt(count))) ** 3
    return low, high
