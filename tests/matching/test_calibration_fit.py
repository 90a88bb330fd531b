"""Fits find the law that made a sample, and say how sure they are; held-out queries agree."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from hashmatch.errors import InputError, InputTypeError
from hashmatch.matching.calibration_fit import MIN_EXCEEDANCES, fit_tail
from hashmatch.matching.calibration_held_out import held_out, poisson_interval
from hashmatch.matching.calibration_sample import CLASSES, Sample, calibrated

U0 = 68.0


def drawn(n: int, scale: float, shape: float, seed: int) -> NDArray[np.float64]:
    """Distances below U0 whose depths follow a generalised Pareto law."""
    uniform = np.random.default_rng(seed).random(n)
    if shape == 0:
        return U0 + scale * np.log(uniform)
    return U0 - scale * np.expm1(-shape * np.log(uniform)) / shape


@pytest.mark.parametrize(("scale", "shape"), [(0.8, 0.0), (5.0, 0.0), (2.0, 0.3), (1.0, 0.4)])
def test_known_laws_are_recovered(scale: float, shape: float) -> None:
    """In five of six samples at least, for intervals that leave one out of twenty out."""
    within = []
    for seed in range(6):
        tail = fit_tail(drawn(400, scale, shape, seed), 10**8, U0, seed=seed)
        assert (tail.n_exceedances, tail.u0) == (400, U0)
        assert tail.scale == pytest.approx(scale, rel=0.35)
        within.append(tail.shape_interval[0] <= shape <= tail.shape_interval[1])
        if tail.shape == 0 and shape == 0:
            within[-1] &= tail.scale_interval[0] <= scale <= tail.scale_interval[1]
        assert (tail.shape == 0) == (tail.shape_interval[0] <= 0)
    assert sum(within) >= 5


def test_a_law_that_would_end_is_never_used() -> None:
    values = drawn(800, 3.0, -0.3, 5)
    tail = fit_tail(values, 10**8, U0)
    assert tail.shape_interval[1] < 0
    assert tail.shape == 0
    end = U0 - 3.0 / 0.3
    assert tail.lowest > end
    assert tail.share(end - 2) > 0


def test_the_same_seed_gives_the_same_fit() -> None:
    values = drawn(300, 2.0, 0.0, 1)
    shuffled = np.random.default_rng(0).permutation(values)
    assert fit_tail(values, 10**7, seed=3) == fit_tail(shuffled, 10**7, seed=3)
    other = fit_tail(values, 10**7, seed=4)
    assert other.scale_interval != fit_tail(values, 10**7, seed=3).scale_interval


def test_a_threshold_is_chosen_where_the_law_begins() -> None:
    """An exponential tail under a broad body: the threshold stays out of the body."""
    rng = np.random.default_rng(2)
    body = rng.uniform(U0, U0 + 20, 5000)
    values = np.concatenate([drawn(400, 2.0, 0.0, 3), body])
    tail = fit_tail(values, 10**8, complete_to=U0 + 20)
    assert tail.u0 < U0 + 1
    assert tail.n_exceedances >= 60
    assert tail.scale == pytest.approx(2.0, rel=0.4)
    assert tail.counts[-1] == (int(U0) + 20, len(values))


def test_whole_queries_are_resampled() -> None:
    """The same distances, but in lumps of 20 of one query: the intervals are wider."""
    lumps = np.repeat(drawn(30, 2.0, 0.0, 6), 20)
    owners = np.repeat(np.arange(30), 20)
    apart = fit_tail(lumps, 10**8, U0)
    together = fit_tail(lumps, 10**8, U0, groups=owners, n_groups=60)
    width = np.ptp(together.scale_interval)
    assert width > 2 * np.ptp(apart.scale_interval)
    assert together.rate_interval[0] < together.rate < together.rate_interval[1]
    assert together.scale == apart.scale


@pytest.mark.parametrize(
    ("changes", "error", "named"),
    [
        ({"adjusted": [60.0] * 50}, InputTypeError, "adjusted"),
        ({"adjusted": np.full(50, 60.0, np.float32)}, InputTypeError, "float32"),
        ({"adjusted": np.full((50, 1), 60.0)}, InputError, "adjusted"),
        ({"adjusted": np.full(50, np.nan)}, InputError, "finite"),
        ({"adjusted": np.full(50, 60.0)}, InputError, "differ"),
        ({"adjusted": drawn(MIN_EXCEEDANCES - 1, 2, 0, 1)}, InputError, "at least 30"),
        ({"u0": 1.0}, InputError, "at least 30"),
        ({"u0": float("nan")}, InputError, "u0"),
        ({"complete_to": 1.0, "u0": None}, InputError, "at least 30"),
        ({"n_pairs": 10}, InputError, "n_pairs"),
        ({"groups": np.zeros(3, np.int64)}, InputError, "groups"),
        ({"groups": np.zeros(100)}, InputError, "groups"),
        ({"groups": np.arange(100), "n_groups": 5}, InputError, "n_groups"),
    ],
)
def test_nonsense_is_refused(changes: dict[str, Any], error: type[Exception], named: str) -> None:
    arguments = {"adjusted": drawn(100, 2.0, 0.0, 1), "n_pairs": 10**6, "u0": U0, **changes}
    with pytest.raises(error, match=named):
        fit_tail(**arguments)


def test_held_out_queries_are_predicted() -> None:
    """Within a factor of 3 wherever at least 5 are observed, for queries that differ from each
    other: each has its own number of near entries."""
    rng = np.random.default_rng(11)
    sizes = rng.negative_binomial(1, 0.1, 200)
    groups = np.repeat(np.arange(200), sizes)
    values = drawn(len(groups), 2.0, 0.0, 12)
    seen = 0
    for seed in range(2):
        for one in held_out(values, groups, 10**8, n_groups=200, complete_to=U0, seed=seed):
            assert one.interval[0] <= one.observed <= one.interval[1]
            if one.observed >= 5:
                seen += 1
                assert 1 / 3 <= one.ratio <= 3
    assert seen >= 8


def test_held_out_sees_a_wrong_prediction() -> None:
    """Queries of the one half that are nothing like those of the other."""
    half = np.random.default_rng(0).permutation(100)[:50]  # as drawn for seed 0
    groups = np.repeat(np.arange(100), np.where(np.isin(np.arange(100), half), 40, 1))
    values = drawn(len(groups), 2.0, 0.0, 1)
    found = held_out(values, groups, 10**8, (U0,), n_groups=100, u0=U0)
    assert [one.observed for one in found] == [50]
    assert found[0].ratio == pytest.approx(40)
    with pytest.raises(InputError, match="groups"):
        held_out(values, groups, 10**8, n_groups=50)


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [(0, 0.0, 3.69), (2, 0.242, 7.22), (5, 1.62, 11.67), (100, 81.4, 121.6)],
)
def test_poisson_interval(count: int, low: float, high: float) -> None:
    """Against the exact intervals of tables of the Poisson distribution."""
    assert poisson_interval(count) == pytest.approx((low, high), rel=0.02, abs=0.03)
    with pytest.raises(InputError, match="count"):
        poisson_interval(-1)


def sample(**changes: Any) -> Sample:
    n = 600
    values: dict[str, Any] = {
        "adjusted": drawn(n, 2.0, 0.0, 21),
        "groups": np.arange(n) % 40,
        "concentration": np.repeat([0.12, 0.15, 0.3], n // 3),
        "entries": np.repeat([0.12, 0.15, 0.3], [60, 30, 10]),
        "n_pairs": 10**7,
        "n_groups": 50,
        "n_placements": 300,
        "complete_to": U0,
    }
    return Sample(**{**values, **changes})


def test_a_sample_becomes_a_calibration() -> None:
    made = calibrated(sample(), kind="drawings", provenance="made up", seed=5)
    whole, *classes = made.tails
    assert (made.kind, made.n_placements, made.seed) == ("drawings", 300, 5)
    assert [one.n_pairs for one in made.tails] == [10**7, 6 * 10**6, 3 * 10**6, 10**6]
    assert tuple(one.concentration for one in classes) == CLASSES
    found = [made.expected_false_matches(62.0, 100, 300, concentration=c) for c in (0.12, 0.3)]
    assert found[1] > 3 * found[0]
    assert whole.lowest == min(one.lowest for one in classes)


def test_classes_need_enough_of_each() -> None:
    for counts, names in (
        ((400, 190, 10), ["all"]),
        ((10, 290, 300), ["all", "ordinary", "concentrated"]),
    ):
        few = np.repeat([0.12, 0.15, 0.3], counts)
        made = calibrated(sample(concentration=few), kind="drawings", provenance="made up")
        assert [one.name for one in made.tails] == names


@pytest.mark.parametrize(
    "changes",
    [{"groups": np.zeros(3, np.int64)}, {"concentration": np.zeros(3)}, {"entries": np.empty(0)}],
)
def test_wrong_samples(changes: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=next(iter(changes))):
        sample(**changes)
