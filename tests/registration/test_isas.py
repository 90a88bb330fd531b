"""Every instruction set gives the same hashes, placements and weighted distances, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from registration.edits import cropped, texture

from hashmatch import _native, cpu
from hashmatch.fingerprinting import hash_image
from hashmatch.hashing import compact_luma

EFFORT = _native.RegistrationEffort(
    rounds=4, hopeless=(256, 256, 256), step=0.02, turn=1.0, weighing=2, firmness=0.1
)
Answer = tuple[bytes, bytes, bytes, bytes, bytes]

lacking = st.floats(-4, 0.375, width=32)
added = st.floats(-4, 0, width=32)
angles = st.floats(-9, 9, width=32)


def answer(
    compact: NDArray[np.uint8],
    placements: NDArray[np.float32],
    orientation: int,
    extended: bool,
    stored: NDArray[np.uint8],
) -> Answer:
    query = _native.RegistrationQuery(compact, 1.3, (0.0, 0.0, 1.0, 1.0), extended)
    made = query.hashes(placements, orientation)
    orientations = np.full(len(placements), orientation)
    refined = query.refine(stored, placements, orientations, EFFORT)
    numbers, weights, places, found = refined
    return (
        made.tobytes(),
        numbers.tobytes(),
        weights.tobytes(),
        places.tobytes(),
        found.tobytes(),
    )


@settings(max_examples=12)
@given(
    seed=st.integers(0, 2**32),
    edges=st.lists(st.tuples(lacking, lacking, lacking, lacking, angles), min_size=1, max_size=3),
    orientation=st.integers(0, 7),
    kind=st.sampled_from(["texture", "noise", "flat", "step"]),
)
def test_any_placement(
    seed: int, edges: list[tuple[float, ...]], orientation: int, kind: str
) -> None:
    rng = np.random.default_rng(seed)
    if kind == "texture":
        compact = texture(seed, 256, 256)
    elif kind == "noise":
        compact = rng.integers(0, 256, (256, 256), dtype=np.uint8)
    else:
        compact = np.full((256, 256), seed % 256, np.uint8)
        compact[:, 100:] ^= 255 if kind == "step" else 0
    placements = np.array(edges, np.float32)
    stored = rng.integers(0, 256, (len(edges), 32), dtype=np.uint8)
    for extended in (True, False):
        if not extended:
            placements[:, :4] = np.minimum(placements[:, :4], 0)
        with cpu.using_isa("serial"):
            expected = answer(compact, placements, orientation, extended, stored)
        for name in cpu.available_isas():
            with cpu.using_isa(name):
                made = answer(compact, placements, orientation, extended, stored)
                assert made == expected, (name, extended)


def test_many_placements_are_as_one_by_one(isa: str) -> None:
    """What placements share is computed once, and changes nothing."""
    query = _native.RegistrationQuery(texture(4, 256, 256), 1.3, (0.0, 0.0, 1.0, 1.0), True)
    rng = np.random.default_rng(8)
    placements = rng.choice(
        np.array([-0.06, 0.0, 0.07, 0.14], np.float32), (40, 5), replace=True
    ) * np.array([1, 1, 1, 1, 50], np.float32)
    together = query.hashes(placements, 4)
    again = _native.RegistrationQuery(texture(4, 256, 256), 1.3, (0.0, 0.0, 1.0, 1.0), True)
    for row, placement in zip(together, placements, strict=True):
        assert np.array_equal(again.hashes(placement[None], 4)[0], row)


def test_refinement_does_not_depend_on_what_was_asked_before(isa: str) -> None:
    picture = texture(5)
    compact = compact_luma(cropped(picture, 0.06, 0.1, 0.03, 0.08))
    stored = hash_image(picture).hashes["pdq"].value
    rows = np.frombuffer(stored, np.uint8)[None].repeat(3, 0)
    starts = np.array([[0.07, 0.07, 0, 0.07, 0], [0, 0, 0, 0, 2], [0.14] * 4 + [-4]], np.float32)
    numbers = np.array([0, 0, 5])
    made = _native.RegistrationQuery(compact, 1.3, (0.0, 0.0, 1.0, 1.0), True)
    forwards = made.refine(rows, starts, numbers, EFFORT)
    backwards = made.refine(rows[::-1].copy(), starts[::-1].copy(), numbers[::-1].copy(), EFFORT)
    for k in range(len(forwards)):
        assert np.array_equal(forwards[k], backwards[k][::-1])
    assert forwards[0][0, 0] < forwards[0][0, 1]  # it came nearer


@pytest.mark.parametrize(
    "wrong",
    [
        {"placements": np.zeros((1, 4), np.float32)},
        {"placements": np.zeros((1, 5))},
        {"orientation": 8},
        {"orientation": -1},
        {"stored": np.zeros((2, 32), np.uint8)},
        {"stored": np.zeros((1, 31), np.uint8)},
        {"compact": np.zeros((256, 255), np.uint8)},
        {"compact": np.zeros((256, 256))},
    ],
)
def test_wrong_arrays_are_refused(wrong: dict[str, object]) -> None:
    right: dict[str, object] = {
        "compact": texture(4, 256, 256),
        "placements": np.zeros((1, 5), np.float32),
        "orientation": 0,
        "extended": True,
        "stored": np.zeros((1, 32), np.uint8),
    }
    answer(**right)  # type: ignore[arg-type]
    with pytest.raises((ValueError, TypeError)):
        answer(**{**right, **wrong})  # type: ignore[arg-type]
