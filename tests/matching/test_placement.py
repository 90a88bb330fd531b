"""A placement in words and as JSON."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from hashmatch.errors import InputError
from hashmatch.hashing import ORIENTATIONS
from hashmatch.hashing.turns import TURNS
from hashmatch.matching import Placement

AS_IT_IS: dict[str, Any] = {
    "orientation": "original",
    **dict.fromkeys(("left", "right", "top", "bottom", "angle"), 0.0),
    "view": "whole",
    "view_box": None,
}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "as it is"),
        ({"left": 0.004, "top": -0.004, "angle": 0.2}, "as it is"),
        ({"left": 0.06}, "6 % cut from the left"),
        (
            {"left": 0.06, "angle": 3.1, "orientation": "flip_y"},
            "6 % cut from the left, turned by 3 degrees to the left, mirrored",
        ),
        (
            {"left": -0.1, "right": 0.123, "top": 0.025, "bottom": -0.05},
            "12.5 % cut from the right, 2.5 % cut from the top, 10 % added at the left, "
            "5 % added at the bottom",
        ),
        ({"angle": -1.0}, "turned by 1 degree to the right"),
        (
            {"orientation": "rotate180", "view": "trimmed"},
            "upside down, without the query's border",
        ),
        ({"view": "picture", "view_box": (1, 2, 3, 4)}, "a part of the query"),
    ],
)
def test_words(given: dict[str, Any], words: str) -> None:
    assert Placement(**{**AS_IT_IS, **given}).describe() == words


@pytest.mark.parametrize("angle", [-0.25, 0.25])
def test_a_quarter_of_a_degree_is_not_none(angle: float) -> None:
    words = Placement(**{**AS_IT_IS, "left": 0.1, "angle": angle}).describe()
    side = "left" if angle > 0 else "right"
    assert words == f"10 % cut from the left, turned by 0.25 degrees to the {side}"


@pytest.mark.parametrize(
    ("name", "turns", "words"),
    [
        ("rotate270", 1, "turned by a quarter to the left"),
        ("rotate90", -1, "turned by a quarter to the right"),
        ("rotate180", 2, "upside down"),
    ],
)
def test_directions_are_those_of_the_query(name: str, turns: int, words: str) -> None:
    """The orientation is what undoes the query's own turn, counter-clockwise here."""
    picture = np.arange(12).reshape(3, 4)
    undone = TURNS[ORIENTATIONS.index(name)](np.rot90(picture, turns).astype(np.uint8))
    assert np.array_equal(undone, picture)
    assert Placement(**{**AS_IT_IS, "orientation": name}).describe() == words


def test_each_orientation_has_words_of_its_own() -> None:
    said = {Placement(**{**AS_IT_IS, "orientation": name}).describe() for name in ORIENTATIONS}
    assert len(said) == len(ORIENTATIONS)


def test_json() -> None:
    given = {**AS_IT_IS, "left": 0.25, "view": "picture", "view_box": (1, 2, 3, 4)}
    values = json.loads(json.dumps(Placement(**given).to_dict()))
    assert values == {**given, "view_box": [1, 2, 3, 4]}
    assert list(values) == list(AS_IT_IS)
    assert Placement(**AS_IT_IS).to_dict()["view_box"] is None


@pytest.mark.parametrize("wrong", [{"orientation": "rotate45"}, {"view": "half"}])
def test_wrong_words(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=f"{next(iter(wrong))}: expected one of"):
        Placement(**{**AS_IT_IS, **wrong})
