"""Row k of the dihedral hashes is the hash of the really re-oriented picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pdqhash
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from reference import pictures

from hashmatch import cpu
from hashmatch.hashing import ORIENTATIONS, pdq, pdq_dihedral

Pixels = NDArray[np.uint8]

TURNS: dict[str, Callable[[Pixels], Pixels]] = {
    "original": lambda a: a,
    "rotate90": lambda a: np.rot90(a, 1),
    "rotate180": lambda a: np.rot90(a, 2),
    "rotate270": lambda a: np.rot90(a, 3),
    "flip_x": lambda a: a[::-1],
    "flip_y": lambda a: a[:, ::-1],
    "flip_plus1": lambda a: a.swapaxes(0, 1),
    "flip_minus1": lambda a: np.rot90(a, 2).swapaxes(0, 1),
}


def turned(pixels: Pixels) -> list[Pixels]:
    return [np.ascontiguousarray(TURNS[name](pixels)) for name in ORIENTATIONS]


def test_order_is_pdqs_own() -> None:
    assert tuple(TURNS) == ORIENTATIONS


def test_photographs_equal_pdqhash_of_the_turned_pictures(corpus: Path, isa: str) -> None:
    paths = sorted((corpus / "photos").glob("*.jpg"))[:50]
    assert len(paths) == 50
    for path in paths:
        with Image.open(path) as picture:
            pixels = np.asarray(picture.convert("RGB"))
        hashes, quality = pdq_dihedral(pixels)
        assert hashes.shape == (8, 32)
        expected = [pdqhash.compute(turn) for turn in turned(pixels)]
        for row, (vector, _) in zip(hashes, expected, strict=True):
            assert row.tobytes() == np.packbits(vector).tobytes(), path.name
        assert quality == expected[0][1]
    assert cpu.active_isa() == isa


sizes = st.integers(5, 300) | st.sampled_from([64, 128])


@settings(max_examples=100)
@given(st.sampled_from(sorted(pictures.KINDS)), sizes, sizes, st.booleans(), st.integers(0, 2**32))
def test_any_picture(kind: str, height: int, width: int, colour: bool, seed: int) -> None:
    pixels = pictures.make(kind, height, width, seed, colour=colour)
    for name in cpu.available_isas():
        with cpu.using_isa(name):
            hashes, quality = pdq_dihedral(pixels)
            expected = [pdq(turn) for turn in turned(pixels)]
            assert quality == expected[0][1]
            for row, (value, _) in zip(hashes, expected, strict=True):
                assert row.tobytes() == value.tobytes(), name


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("kind", sorted(pictures.KINDS))
def test_unfiltered_64_by_64(kind: str, colour: bool) -> None:
    pixels = pictures.make(kind, 64, 64, 3, colour=colour)
    hashes, quality = pdq_dihedral(pixels)
    expected = [pdq(turn) for turn in turned(pixels)]
    assert [row.tobytes() for row in hashes] == [value.tobytes() for value, _ in expected]
    assert quality == expected[0][1]
