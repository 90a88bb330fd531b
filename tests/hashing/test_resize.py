"""Luma and resize against Pillow, byte for byte, on every instruction set."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from reference import pictures

from hashmatch import _native, cpu

Pixels = NDArray[np.uint8]


def pillow(pixels: Pixels, height: int, width: int) -> Pixels:
    luma = Image.fromarray(pixels).convert("L")
    return np.asarray(luma.resize((width, height), Image.Resampling.LANCZOS))


def assert_equal(pixels: Pixels, height: int, width: int) -> None:
    expected = pillow(pixels, height, width)
    for name in cpu.available_isas():
        with cpu.using_isa(name):
            found = _native.reduced_luma(pixels, height, width)
            assert found.shape == (height, width)
            assert np.array_equal(found, expected), (name, pixels.shape, height, width)


sides = st.integers(1, 300)
targets = st.integers(1, 200) | st.sampled_from([8, 9, 32, 64])


@settings(max_examples=150)
@given(
    st.sampled_from(sorted(pictures.KINDS)),
    sides,
    sides,
    targets,
    targets,
    st.booleans(),
    st.integers(0, 2**32),
)
def test_any_size_to_any_size(
    kind: str, height: int, width: int, to_height: int, to_width: int, colour: bool, seed: int
) -> None:
    assert_equal(pictures.make(kind, height, width, seed, colour=colour), to_height, to_width)


@pytest.mark.parametrize("colour", [False, True])
def test_hardest_contrast(colour: bool) -> None:
    """Black and white noise overshoots at both ends: clipping in each pass."""
    rng = np.random.default_rng(1)
    for height, width in [(1, 1), (1, 40), (40, 1), (7, 9), (129, 64), (300, 31), (31, 300)]:
        shape = (height, width, 3) if colour else (height, width)
        pixels = rng.integers(0, 2, shape, dtype=np.uint8) * 255
        for to_height, to_width in [(8, 8), (8, 9), (32, 32), (64, 64), (256, 256), (1, 1)]:
            assert_equal(pixels, to_height, to_width)


def test_luma_of_every_kind_of_colour() -> None:
    """All of 52 values on each channel, and every length of a row that a vector step may cut."""
    steps = np.arange(0, 256, 5, dtype=np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(52, -1, 3)
    assert_equal(np.ascontiguousarray(cube), 52, cube.shape[1])
    for width in range(1, 80):
        assert_equal(pictures.make("noise", 2, width, width), 2, width)


@pytest.mark.parametrize(
    ("height", "width"), [(20000, 3), (3, 20000), (6000, 100), (100, 6000), (2, 9000)]
)
def test_long_axes(height: int, width: int) -> None:
    """Windows of thousands of samples: sums of 16-bit halves may wrap on the way."""
    assert_equal(pictures.make("noise", height, width, 1), 8, 8)
    assert_equal(np.full((height, width), 255, np.uint8), 32, 32)


@pytest.mark.parametrize("width", [9, 10, 12, 16, 24, 40, 80, 160])
@pytest.mark.parametrize("side", [8, 32])
def test_the_order_of_the_passes(side: int, width: int) -> None:
    """Just below, at and above the height from which on Pillow takes the vertical pass first."""
    turning = side + 2 * (width * side // 8 - side)
    rng = np.random.default_rng(2)
    for height in range(turning - 1, turning + 4):
        pixels = rng.integers(0, 2, (height, width * side // 8), dtype=np.uint8) * 255
        assert_equal(pixels, side, side)
        assert_equal(pixels, side, side + 1)
