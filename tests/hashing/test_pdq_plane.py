"""Frames hashed from a decoder's planes: padded rows, limited range, turned for showing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pictures import photograph
from reference import pictures

from hashmatch import cpu
from hashmatch.errors import InputError, InputTypeError
from hashmatch.hashing import (
    ORIENTATIONS,
    pdq,
    pdq_dihedral,
    pdq_feature,
    pdq_plane,
    pdq_plane_dihedral,
    turned_pixels,
)

Pixels = NDArray[np.uint8]
sizes = st.integers(5, 300)


def padded(pixels: Pixels, by: int, seed: int = 0) -> Pixels:
    """The same picture in rows that go on with noise; no byte behind the last sample."""
    height, width = pixels.shape[:2]
    row = width * (1 if pixels.ndim == 2 else 3)
    noise = np.random.default_rng(seed).integers(0, 256, (height - 1) * (row + by) + row)
    strides = (row + by, 1) if pixels.ndim == 2 else (row + by, 3, 1)
    view = np.lib.stride_tricks.as_strided(noise.astype(np.uint8), pixels.shape, strides)
    view[...] = pixels
    return view


def limited(full: Pixels) -> Pixels:
    return np.round(full.astype(np.float64) * 219 / 255 + 16).astype(np.uint8)


def as_rgb_luma(plane: Pixels) -> Pixels:
    """What conversion to RGB makes of limited grey: stretched, rounded and clipped."""
    stretched = np.round((plane.astype(np.float64) - 16) * 255 / 219)
    return np.clip(stretched, 0, 255).astype(np.uint8)


def bits_apart(a: Pixels, b: Pixels) -> int:
    return int(np.bitwise_count(a ^ b).sum())


@settings(max_examples=60)
@given(
    st.sampled_from(sorted(pictures.KINDS)),
    sizes,
    sizes,
    st.booleans(),
    st.booleans(),
    st.integers(0, 70),
    st.integers(0, 2**32),
)
def test_any_plane_is_the_same_on_every_isa_and_padded(
    kind: str, height: int, width: int, colour: bool, full: bool, by: int, seed: int
) -> None:
    pixels = pictures.make(kind, height, width, seed, colour=colour)
    apart = padded(pixels, by, seed % 1000)
    with cpu.using_isa("serial"):
        expected = pdq_plane_dihedral(pixels, full_range=full)
        alone = pdq_plane(pixels, full_range=full)
    for name in cpu.available_isas():
        with cpu.using_isa(name):
            for given_pixels in (pixels, apart):
                values, quality = pdq_plane_dihedral(given_pixels, full_range=full)
                assert (values == expected[0]).all()
                assert quality == expected[1]
                value, quality = pdq_plane(given_pixels, full_range=full)
                assert (value == expected[0][0]).all()
                assert quality == expected[1] == alone[1]


@pytest.mark.parametrize("shape", [(480, 640), (1080, 608), (65, 64), (64, 64), (127, 128)])
def test_full_range_is_pdq_within_two_bits(shape: tuple[int, int]) -> None:
    worst = 0
    for seed in range(12):
        pixels = photograph(seed, *shape)
        for given_pixels in (pixels, np.ascontiguousarray(pixels[..., 1])):
            value, quality = pdq_plane(given_pixels)
            expected, expected_quality = pdq(given_pixels)
            worst = max(worst, bits_apart(value, expected))
            assert abs(quality - expected_quality) <= 1
            rows, _ = pdq_plane_dihedral(given_pixels)
            turned, _ = pdq_dihedral(given_pixels)
            worst = max(worst, *(bits_apart(a, b) for a, b in zip(rows, turned, strict=True)))
    assert worst <= 2


def test_limited_range_is_the_way_over_rgb_within_two_bits_on_average() -> None:
    distances, gaps = [], []
    for seed in range(40):
        plane = limited(np.ascontiguousarray(photograph(seed, 360, 480)[..., 1]))
        value, quality = pdq_plane(plane, full_range=False)
        expected, expected_quality = pdq(as_rgb_luma(plane))
        distances.append(bits_apart(value, expected))
        gaps.append(abs(quality - expected_quality))
    assert np.mean(distances) <= 1
    assert np.mean(gaps) <= 1


def test_what_is_beyond_limited_range_is_clipped() -> None:
    """A camera that writes the full range under a limited label: RGB clips it, and so must we."""
    distances, unclipped = [], []
    for seed in range(20):
        plane = np.ascontiguousarray(photograph(seed, 240, 320)[..., 1])
        plane = np.clip((plane.astype(np.int64) - 128) * 3 + 128, 0, 255).astype(np.uint8)
        assert plane.min() < 16
        assert plane.max() > 235
        value, _ = pdq_plane(plane, full_range=False)
        distances.append(bits_apart(value, pdq(as_rgb_luma(plane))[0]))
        unclipped.append(bits_apart(pdq_plane(plane)[0], pdq(as_rgb_luma(plane))[0]))
    assert np.mean(distances) <= 1
    assert np.mean(unclipped) > 2  # else this test would show nothing


@pytest.mark.parametrize("number", range(8))
@pytest.mark.parametrize("shape", [(90, 160), (64, 64)])
def test_an_orientation_is_the_turned_frame(number: int, shape: tuple[int, int]) -> None:
    pixels = photograph(3, *shape)
    shown = np.ascontiguousarray(turned_pixels(pixels)[number])
    name = ORIENTATIONS[number]
    value, quality = pdq_plane(pixels, orientation=name)
    expected, expected_quality = pdq_plane(shown)
    assert bits_apart(value, expected) <= 2
    assert abs(quality - expected_quality) <= 1
    rows, rows_quality = pdq_plane_dihedral(pixels, orientation=name)
    assert (rows[0] == value).all()
    assert rows_quality == quality
    for row, of_shown in zip(rows, pdq_plane_dihedral(shown)[0], strict=True):
        assert bits_apart(row, of_shown) <= 2


def test_quality_of_limited_range_is_of_the_stretched_picture() -> None:
    plane = np.ascontiguousarray(photograph(5, 120, 160)[..., 1])
    faint = (plane // 6 + 100).astype(np.uint8)
    as_full, as_limited = pdq_plane(faint)[1], pdq_plane(faint, full_range=False)[1]
    assert as_full < as_limited
    assert abs(as_limited - pdq(as_rgb_luma(faint))[1]) <= 1


def test_views_that_no_decoder_gives_are_copied() -> None:
    pixels = photograph(7, 80, 120)
    for view in (pixels[::-1], pixels[:, ::2], pixels[..., ::-1], pixels.swapaxes(0, 1)):
        assert (pdq_plane(view)[0] == pdq_plane(np.ascontiguousarray(view))[0]).all()


def test_the_feature_holds_the_bits() -> None:
    pixels = photograph(11, 64, 64)
    feature = pdq_feature(pixels)
    assert feature.dtype == np.float32
    assert feature.shape == (256,)
    bits = feature > np.sort(feature)[127]
    assert (np.packbits(bits, bitorder="little")[::-1] == pdq(pixels)[0]).all()


@pytest.mark.parametrize(
    ("pixels", "error"),
    [
        (np.zeros((4, 9), np.uint8), InputError),
        (np.zeros((9, 4, 3), np.uint8), InputError),
        (np.zeros((9, 9, 4), np.uint8), InputError),
        (np.zeros((9, 9), np.uint16), InputTypeError),
    ],
)
def test_what_is_no_frame(pixels: Pixels, error: type[Exception]) -> None:
    for function in (pdq_plane, pdq_plane_dihedral, pdq_feature):
        with pytest.raises(error, match="pixels"):
            function(pixels)


def test_an_orientation_that_is_none() -> None:
    with pytest.raises(InputError, match="orientation: expected one of original"):
        pdq_plane(np.zeros((9, 9), np.uint8), orientation="90")
