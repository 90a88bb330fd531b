"""What every box keeps, whatever the picture; and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from framed_pictures import Luma
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import photograph

from hashmatch.errors import InputError, InputTypeError
from hashmatch.hashing import Box, pictures, trims

Shape = tuple[int, int]


def flat(shape: Shape) -> Luma:
    return np.full(shape, 128, dtype=np.uint8)


def stripes(shape: Shape) -> Luma:
    return np.broadcast_to(np.arange(shape[1]) % 2 * 255, shape).astype(np.uint8)


def checkerboard(shape: Shape) -> Luma:
    cells: Luma = (np.indices(shape).sum(axis=0) % 2 * 255).astype(np.uint8)
    return cells


def squares(shape: Shape) -> Luma:
    cells: Luma = ((np.indices(shape) // 24).sum(axis=0) % 2 * 255).astype(np.uint8)
    return cells


def gradient(shape: Shape) -> Luma:
    return np.broadcast_to(np.linspace(0, 255, shape[1]), shape).astype(np.uint8)


def noise(shape: Shape) -> Luma:
    return np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)


def one_dot(shape: Shape) -> Luma:
    luma = np.zeros(shape, dtype=np.uint8)
    luma[shape[0] // 2, shape[1] // 2] = 255
    return luma


PATTERNS: list[Callable[[Shape], Luma]] = [
    flat,
    stripes,
    checkerboard,
    squares,
    gradient,
    noise,
    one_dot,
]
SHAPES = [(16, 16), (17, 640), (48, 31), (400, 300), (16, 20_000), (20_000, 16), (3000, 40)]


def checked(luma: Luma) -> tuple[list[Box], list[Box]]:
    """The boxes, which keep what is promised."""
    height, width = luma.shape
    trimmed, found = trims(luma), pictures(luma)
    assert len(trimmed) <= 4
    assert len(found) <= 12
    for box in (*trimmed, *found):
        assert 0 <= box.left <= box.right - 16 <= width - 16
        assert 0 <= box.top <= box.bottom - 16 <= height - 16
        assert (box.right - box.left, box.bottom - box.top) != (width, height)
    assert {box.kind for box in trimmed} <= {"border", "bar"}
    assert {box.kind for box in found} <= {"picture"}
    assert len(set(trimmed)) == len(trimmed)
    assert all(overlap(*pair) < 0.85 for pair in combinations(found, 2))
    assert all(overlap(one, other) < 0.96 for one in found for other in trimmed)
    return trimmed, found


def overlap(one: Box, other: Box) -> float:
    """Intersection over union, of pixels really set."""
    planes = np.zeros(
        (2, max(one.bottom, other.bottom), max(one.right, other.right)), dtype=np.bool_
    )
    for plane, box in zip(planes, (one, other), strict=True):
        plane[box.top : box.bottom, box.left : box.right] = True
    return float((planes[0] & planes[1]).sum() / (planes[0] | planes[1]).sum())


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("pattern", PATTERNS)
def test_patterns(pattern: Callable[[Shape], Luma], shape: Shape) -> None:
    checked(pattern(shape))
    checked(pattern(shape[::-1]).T)


@given(
    st.integers(4, 90),
    st.integers(4, 90),
    st.integers(0, 2**20),
    st.integers(1, 40),
    st.integers(0, 30),
)
@settings(max_examples=80)
def test_small_pictures_of_blocks(
    height: int, width: int, seed: int, block: int, frame: int
) -> None:
    """Also with a frame, in which less than the smallest box may be left."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (-(-height // block), -(-width // block)), dtype=np.uint8)
    blocks = np.kron(coarse, np.ones((block, block), dtype=np.uint8))[:height, :width]
    checked(np.pad(blocks, frame, constant_values=seed % 256))


def test_flat_pictures_have_no_boxes() -> None:
    assert checked(flat((300, 400))) == ([], [])


@pytest.mark.parametrize("shape", [(0, 0), (1, 1), (15, 400), (400, 15)])
def test_smaller_pictures_have_no_boxes(shape: Shape) -> None:
    luma = noise(shape)
    assert trims(luma) == []
    assert pictures(luma) == []


def test_strides_do_not_matter_and_nothing_is_changed() -> None:
    luma = np.pad(photograph(1)[..., 0], 20)
    before = luma.copy()
    spread = np.zeros((luma.shape[0] * 2, luma.shape[1] * 3), dtype=np.uint8)
    spread[::2, ::3] = luma
    strided = spread[::2, ::3]
    assert (trims(strided), pictures(strided)) == (trims(luma), pictures(luma))
    assert (luma == before).all()


def test_fewer_are_the_first_ones() -> None:
    luma = np.full((500, 600), 255, dtype=np.uint8)
    luma[130:370, 40:360] = photograph(2)[..., 0]
    luma[:60] = 0
    for find in (trims, pictures):
        every = find(luma)
        assert every
        assert find(luma, 1) == every[:1]
        assert find(luma, 0) == []


@pytest.mark.parametrize("find", [trims, pictures])
@pytest.mark.parametrize(
    ("luma", "error", "message"),
    [
        ([[1, 2]], InputTypeError, r"luma: expected uint8 \(h, w\), got list"),
        (np.zeros((20, 20)), InputTypeError, r"expected uint8 \(h, w\), got float64"),
        (np.zeros((20, 20, 3), np.uint8), InputError, r"got uint8 \(20, 20, 3\)"),
    ],
)
def test_other_input_is_refused(
    find: Callable[[Any], list[Box]], luma: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        find(luma)


def test_a_negative_number_of_boxes_is_refused() -> None:
    with pytest.raises(InputError, match="most: expected 0 or more, got -1"):
        trims(flat((20, 20)), -1)
