"""What it costs that there were other views, orientations and places; the wide radius' bound."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_media import record
from registration.edits import texture

from hashmatch.database import Database
from hashmatch.fingerprinting import View, hash_image
from hashmatch.matching import Checker, CheckStatus, MatchPolicy, widening
from hashmatch.matching.adjusted import trial_bits
from hashmatch.types import HashValue

WHOLE = View("whole", (0, 0, 400, 200), 2.0, np.zeros((256, 256), np.uint8))
TEXT = HashValue("pdq", bytes(32), 100)
NOWHERE = (0.0, 0.0, 0.0, 0.0)
Edges = tuple[float, float, float, float]


def bits(
    view: View, edges: Edges = NOWHERE, *, turned: bool = False, zooming: bool = False
) -> float:
    return trial_bits(view, WHOLE, edges, turned=turned, zooming=zooming)


def part(kind: str, width: int, *, text: HashValue | None = None) -> View:
    return replace(WHOLE, kind=kind, box=(0, 0, width, 200), uncaptioned=text)


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (part("bar", 400), 3),
        (part("bar", 200), 3 + 5),
        (part("bar", 50), 3 + 15),  # small, but no choice among many parts
        (part("bar", 200, text=TEXT), 0),
        (part("border", 200), 0),
        (part("picture", 400), 15),
        (part("picture", 200), 15 + 5),
        (part("picture", 81), 15 + 5 * math.log2(400 / 81)),
        (part("picture", 79), math.inf),
        (WHOLE, 0),
    ],
)
def test_what_a_view_costs(view: View, expected: float) -> None:
    assert bits(view) == pytest.approx(expected)
    assert bits(view, turned=True) == pytest.approx(expected + 3)


def test_a_border_that_no_trim_found_is_no_choice_and_a_part_is_one() -> None:
    half = (-0.5, -0.5, 0.0, 0.0)
    assert bits(WHOLE, half) == 0
    assert bits(WHOLE, half, zooming=True) == pytest.approx(15 + 5)
    assert bits(part("picture", 200), half) == pytest.approx(15 + 10)
    assert bits(WHOLE, (-1.0, -1.0, -1.0, -1.0), zooming=True) == math.inf


edge = st.floats(-1, 0.4)


@given(edge, edge, edge, edge)
def test_what_lacks_costs_nothing_here(
    left: float, right: float, top: float, bottom: float
) -> None:
    """That is for ``hidden`` to say."""
    edges = (left, right, top, bottom)
    kept = (min(left, 0), min(right, 0), min(top, 0), min(bottom, 0))
    assert bits(WHOLE, edges, zooming=True) == bits(WHOLE, kept, zooming=True) >= 15


def test_a_wide_crowd_is_judged_in_part(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """All entries at one distance or none, and the answer says so."""
    made = hash_image(texture(5)).hashes["pdq"]
    number = int.from_bytes(made.value, "big")
    far = [40, 41, 41, 42, 42, 42]
    values = [
        HashValue("pdq", (number ^ (((1 << n) - 1) << 7 * k)).to_bytes(32, "big"), 100)
        for k, n in enumerate(far)
    ]
    db.import_records([record(str(k), None, v) for k, v in enumerate(values)], source="A")
    policy = MatchPolicy(max_comparisons=0)
    whole = Checker(db, policy).check(texture(5))
    assert sorted(match.distance for match in whole.matches) == far
    assert whole.status is CheckStatus.MATCH
    assert not any("are judged" in gate for gate in whole.gates)
    for most, kept, radius in ((5, far[:3], 41), (3, far[:3], 41), (2, far[:1], 40)):
        monkeypatch.setattr(widening, "MOST_WIDE", most)
        cut = Checker(db, policy).check(texture(5))
        assert sorted(match.distance for match in cut.matches) == kept
        assert f"6 entries are near: those within {radius} bits are judged" in cut.gates
