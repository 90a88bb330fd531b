"""The native registration against a slow one in float64 that does what the description says."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pictures import photograph
from reference import registration as reference
from registration.edits import texture

from hashmatch import _native
from hashmatch.hashing import compact_luma
from hashmatch.matching.concentration import concentration

ASPECT = 1.25
STAY = _native.RegistrationEffort(
    rounds=0, hopeless=(256, 256, 256), step=0.02, turn=1.0, weighing=0, firmness=0.1
)
"""Judges the start and goes nowhere."""
STORED = np.random.default_rng(5).integers(0, 256, (1, 32), dtype=np.uint8)

LACKING = [
    (0.07, 0.14, 0.03, 0.2, 0.0),
    (0.3, 0.0, 0.0, 0.0, 0.0),
    (0.3, 0.3, 0.2, 0.2, 0.0),
    (-0.06, 0.1, 0.14, 0.0, -6.0),
    (0.05, 0.05, 0.05, 0.05, 3.25),
]
edges = st.floats(-2, 0, width=32)


@cache
def compact(name: str) -> NDArray[np.uint8]:
    return compact_luma(photograph(3) if name == "photograph" else texture(1))


@cache
def canvas(name: str, extended: bool) -> NDArray[np.float64]:
    return reference.canvas(compact(name), extended)


def judged(
    name: str, placement: tuple[float, ...], orientation: int, extended: bool
) -> tuple[bytes, float, int]:
    """The native hash, weighted distance and distance at a placement."""
    query = _native.RegistrationQuery(compact(name), ASPECT, (0.0, 0.0, 1.0, 1.0), extended)
    start = np.array([placement], np.float32)
    numbers, weights, places, made = query.refine(STORED, start, np.array([orientation]), STAY)
    assert np.array_equal(places, start)
    assert np.array_equal(made, query.hashes(start, orientation))
    assert numbers[0].tolist()[1:] == [numbers[0, 0], 1]
    return made[0].tobytes(), float(weights[0]), int(numbers[0, 0])


def expected(
    name: str, placement: tuple[float, ...], orientation: int, extended: bool
) -> NDArray[np.float64]:
    """The reference's coefficients there."""
    whole = reference.placed_canvas(canvas(name, extended), orientation, placement[4], ASPECT)
    samples = reference.CONTENT if extended else reference.SIDE
    return reference.coefficients(whole, placement, samples)


@settings(max_examples=15)
@given(st.tuples(edges, edges, edges, edges), st.integers(0, 7), st.booleans())
def test_where_nothing_lacks_every_bit_agrees(
    sides: tuple[float, float, float, float], orientation: int, extended: bool
) -> None:
    placement = tuple(float(np.float32(edge)) for edge in (*sides, 0.0))
    values = expected("texture", placement, orientation, extended)
    made, weighted, distance = judged("texture", placement, orientation, extended)
    margins = reference.margins(values)
    firm = np.abs(margins) > 1e-4 * np.abs(margins).mean()
    agree = (margins > 0) == (reference.signs_of(made) > 0)
    assert agree[firm].all()
    assert (~firm).sum() <= 2  # the median itself
    bits = int.from_bytes(made, "big") ^ int.from_bytes(STORED.tobytes(), "big")
    assert distance == bits.bit_count()
    by_reference = reference.weighted_distance(values, STORED.tobytes(), placement)
    assert weighted == pytest.approx(by_reference, abs=0.05)


@pytest.mark.parametrize("angle", [-9.0, 0.25, 0.3, 4.0])
@pytest.mark.parametrize("orientation", [0, 3, 5])
def test_turned_inside_the_query(angle: float, orientation: int) -> None:
    """All that is sampled is the query's, so the turn is the only difference."""
    placement = (-0.9, -0.9, -0.9, -0.9, angle)
    margins = reference.margins(expected("texture", placement, orientation, True))
    query = _native.RegistrationQuery(compact("texture"), ASPECT, (0.0, 0.0, 1.0, 1.0), True)
    (made,) = query.hashes(np.array([placement], np.float32), orientation)
    wrong = (margins > 0) != (reference.signs_of(made.tobytes()) > 0)
    assert not wrong[np.abs(margins) > 2e-3 * np.abs(margins).mean()].any()


@pytest.mark.parametrize("name", ["photograph", "texture"])
def test_where_something_lacks_few_bits_differ(name: str) -> None:
    """The native continuation is a few rounds at each size and not the solution: 18 bits of 256
    differ at most, 10 in the mean, and the weighted distance by less than 2."""
    wrong = []
    for placement in LACKING:
        for orientation in (0, 6):
            values = expected(name, placement, orientation, True)
            made, weighted, _ = judged(name, placement, orientation, True)
            agree = (reference.margins(values) > 0) == (reference.signs_of(made) > 0)
            wrong.append(int((~agree).sum()))
            by_reference = reference.weighted_distance(values, STORED.tobytes(), placement)
            assert weighted == pytest.approx(by_reference, abs=2)
    assert max(wrong) <= 18
    assert np.mean(wrong) <= 10


def test_the_continuation_is_the_solution() -> None:
    """Of the reference: known inside, the mean of its neighbours outside, level at the ends."""
    whole = canvas("texture", True)
    margin = (reference.SIDE - reference.CONTENT) // 2
    inside = slice(margin, -margin)
    known = reference.content(compact("texture"), reference.CONTENT)
    assert np.array_equal(whole[inside, inside], known)
    padded = np.pad(whole, 1, mode="edge")
    mean = (padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]) / 4
    apart = np.abs(mean - whole)
    apart[inside, inside] = 0
    assert apart.max() < 1e-3
    assert known.min() - 0.1 < whole.min() <= whole.max() < known.max() + 0.1


@pytest.mark.parametrize("edge", [0.02, 0.1, 0.25, 0.48])
def test_hidden_shares_grow_with_what_is_hidden(edge: float) -> None:
    less = reference.hidden_shares((edge / 2, 0, 0, 0, 0))
    more = reference.hidden_shares((edge, 0, 0, 0, 0))
    both = reference.hidden_shares((edge, edge, 0, 0, 0))
    assert less.mean() < more.mean() < both.mean() < 1
    assert np.array_equal(reference.hidden_shares((0, -1, 0, -0.5, 3)), np.zeros((16, 16)))


@given(st.binary(min_size=32, max_size=32))
def test_concentration(value: bytes) -> None:
    (made,) = concentration(np.frombuffer(value, np.uint8)[None])
    assert made == pytest.approx(reference.concentration(value), rel=1e-9)
    assert 1 / 16 <= made <= 1


def test_concentration_of_rank_one_and_of_orthogonal_rows() -> None:
    hadamard = np.array([[1]])
    for _ in range(4):
        hadamard = np.block([[hadamard, hadamard], [hadamard, -hadamard]])
    rows = [np.packbits(signs.ravel() > 0) for signs in (np.ones((16, 16)), hadamard)]
    assert concentration(np.stack(rows)).tolist() == [1.0, 1 / 16]
    assert concentration(np.empty((0, 32), np.uint8)).shape == (0,)
