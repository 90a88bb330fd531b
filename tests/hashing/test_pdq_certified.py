"""A certified hash is the reference's own; what rounding could decide is not certified."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from reference import crafted, pictures
from reference import pdq as reference

from hashmatch import _native, cpu

SEED = 20261125


def seeded_pictures(count: int) -> list[NDArray[np.uint8]]:
    rng = np.random.default_rng(SEED)
    kinds = sorted(pictures.KINDS)
    made = []
    for i in range(count):
        height, width = (int(side) for side in rng.integers(5, 260, 2))
        colour = bool(rng.integers(0, 2))
        made.append(pictures.make(kinds[i % len(kinds)], height, width, SEED + i, colour=colour))
    return made


def test_certified_hashes_equal_the_reference_path(isa: str) -> None:
    outcomes = {True: 0, False: 0}
    for pixels in seeded_pictures(700):
        value, quality, certified = _native.pdq(pixels)
        expected, expected_quality, claims = _native.pdq_reference(pixels)
        assert not claims
        assert (value.tobytes(), quality) == (expected.tobytes(), expected_quality)
        outcomes[certified] += 1
    assert min(outcomes.values()) >= 100, outcomes
    assert cpu.active_isa() == isa


def test_certified_dihedral_rows_are_counted() -> None:
    counts = {_native.pdq_dihedral(pixels)[2] for pixels in seeded_pictures(140)}
    assert {0, 8} <= counts <= set(range(9))


@pytest.mark.parametrize("side", [5, 63, 65, 128, 200, 513])
def test_solids_are_never_certified(side: int, isa: str) -> None:
    """All coefficients are rounding noise, and only the reference's own operations give it."""
    for grey in range(0, 256, 5):
        assert not _native.pdq(np.full((side, side + 1), grey, np.uint8))[2]
    for seed in range(20):
        assert not _native.pdq(pictures.make("solid", side, side + 1, seed))[2]
    assert cpu.active_isa() == isa


def test_unfiltered_pictures_are_the_references() -> None:
    assert not _native.pdq(pictures.make("noise", 64, 64, 1))[2]


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("kind", sorted(pictures.KINDS))
def test_reference_path_is_the_obvious_version_to_the_last_bit(kind: str, colour: bool) -> None:
    for height, width in [(5, 5), (64, 64), (64, 65), (128, 129), (130, 257), (300, 200)]:
        pixels = pictures.make(kind, height, width, 5, colour=colour)
        small = _native.pdq_small(pixels, reference=True)
        assert small.tobytes() == np.ascontiguousarray(reference.pdq(pixels).small).tobytes()


@pytest.mark.parametrize("kind", sorted(set(pictures.KINDS) - {"tiled"}))
def test_paths_stay_within_the_measured_rounding(kind: str) -> None:
    for seed in range(10):
        pixels = pictures.make(kind, 200 + 31 * seed, 700 - 41 * seed, seed)
        bands = _native.pdq_small(pixels, reference=False)
        small = _native.pdq_small(pixels, reference=True)
        assert np.abs(bands - small).max() < 0.004


def test_pixels_chosen_against_the_rounding_cost_two_bits_at_most() -> None:
    """The tolerances are measured, not proven: here the paths lie further apart than in any
    photograph, and a certified hash may differ from the reference's. It stays a match."""
    rng = np.random.default_rng(SEED)
    furthest = 0.0
    for _ in range(2):
        flat = crafted.drifting(768, 2048, rng)
        for amplitude in (2, 4, 8, 12):
            pixels = crafted.structured(flat, rng, amplitude)
            value, quality, _ = _native.pdq(pixels)
            expected, expected_quality, _ = _native.pdq_reference(pixels)
            assert int(np.unpackbits(value ^ expected).sum()) <= 2
            assert abs(quality - expected_quality) <= 1
        bands = _native.pdq_small(pixels, reference=False)
        furthest = max(furthest, np.abs(bands - _native.pdq_small(pixels, reference=True)).max())
    assert furthest > 0.004


def test_large_pictures_without_information_keep_the_bands_bits() -> None:
    """Their hash is noise in the reference too; it is flagged by the quality and never matched."""
    flat = np.full((1100, 1000, 3), (201, 203, 251), dtype=np.uint8)
    value, quality, certified = _native.pdq(flat)
    assert (quality, certified) == (0, False)
    rows, row_quality, n_certified = _native.pdq_dihedral(flat)
    assert (row_quality, n_certified) == (0, 0)
    assert rows[0].tobytes() == value.tobytes()
    # One row fewer than a megapixel: the reference's bits.
    small = flat[:1048]
    exact, _, _ = _native.pdq_reference(np.ascontiguousarray(small))
    assert _native.pdq(np.ascontiguousarray(small))[0].tobytes() == exact.tobytes()
