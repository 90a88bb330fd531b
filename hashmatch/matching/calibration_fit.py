"""Fitting the tail of impostor distances: maximum likelihood, bootstrap, held-out comparison.

The only file that loads numba (analysis, never needed by a check). The likelihood is profiled over
one parameter (Grimshaw, Technometrics 35, 1993): for theta = shape / scale the best shape is the
mean of log(1 + theta * depth), so a search in one dimension is enough.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from hashmatch.errors import InputError, InputTypeError
from hashmatch.matching.calibration_tail import FLATTEST_SHAPE, Tail, counted

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
F = TypeVar("F", bound=Callable[..., object])

MIN_EXCEEDANCES = 30
"""With fewer a fit says nothing."""
CANDIDATES = (1000, 700, 500, 350, 250, 180, 130, 90, 60)
"""Numbers of exceedances that are tried for ``u0``, the largest to which the exponential fits wins.

Distances of pictures thin out faster the deeper one goes (the shape is negative): a threshold deep
enough for the exponential has the slope of the deepest part, and errs upwards below it.
"""
BOOTSTRAPS = 200
_MISFIT = 0.95
_SIMULATED = 200
_STREAM = 8_041
_GRID = 48
_GOLDEN = (math.sqrt(5) - 1) / 2
_LEAST, _MOST = -0.5, FLATTEST_SHAPE  # below the first maximum likelihood breaks down


def _compiled(function: F) -> F:
    return cast(F, numba.njit(cache=False)(function))


@_compiled
def _profile(depths: Floats, theta: float) -> tuple[float, float, float]:
    """(log-likelihood, scale, shape) at the best shape for a theta; -inf outside the bounds."""
    n, total, logs = len(depths), 0.0, 0.0
    for depth in depths:
        total += depth
        logs += math.log1p(theta * depth)
    mean, shape = total / n, logs / n
    if abs(theta) * mean < 1e-9:
        return -n * (math.log(mean) + 1), mean, 0.0
    if not _LEAST <= shape <= _MOST:
        return -math.inf, mean, 0.0
    return -n * (math.log(shape / theta) + shape + 1), shape / theta, shape


@_compiled
def _best(depths: Floats) -> tuple[float, float, float]:
    """(log-likelihood, scale, shape) of the best law: a grid, then golden section."""
    deepest = depths.max()
    low, high = -7.0, math.log1p(20 * deepest / depths.mean())
    step = (high - low) / _GRID
    at, best = 0.0, _profile(depths, 0.0)
    for k in range(_GRID + 1):
        found = _profile(depths, math.expm1(low + k * step) / deepest)
        if found[0] > best[0]:
            at, best = low + k * step, found
    left, right = at - step, at + step
    for _ in range(36):
        a, b = right - _GOLDEN * (right - left), left + _GOLDEN * (right - left)
        at_a = _profile(depths, math.expm1(a) / deepest)
        at_b = _profile(depths, math.expm1(b) / deepest)
        if at_a[0] >= at_b[0]:
            right = b
        else:
            left = a
        if at_a[0] > best[0]:
            best = at_a
        if at_b[0] > best[0]:
            best = at_b
    return best


@_compiled
def _misfit(ordered: Floats) -> float:
    """Kolmogorov's distance between sorted depths and the exponential law of their mean."""
    n, mean, worst = len(ordered), ordered.mean(), 0.0
    for k in range(n):
        reached = -math.expm1(-ordered[k] / mean)
        worst = max(worst, reached - k / n, (k + 1) / n - reached)
    return worst


@_compiled
def _misfits(samples: Floats) -> Floats:
    """The misfit of each row, to the law of its own mean."""
    found = np.empty(len(samples))
    for k in range(len(samples)):
        found[k] = _misfit(np.sort(samples[k]))
    return found


@_compiled
def _resampled(depths: Floats, starts: Whole, drawn: Whole) -> Floats:
    """(number, mean, scale, shape) of each resample of whole groups; (rounds, 4).

    Group g has depths[starts[g]:starts[g + 1]]; drawn (rounds, groups) are numbers of groups.
    """
    found = np.full((len(drawn), 4), np.nan)
    for k in range(len(drawn)):
        n = 0
        for group in drawn[k]:
            n += starts[group + 1] - starts[group]
        found[k, 0] = n
        if n < 2:
            continue
        sample, at = np.empty(n), 0
        for group in drawn[k]:
            for place in range(starts[group], starts[group + 1]):
                sample[at] = depths[place]
                at += 1
        if not sample.max() > 0:
            continue
        found[k, 1] = sample.mean()
        _, found[k, 2], found[k, 3] = _best(sample)
    return found


