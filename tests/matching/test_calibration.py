"""What a calibration says of a distance: laws for every one, its file, the packaged one."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashmatch.errors import InputError
from hashmatch.matching.calibration import PACKAGED, Calibration, expected_for
from hashmatch.matching.calibration_tail import Tail, counted


def tail(**changes: Any) -> Tail:
    values: dict[str, Any] = {
        "name": "all",
        "concentration": (0.0, 2.0),
        "n_pairs": 1_000_000,
        "n_exceedances": 100,
        "u0": 66.5,
        "scale": 2.0,
        "shape": 0.0,
        "scale_interval": (1.5, 2.5),
        "shape_interval": (-0.2, 0.1),
        "rate_interval": (5e-5, 2e-4),
        "lowest": 59.2,
        "counts": ((60, 9), (66, 95), (68, 300)),
    }
    return Tail(**{**values, **changes})


def calibration(*tails: Tail, **changes: Any) -> Calibration:
    values: dict[str, Any] = {
        "kind": "photographs",
        "n_placements": 100,
        "seed": 7,
        "provenance": "made up",
        "tails": tails or (tail(),),
    }
    return Calibration(**{**values, **changes})


@st.composite
def tails(draw: st.DrawFn, concentration: tuple[float, float] = (0.0, 2.0)) -> Tail:
    near = sorted(draw(st.lists(st.floats(40, 66), min_size=1, max_size=30)))
    above = sorted(draw(st.lists(st.floats(66.5, 72), max_size=30)))
    return tail(
        name=draw(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1)),
        concentration=concentration,
        n_pairs=draw(st.integers(100, 10**12)),
        n_exceedances=len(near),
        u0=66.0,
        scale=draw(st.floats(0.2, 10)),
        shape=draw(st.sampled_from((0.0, 1e-9, 0.1, 1.0))),
        lowest=near[0],
        counts=counted(near + above, 72.0),
    )


calibrations = st.builds(
    lambda whole, one, other: calibration(whole, one, other),
    tails(),
    tails((0.0, 0.15)),
    tails((0.15, 2.0)),
)
distances = st.floats(-10, 300)
few = settings(max_examples=40)  # each draws three tails of many numbers
sizes = st.integers(0, 10**9)


@few
@given(calibrations, distances, st.floats(0, 20), sizes, st.integers(0, 10**5))
def test_farther_is_never_rarer(
    made: Calibration, near: float, step: float, n: int, placements: int
) -> None:
    for concentration in (None, 0.1, 0.5):
        found, far = (
            made.expected_false_matches(at, n, placements, concentration=concentration)
            for at in (near, near + step)
        )
        assert 0 <= found <= far <= n


@few
@given(calibrations, distances, sizes, st.integers(1, 1000), st.integers(2, 50))
def test_linear_in_entries_and_placements(
    made: Calibration, at: float, n: int, placements: int, times: int
) -> None:
    once = made.expected_false_matches(at, n, placements)
    assert made.expected_false_matches(at, n * times, placements) == pytest.approx(once * times)
    more = made.expected_false_matches(at, n, placements * times)
    assert more == pytest.approx(min(float(n), once * times))


@few
@given(calibrations)
def test_never_less_than_was_counted(made: Calibration) -> None:
    for one in made.tails:
        for at, count in one.counts:
            assert one.share(at) >= count / one.n_pairs
            assert one.share(at - 0.99) >= count / one.n_pairs or at - 0.99 > one.u0 - 1
        assert one.share(one.u0) >= one.rate


def test_the_law_below_what_was_seen() -> None:
    made = tail()
    # 1e-4 of the pairs at 66.5 bits, and a factor of e every 2 bits.
    assert made.share(56.5) == pytest.approx(1e-4 * 2.718281828**-5)
    assert made.share(60) == pytest.approx(max(9e-6, 1e-4 * 2.718281828**-3.25))
    heavy = tail(shape=0.5)
    assert heavy.share(46.5) == pytest.approx(1e-4 * (1 + 0.5 * 20 / 2) ** -2)
    assert made.share(67.5) == 3e-4
    assert made.share(70) == pytest.approx(3e-4 * 2.718281828)
    assert made.share(256) == 1


def test_classes() -> None:
    rare = tail(name="rare", concentration=(0.0, 0.16), n_pairs=10_000_000)
    often = tail(name="often", concentration=(0.16, 2.0), n_pairs=100_000)
    made = calibration(tail(), rare, often)
    found = [
        made.expected_false_matches(56.5, 10**6, 100, concentration=c) for c in (0.1, None, 0.16)
    ]
    assert found == pytest.approx([0.1 * found[1], found[1], 10 * found[1]])
    assert calibration().tail_of(0.9).name == "all"
    radii = [made.largest_within(0.01, 10**6, 100, concentration=c) for c in (0.1, 0.5)]
    assert radii == sorted(radii, key=lambda bits: -(bits or 0))
    for radius, c in zip(radii, (0.1, 0.5), strict=True):
        assert radius is not None
        near, far = (
            made.expected_false_matches(at, 10**6, 100, concentration=c)
            for at in (radius, radius + 0.1)
        )
        assert near <= 0.01 < far
    assert made.largest_within(0.0, 10**6, 100) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "a\nb"},
        {"concentration": (0.2, 0.1)},
        {"n_pairs": 0},
        {"n_pairs": 99},
        {"n_exceedances": 0},
        {"u0": float("nan")},
        {"u0": 0.0},
        {"scale": 0.0},
        {"scale": float("inf")},
        {"shape": -0.1},
        {"shape": 1.5},
        {"scale_interval": (2.0, 1.0)},
        {"shape_interval": (float("nan"), 1.0)},
        {"rate_interval": (0.0, float("inf"))},
        {"lowest": 70.0},
        {"counts": ((60, 9), (60, 9))},
        {"counts": ((61, 9), (60, 10))},
        {"counts": ((60, 9), (61, 8))},
        {"counts": ((50, 1),)},
        {"counts": ((60, 101),)},
        {"counts": ((67, 99),)},
        {"counts": ((67, 10**9),)},
    ],
)
def test_wrong_tails(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="expected"):
        tail(**wrong)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"kind": " "}, "kind"),
        ({"provenance": "two\nlines"}, "provenance"),
        ({"n_placements": 0}, "n_placements"),
        ({"measure": "bits"}, "measure"),
        ({"tails": ()}, "tails"),
        ({"tails": (tail(), tail(concentration=(0.0, 1.0)))}, "without gaps"),
        (
            {
                "tails": (
                    tail(),
                    tail(concentration=(0.0, 0.1)),
                    tail(concentration=(0.2, 2.0)),
                )
            },
            "without gaps",
        ),
    ],
)
def test_wrong_calibrations(wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(InputError, match=named):
        calibration(**wrong)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((float("nan"), 1, 1), "adjusted"),
        ((float("inf"), 1, 1), "adjusted"),
        ((50.0, -1, 1), "n_entries"),
        ((50.0, 1, -1), "n_placements"),
        ((50.0, 1.5, 1), "n_entries"),
        ((50.0, True, 1), "n_entries"),
    ],
)
def test_wrong_questions(arguments: Any, named: str) -> None:
    with pytest.raises(InputError, match=named):
        calibration().expected_false_matches(*arguments)


@few
@given(calibrations)
def test_files_come_back_as_they_were(made: Calibration) -> None:
    text = made.to_toml()
    assert Calibration.from_toml(text.encode()) == made
    assert Calibration.from_toml(text.encode()).to_toml() == text


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"hashmatch.calibration/1"', '"hashmatch.calibration/2"', "schema: expected"),
        ('kind = "photographs"\n', "", "kind: expected a text, got nothing"),
        ("seed = 7", "seed = -7", "seed: expected a whole number from 0 on, got -7"),
        ("seed = 7", "seed = true", "seed: expected a whole number from 0 on, got True"),
        ("seed = 7", "seeds = 7", "got a key 'seeds'"),
        ("shape = 0.0", 'shape = "0"', r"tail\[1\]: shape: expected a number, got '0'"),
        ("shape = 0.0", "shape = nan", r"tail\[1\]: shape: expected 0"),
        ("scale = 2.0", "scale = 2.0\nslope = 1", r"tail\[1\]: expected one of"),
        ("[[60, 9],", "[[60, 9, 1],", r"tail\[1\]: counts: expected pairs"),
        ("u0 = 66.5", "u0 = 1e400", r"tail\[1\]: u0: expected a number, got inf"),
        ("[[tail]]", "[tail]", "tail: expected tables"),
        ("[[tail]]", "[[tail", "expected TOML"),
    ],
)
def test_wrong_files(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = calibration().to_toml()
    assert old in text
    path = tmp_path / "wrong.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=f"wrong.toml: .*{said}"):
        Calibration.from_toml(path)


def test_files_that_are_not_there_or_too_long(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"can't read .*none\.toml"):
        Calibration.from_toml(tmp_path / "none.toml")
    with pytest.raises(InputError, match="1048576 bytes"):
        Calibration.from_toml(b"#" * (1 << 20) + b"##")


def test_the_packaged_one() -> None:
    made = Calibration.default()
    assert made is Calibration.default()
    assert made.to_toml() == PACKAGED.read_text(encoding="utf-8")
    whole, *classes = made.tails
    assert whole.n_pairs >= 10**8
    assert not classes or sum(one.n_pairs for one in classes) == pytest.approx(whole.n_pairs)
    assert expected_for(None, 57.0, 10**6, 350) == made.expected_false_matches(57.0, 10**6, 350)
    other = dataclasses.replace(made, n_placements=2 * made.n_placements)
    assert expected_for(other, 57.0, 10**6, 350) == expected_for(None, 57.0, 10**6, 350) / 2
    # The thresholds rest on this: few false matches in a large list.
    assert 1e-4 < made.expected_false_matches(57.0, 10**6, 350) < 0.05


def test_nothing_loads_numba_but_a_fit() -> None:
    code = (
        "import json, sys, hashmatch, hashmatch.matching\n"
        "from hashmatch.matching.calibration import expected_for\n"
        "expected_for(None, 50.0, 10, 10)\n"
        "before = 'numba' in sys.modules\n"
        "import hashmatch.matching.calibration_fit\n"
        "print(json.dumps([before, 'numba' in sys.modules]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert json.loads(done.stdout) == [False, True]
