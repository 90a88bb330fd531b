"""Thresholds are checked where they are set; the calibration of a distance."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.errors import InputError, UnknownAlgorithmError
from hashmatch.matching import Alert, Checker, MatchPolicy, expected_false_matches
from hashmatch.matching.policy import DEFAULT_ALERTS
from hashmatch.types import Label


def test_defaults() -> None:
    assert MatchPolicy().to_dict() == {
        "algorithm": "pdq",
        "max_distance": 31,
        "review_max_distance": 31,
        "min_quality": 50,
        "orientations": True,
        "alerts": {
            "csam": "NATIONAL",
            "exploitive_or_age_difficult": "OTHER",
            "cgi": "OTHER",
            "comparison": "OTHER",
            "uncategorized": "OTHER",
            "non_pertinent": "NONE",
            "known_ignorable": "NONE",
        },
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_distance": -1},
        {"review_max_distance": 257, "max_distance": 257},
        {"max_distance": 31.0},
        {"max_distance": True},
        {"max_distance": "31"},
        {"max_distance": None},
        {"review_max_distance": 257},
        {"max_distance": 40},  # above the review distance
        {"review_max_distance": 30},
        {"min_quality": 101},
        {"min_quality": -1},
        {"min_quality": 50.5},
        {"alerts": {Label.CSAM: Alert.NATIONAL}},
        {"alerts": {**DEFAULT_ALERTS, Label.CGI: "NATIONAL"}},
        {"alerts": {**DEFAULT_ALERTS, Label.CGI: None}},
    ],
)
def test_wrong_policies(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=next(reversed(wrong))):
        MatchPolicy(**wrong)


def test_unknown_algorithm() -> None:
    with pytest.raises(UnknownAlgorithmError, match="md6"):
        MatchPolicy(algorithm="md6")


def test_the_extremes_are_allowed() -> None:
    nothing = MatchPolicy(max_distance=0, review_max_distance=0, min_quality=0)
    assert (nothing.max_distance, nothing.min_quality) == (0, 0)
    everything = MatchPolicy(max_distance=256, review_max_distance=256, min_quality=100)
    assert (everything.review_max_distance, everything.min_quality) == (256, 100)


def test_a_policy_does_not_change_with_the_callers_table() -> None:
    table = dict(DEFAULT_ALERTS)
    policy = MatchPolicy(alerts=table)
    table[Label.CSAM] = Alert.NONE
    assert policy.alerts[Label.CSAM] is Alert.NATIONAL


def test_an_algorithm_that_does_not_compare(db: Any) -> None:
    with pytest.raises(InputError, match="photodna"):
        Checker(db, MatchPolicy(algorithm="photodna"))


def test_gravity() -> None:
    ordered = sorted(Alert, key=lambda alert: alert.gravity, reverse=True)
    assert ordered == [Alert.BASELINE, Alert.NATIONAL, Alert.OTHER, Alert.NONE]
    assert Alert.NONE.gravity > 0


@pytest.mark.parametrize(
    ("distance", "probability"),
    [
        # Normal distribution function of (distance + 0.5 - 127.9) / 8.31, from its tables.
        (31, 2.0488e-31),
        (90, 3.3881e-6),
        (127, 0.480804),
        (136, 0.849642),
        (256, 1.0),
    ],
)
def test_expected_false_matches(distance: int, probability: float) -> None:
    for n_entries, n_variants in ((1, 1), (1_000_000, 8)):
        expected = probability * n_entries * n_variants
        found = expected_false_matches(distance, n_entries=n_entries, n_variants=n_variants)
        assert found == pytest.approx(expected, rel=1e-4)
    assert expected_false_matches(distance, n_entries=0, n_variants=8) == 0


@given(st.integers(0, 255), st.integers(1, 10**9), st.integers(1, 8))
def test_farther_is_never_rarer(distance: int, n_entries: int, n_variants: int) -> None:
    near = expected_false_matches(distance, n_entries=n_entries, n_variants=n_variants)
    far = expected_false_matches(distance + 1, n_entries=n_entries, n_variants=n_variants)
    assert 0 < near <= far <= n_entries * n_variants
