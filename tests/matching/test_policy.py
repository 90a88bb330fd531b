"""Thresholds are checked where they are set; the calibration of a distance."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.errors import InputError, UnknownAlgorithmError
from hashmatch.matching import (
    Alert,
    Checker,
    Level,
    MatchPolicy,
    Thresholds,
    expected_false_matches,
)
from hashmatch.matching.policy import DEFAULT_ALERTS
from hashmatch.types import Label

PDQ_AT_5 = Thresholds(5, 5)


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
        "name": "default",
        "version": 1,
        "level": "standard",
        "others": {
            "pdq-cpp": {"match": 31, "possible": 31, "min_quality": 50},
            "dhash": {"match": None, "possible": 2, "min_quality": 50},
            "phash": {"match": None, "possible": 6, "min_quality": 50},
            "phash256": {"match": 31, "possible": 31, "min_quality": 50},
            "blockhash": {"match": None, "possible": 12, "min_quality": 50},
            "blockhash-precise": {"match": None, "possible": 12, "min_quality": 50},
            "photodna": {"match": 40000, "possible": 40000, "min_quality": 70},
        },
        "max_comparisons": 20_000_000_000,
        "near_max_distance": 60,
        "registered_max_distance": 60,
        "registered_review_max_distance": 63,
        "video": {
            "interval_s": 0.125,
            "min_frames": 2,
            "min_percent": 50,
            "min_matched_ms": 15_000,
            "review_min_frames": 1,
            "review_min_matched_ms": 0,
            "tmk_level1": 0.9,
            "tmk_level2": 0.9,
            "tmk_review": 0.9,
            "max_registered_frames": 16,
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
        {"level": "slow"},
        {"level": None},
        {"level": ["fast"]},
        {"orientations": 1},
        {"name": " "},
        {"name": "two\nlines"},
        {"name": 5},
        {"version": -1},
        {"version": "1"},
        {"max_comparisons": -1},
        {"max_comparisons": 2**63},
        {"max_comparisons": 1e9},
        {"registered_max_distance": 257},
        {"near_max_distance": -1},
        {"near_max_distance": 257},
        {"near_max_distance": 60.0},
        {"registered_max_distance": 64},  # above the review distance
        {"registered_review_max_distance": 58},
        {"others": None},
        {"others": {"md6": Thresholds(1, 1)}},
        {"others": {"tmk": Thresholds(1, 1)}},
        {"others": {"phash": 6}},
        {"others": {"phash": Thresholds(None, 65)}},
        {"others": {"phash256": Thresholds(None, 257)}},
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


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        ((-1, 5), "match"),
        ((None, None), "possible"),
        ((None, 5.0), "possible"),
        ((True, 5), "match"),
        ((6, 5), "possible"),
        ((5, 5, 101), "min_quality"),
        ((5, 5, "50"), "min_quality"),
        ((0, 144 * 255 * 255 + 1), "possible"),
    ],
)
def test_wrong_thresholds(arguments: tuple[Any, ...], wrong: str) -> None:
    with pytest.raises(InputError, match=f"^{wrong}: expected"):
        Thresholds(*arguments)


def test_what_is_compared() -> None:
    policy = MatchPolicy(
        max_distance=20,
        review_max_distance=40,
        min_quality=60,
        others={"whash": Thresholds(None, 0), "phash": Thresholds(1, 2, 3)},
    )
    assert policy.compared == ("pdq", "phash", "whash")
    assert policy.thresholds("pdq") == Thresholds(20, 40, 60)
    assert policy.thresholds("phash") == Thresholds(1, 2, 3)
    with pytest.raises(InputError, match="compares pdq, phash, whash, got 'dhash'"):
        policy.thresholds("dhash")
    # The main algorithm has thresholds of its own.
    other = MatchPolicy(algorithm="phash", others={"phash": Thresholds(1, 2), "pdq": PDQ_AT_5})
    assert (other.compared, dict(other.others)) == (("phash", "pdq"), {"pdq": PDQ_AT_5})
    digest = MatchPolicy(level="digest")  # type: ignore[arg-type]
    assert (digest.level, digest.compared) == (Level.DIGEST, ())
    with pytest.raises(InputError, match="compares no hashes"):
        digest.thresholds("pdq")


def test_the_digest_is_of_what_the_policy_says() -> None:
    radii = {"phash": Thresholds(None, 3), "dhash": Thresholds(None, 1)}
    backwards = dict(reversed(list(radii.items())))
    alerts = dict(reversed(list(DEFAULT_ALERTS.items())))
    one, same = MatchPolicy(others=radii), MatchPolicy(others=backwards, alerts=alerts)
    assert one.digest == same.digest
    assert re.fullmatch(r"[0-9a-f]{64}", one.digest)
    changed = [
        MatchPolicy(),
        MatchPolicy(others={**radii, "phash": Thresholds(None, 4)}),
        MatchPolicy(others={**radii, "phash": Thresholds(3, 3)}),
        MatchPolicy(others=radii, alerts={**alerts, Label.CGI: Alert.NATIONAL}),
        MatchPolicy(others=radii, level=Level.FAST),
        MatchPolicy(others=radii, version=2),
        MatchPolicy(others=radii, name="other"),
        MatchPolicy(others=radii, max_comparisons=1),
        MatchPolicy(others=radii, registered_max_distance=43),
        MatchPolicy(others=radii, registered_review_max_distance=60),
        MatchPolicy(others=radii, near_max_distance=59),
    ]
    assert len({policy.digest for policy in (one, *changed)}) == 1 + len(changed)


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
