"""Every instruction set gives what serial gives, bit for bit: reduced picture, hash, quality."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from reference import pictures

from hashmatch import _native, cpu

Outcome = tuple[bytes, bytes, int, bool, bytes, int, int]


def everything(pixels: NDArray[np.uint8]) -> Outcome:
    small = _native.pdq_small(pixels, reference=False)
    value, quality, certified = _native.pdq(pixels)
    rows, rows_quality, rows_certified = _native.pdq_dihedral(pixels)
    return (
        small.tobytes(),
        value.tobytes(),
        quality,
        certified,
        rows.tobytes(),
        rows_quality,
        rows_certified,
    )


def assert_isas_agree(pixels: NDArray[np.uint8]) -> None:
    with cpu.using_isa("serial"):
        expected = everything(pixels)
    for name in cpu.available_isas():
        with cpu.using_isa(name):
            assert cpu.active_isa() == name
            assert everything(pixels) == expected, (name, pixels.shape)


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("axis", ["width", "height"])
def test_every_length_of_an_axis(axis: str, colour: bool) -> None:
    """Every vector tail and every band edge from 5 to 700."""
    for length in range(5, 701):
        shape = (length, 9) if axis == "height" else (9, length)
        assert_isas_agree(pictures.make("noise", *shape, length, colour=colour))


sizes = st.integers(5, 700)


@settings(max_examples=80)
@given(st.sampled_from(sorted(pictures.KINDS)), sizes, sizes, st.booleans(), st.integers(0, 2**32))
def test_any_picture(kind: str, height: int, width: int, colour: bool, seed: int) -> None:
    assert_isas_agree(pictures.make(kind, height, width, seed, colour=colour))


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize(
    ("height", "width"),
    [
        (5, 3000),
        (3000, 5),
        (9000, 40),  # window 71: weights over 64, which AVX2 takes in two halves
        (40, 9000),
        (16256, 6),  # window 127: the largest weight of whole bands
        (16300, 6),  # window 128: no whole bands
        (17000, 5),
        (5, 17000),
        (700, 1500),  # rows longer than the kernels' column blocks
    ],
)
@pytest.mark.parametrize("kind", ["noise", "blocks"])
def test_long_axes(kind: str, height: int, width: int, colour: bool) -> None:
    assert_isas_agree(pictures.make(kind, height, width, 11, colour=colour))


@pytest.mark.parametrize("colour", [False, True])
def test_largest_sums_do_not_overflow(colour: bool, isa: str) -> None:
    """White under the largest weights: 127 * 127 * 255 a column."""
    for height in (8192, 8193, 16256):
        shape = (height, 5, 3) if colour else (height, 5)
        small = _native.pdq_small(np.full(shape, 255, np.uint8), reference=False)
        assert np.allclose(small, 255, rtol=1e-6, atol=0)
    assert cpu.active_isa() == isa
