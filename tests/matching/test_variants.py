"""Re-oriented forms of a query: exact from pixels, near enough from the hash alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import photograph

from hashmatch.fingerprinting import hash_image
from hashmatch.hashing import ORIENTATIONS
from hashmatch.matching.variants import Variant, from_fingerprint, from_hash
from hashmatch.types import HashValue

VALUES = st.binary(min_size=32, max_size=32).map(lambda value: HashValue("pdq", value, 80))
INVERSE = {
    "rotate90": "rotate270",
    "rotate180": "rotate180",
    "rotate270": "rotate90",
    "flip_x": "flip_x",
    "flip_y": "flip_y",
    "flip_plus1": "flip_plus1",
    "flip_minus1": "flip_minus1",
}


def turned(value: HashValue, name: str) -> HashValue:
    by_name = {variant.name: variant.hash for variant in from_hash(value, orientations=True)}
    return by_name[name]


@given(VALUES)
def test_turning_back_gives_the_hash_again(value: HashValue) -> None:
    for name, back in INVERSE.items():
        assert turned(turned(value, name), back) == value


@given(VALUES)
def test_turns_compose_as_those_of_a_square(value: HashValue) -> None:
    assert turned(turned(value, "rotate90"), "rotate90") == turned(value, "rotate180")
    assert turned(turned(value, "flip_x"), "flip_y") == turned(value, "rotate180")
    assert turned(turned(value, "flip_x"), "rotate90") == turned(value, "flip_minus1")
    assert turned(turned(value, "flip_plus1"), "rotate180") == turned(value, "flip_minus1")


@given(VALUES)
def test_names_order_and_quality(value: HashValue) -> None:
    variants = from_hash(value, orientations=True)
    assert tuple(variant.name for variant in variants) == ORIENTATIONS
    assert [variant.exact for variant in variants] == [True] + [False] * 7
    assert {variant.hash.quality for variant in variants} == {80}
    assert from_hash(value, orientations=False) == [Variant("original", value, exact=True)]


def test_transposing_is_exact() -> None:
    """It moves coefficients and changes none."""
    for seed in range(10):
        pixels = photograph(seed, 256, 256)
        value = hash_image(pixels).hashes["pdq"]
        exact = hash_image(pixels.swapaxes(0, 1)).hashes["pdq"]
        assert turned(value, "flip_plus1").distance(exact) == 0


@pytest.fixture(scope="module")
def distances(corpus: Path) -> dict[str, list[int]]:
    """Bits between the approximated and the exact variant, on photographs."""
    found: dict[str, list[int]] = {name: [] for name in ORIENTATIONS}
    for path in sorted((corpus / "photos").iterdir()):
        exact = from_fingerprint(hash_image(path, dihedral=True).dihedral["pdq"])
        for near, right in zip(from_hash(exact[0].hash, orientations=True), exact, strict=True):
            assert near.name == right.name
            assert right.exact
            found[near.name].append(near.hash.distance(right.hash))
    return found


def test_photographs(distances: dict[str, list[int]]) -> None:
    """The figures that ``matching.variants`` states."""
    assert len(distances["original"]) == 200
    assert set(distances["original"]) == set(distances["flip_plus1"]) == {0}
    for name in INVERSE:
        if name != "flip_plus1":
            assert 5 < np.mean(distances[name]) < 16, name
            assert np.percentile(distances[name], 95) <= 24, name
            assert max(distances[name]) <= 36, name
