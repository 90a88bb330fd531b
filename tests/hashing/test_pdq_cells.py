"""PDQ from a scaled decode: near the full picture's hash, in all eight orientations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hashmatch import cpu
from hashmatch.errors import InputError, InputTypeError
from hashmatch.hashing import cell_scale, pdq_cells, pdq_dihedral


def picture(height: int, width: int, seed: int) -> NDArray[np.uint8]:
    """Smooth random grey with detail at many sizes, as photographs have."""
    rng = np.random.default_rng(seed)
    total = np.zeros((height, width))
    for size in (4, 8, 16, 32, 64):
        coarse = rng.normal(size=(size, size))
        rows = np.linspace(0, size - 1, height).round().astype(int)
        columns = np.linspace(0, size - 1, width).round().astype(int)
        total += coarse[rows][:, columns] / size**0.5
    total += rng.normal(size=total.shape) * 0.2
    low, high = total.min(), total.max()
    scaled: NDArray[np.uint8] = ((total - low) / (high - low) * 255).astype(np.uint8)
    return scaled


def means_of_cells(pixels: NDArray[np.uint8], scale: int) -> NDArray[np.uint8]:
    """The obvious way, the last cells from what there is of them."""
    height, width = pixels.shape
    cells = [
        [pixels[y : y + scale, x : x + scale].mean() for x in range(0, width, scale)]
        for y in range(0, height, scale)
    ]
    return np.round(cells).astype(np.uint8)


@pytest.mark.parametrize(
    ("height", "width", "scale"),
    [(1024, 1536, 2), (1031, 1437, 2), (2050, 2051, 4), (4096, 4099, 8)],
)
def test_within_two_bits_of_the_full_picture(height: int, width: int, scale: int) -> None:
    assert cell_scale(width, height) == scale
    full = picture(height, width, seed=height)
    exact, exact_quality = pdq_dihedral(full)
    hashes, quality = pdq_cells(
        means_of_cells(full, scale), full_height=height, full_width=width, scale=scale
    )
    distances = np.unpackbits(exact ^ hashes, axis=1).sum(axis=1)
    assert distances.max() <= 2
    assert abs(quality - exact_quality) <= 1


@given(st.integers(5, 400), st.integers(5, 400), st.integers(0, 2**32))
def test_scale_one_is_the_picture_itself(height: int, width: int, seed: int) -> None:
    full = picture(height, width, seed)
    hashes, _ = pdq_cells(full, full_height=height, full_width=width, scale=1)
    exact, _ = pdq_dihedral(full)
    # Not certified: rounding may decide a coefficient next to the median, which moves two bits.
    assert np.unpackbits(exact ^ hashes, axis=1).sum(axis=1).max() <= 2


def test_same_bits_on_every_instruction_set(isa: str) -> None:
    cells = means_of_cells(picture(1024, 1100, seed=3), 2)
    hashes, quality = pdq_cells(cells, full_height=1024, full_width=1100, scale=2)
    assert quality == 100
    with cpu.using_isa("serial"):
        serial, _ = pdq_cells(cells, full_height=1024, full_width=1100, scale=2)
    assert isa == cpu.active_isa()
    assert (hashes == serial).all()


def test_sizes_that_contradict_are_refused() -> None:
    cells = np.zeros((10, 10), dtype=np.uint8)
    with pytest.raises(InputError, match=r"expected uint8 \(11, 10\), got uint8 \(10, 10\)"):
        pdq_cells(cells, full_height=21, full_width=20, scale=2)
    with pytest.raises(InputError, match="scale: expected 1 or more, got 0"):
        pdq_cells(cells, full_height=20, full_width=20, scale=0)
    with pytest.raises(InputError, match="too small"):
        pdq_cells(cells[:2, :5], full_height=4, full_width=10, scale=2)
    with pytest.raises(InputTypeError, match="expected uint8"):
        pdq_cells(cells.astype(float), full_height=20, full_width=20, scale=2)


def test_scale_by_size() -> None:
    sizes = [(4032, 3024), (512, 512), (1023, 5000), (1024, 1024), (2048, 9000), (4096, 4096)]
    assert [cell_scale(w, h) for w, h in sizes] == [4, 1, 1, 2, 4, 8]