def fit_tail(
    adjusted: Floats,
    n_pairs: int,
    u0: float | None = None,
    *,
    seed: int = 0,
    groups: Whole | None = None,
    n_groups: int | None = None,
    complete_to: float | None = None,
    name: str = "all",
    concentration: tuple[float, float] = (0.0, 2.0),
) -> Tail:
    """The law of the smallest distances of impostor pairs.

    The shape is 0 (exponential) unless its 95 % interval lies above 0. Below 0 the law
    would end, and say that nothing can be nearer: there the exponential errs upwards, and stands.

    Args:
        adjusted: float64 (n,), bits, any order: all pairs up to ``u0`` at least; more may be there.
        n_pairs: pairs that were compared, those that were never near included.
        u0: bits; None: the largest below which the exponential law still fits (Kolmogorov's
            distance within 95 % of what samples of the law have).
        seed: of everything drawn.
        groups: int64 (n,), the query of each pair. Distances of one query to parts of one picture
            depend on each other, so whole queries are resampled for the intervals.
        n_groups: queries in all, those without any of these distances included.
        complete_to: bits up to which the sample has every pair; None: the largest of ``adjusted``.
        name, concentration: see ``Tail``.

    Raises:
        InputError: too few distances, or nonsense; InputTypeError: not float64.
    """
    values, owners = _checked(adjusted, n_pairs, groups)
    # A stream of its own: whoever drew the sample may have used the same seed.
    rng = np.random.default_rng((seed, _STREAM))
    if u0 is None:
        u0 = _threshold(values, math.inf if complete_to is None else complete_to, rng)
    elif not 0 < u0 < math.inf:
        raise InputError(f"u0: expected bits, more than 0, got {u0!r}")
    n = int(np.searchsorted(values, u0, side="right"))
    if n < MIN_EXCEEDANCES:
        raise InputError(
            f"adjusted: expected at least {MIN_EXCEEDANCES} distances up to u0 = {u0:g}, got {n}"
        )
    depths = u0 - values[:n]
    if not depths.max() > depths.min():
        raise InputError("adjusted: expected distances that differ")
    total, scale, shape = n_groups or len(np.unique(owners)), 0.0, 0.0
    drawn = _bootstrap(depths, owners[:n], total, rng)
    intervals = np.nanpercentile(drawn, (2.5, 97.5), axis=0)
    if intervals[0, 3] > 0:
        _, scale, shape = _best(depths)
        column = 2
    else:
        scale, column = float(depths.mean()), 1
    return Tail(
        name=name,
        concentration=concentration,
        n_pairs=n_pairs,
        n_exceedances=n,
        u0=float(u0),
        scale=scale,
        shape=shape,
        scale_interval=_interval(intervals[:, column]),
        shape_interval=_interval(intervals[:, 3]),
        rate_interval=_interval(intervals[:, 0] / n_pairs),
        lowest=float(values[0]),
        counts=counted(values.tolist(), u0 if complete_to is None else max(u0, complete_to)),
    )


def _interval(ends: Floats) -> tuple[float, float]:
    return float(ends[0]), float(ends[1])


def _checked(adjusted: Floats, n_pairs: int, groups: Whole | None) -> tuple[Floats, Whole]:
    """Sorted distances and, in their order, whose they are; without groups each is its own."""
    if not isinstance(adjusted, np.ndarray) or adjusted.dtype != np.float64:
        raise InputTypeError(f"adjusted: expected a float64 array, got {_kind(adjusted)}")
    if adjusted.ndim != 1 or not np.isfinite(adjusted).all():
        raise InputError(f"adjusted: expected finite numbers (n,), got {adjusted.shape}")
    if n_pairs < len(adjusted):
        raise InputError(f"n_pairs: expected at least {len(adjusted)} (distances), got {n_pairs}")
    if groups is None:
        return np.sort(adjusted), np.arange(len(adjusted))
    owners = np.asarray(groups)
    if owners.shape != adjusted.shape or owners.dtype.kind not in "iu":
        raise InputError(f"groups: expected whole numbers {adjusted.shape}, got {_kind(owners)}")
    order = np.lexsort((owners, adjusted))
    return adjusted[order], owners[order].astype(np.int64)


def _kind(value: object) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape}"
    return type(value).__name__


def _threshold(values: Floats, complete_to: float, rng: np.random.Generator) -> float:
    usable = values[: int(np.searchsorted(values, complete_to, side="right"))]
    if len(usable) < MIN_EXCEEDANCES:
        raise InputError(
            f"adjusted: expected at least {MIN_EXCEEDANCES} distances of at most {complete_to:g}, "
            f"got {len(usable)}"
        )
    for n in CANDIDATES:
        if n > len(usable):
            continue
        at = float(usable[n - 1])
        # Not the last one itself: a depth of 0 says nothing about the law.
        depths = np.sort(at - usable[: n - 1])
        if depths[0] > 0 and _misfit(depths) <= np.quantile(
            _misfits(rng.standard_exponential((_SIMULATED, n - 1))), _MISFIT
        ):
            return at
    return float(usable[MIN_EXCEEDANCES - 1])


def _bootstrap(depths: Floats, owners: Whole, n_groups: int, rng: np.random.Generator) -> Floats:
    names, numbered = np.unique(owners, return_inverse=True)
    if n_groups < len(names):
        raise InputError(f"n_groups: expected at least {len(names)}, got {n_groups}")
    order = np.argsort(numbered, kind="stable")
    sizes = np.bincount(numbered, minlength=n_groups)
    starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    return _resampled(depths[order], starts, rng.integers(0, n_groups, (BOOTSTRAPS, n_groups)))
