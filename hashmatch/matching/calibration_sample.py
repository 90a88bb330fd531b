"""A sample of impostor pairs, and the calibration that follows from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hashmatch.errors import InputError
from hashmatch.matching.calibration import Calibration
from hashmatch.matching.calibration_tail import Tail

CLASSES = ((0.0, 0.14), (0.14, 0.16), (0.16, 2.0))
"""Ranges of the entries' concentration: about 58, 27 and 15 % of photographs' parts. After all that
the adjusted distance adds, they still differ tenfold, each from the next, at 64 bits."""
_CLASSES = dict(zip(("ordinary", "simple", "concentrated"), CLASSES, strict=True))
_FEWER = {"ordinary": (CLASSES[0][0], CLASSES[1][1]), "concentrated": CLASSES[2]}
"""Where one of the three has too few pairs."""
COMPLETE_TO = 76.0
"""Bits up to which pairs are counted: a little above, registration gives candidates up."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Distances of queries to entries that show something else.

    Attributes:
        adjusted: float64 (n,), bits; every pair up to ``complete_to`` is there.
        groups: int64 (n,), the query of each, 0 to ``n_groups`` - 1. Edits of one photograph are
            one query: they depend on each other.
        concentration: float64 (n,), of the entry of each.
        entries: float64 (m,), concentration of every entry.
        n_pairs: pairs that were compared.
        n_groups: queries.
        n_placements: that each query tried, on average.
        complete_to: bits.

    Raises:
        InputError: arrays whose lengths or numbers do not agree.
    """

    adjusted: NDArray[np.float64]
    groups: NDArray[np.int64]
    concentration: NDArray[np.float64]
    entries: NDArray[np.float64]
    n_pairs: int
    n_groups: int
    n_placements: int
    complete_to: float = COMPLETE_TO

    def __post_init__(self) -> None:
        shape = self.adjusted.shape
        for name in ("adjusted", "groups", "concentration"):
            found = getattr(self, name).shape
            if len(found) != 1 or found != shape:
                raise InputError(f"{name}: expected one array ({shape[0]},), got {found}")
        if self.entries.ndim != 1 or not len(self.entries):
            raise InputError(f"entries: expected at least one (m,), got {self.entries.shape}")


def calibrated(sample: Sample, *, kind: str, provenance: str, seed: int = 0) -> Calibration:
    """The tails of all entries and, where there are enough pairs, by class.

    Loads numba.

    Args:
        kind, provenance, seed: as ``Calibration``.

    Raises:
        InputError: too few pairs for a fit.
    """
    # numba takes a second to load, and only this needs it.
    from hashmatch.matching.calibration_fit import MIN_EXCEEDANCES, fit_tail

    def fitted(name: str, bounds: tuple[float, float]) -> Tail:
        low, high = bounds
        inside = (sample.concentration >= low) & (sample.concentration < high)
        of_entries = int(((sample.entries >= low) & (sample.entries < high)).sum())
        near = inside & (sample.adjusted <= sample.complete_to)
        return fit_tail(
            sample.adjusted[near],
            max(1, sample.n_pairs * of_entries // len(sample.entries)),
            seed=seed,
            groups=sample.groups[near],
            n_groups=sample.n_groups,
            complete_to=sample.complete_to,
            name=name,
            concentration=bounds,
        )

    n_near = int((sample.adjusted <= sample.complete_to).sum())
    if n_near < MIN_EXCEEDANCES:
        raise InputError(
            f"sample: expected at least {MIN_EXCEEDANCES} pairs within {sample.complete_to:g} "
            f"bits, got {n_near} of {sample.n_pairs}: more pictures or more entries are needed"
        )
    tails = [fitted("all", (CLASSES[0][0], CLASSES[-1][1]))]
    near = sample.concentration[sample.adjusted <= sample.complete_to]
    for classes in (_CLASSES, _FEWER):
        counts = [np.sum((near >= low) & (near < high)) for low, high in classes.values()]
        if min(counts) >= MIN_EXCEEDANCES:
            tails += [fitted(name, bounds) for name, bounds in classes.items()]
            break
    return Calibration(
        kind=kind,
        n_placements=sample.n_placements,
        seed=seed,
        provenance=provenance,
        tails=tuple(tails),
    )
