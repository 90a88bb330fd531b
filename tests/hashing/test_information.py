"""Pictures that say too little have a quality below the floor; photographs do not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from hashmatch.algorithms import ALGORITHMS
from hashmatch.fingerprinting import FingerprintStatus, hash_image
from hashmatch.hashing import hash_pixels

Pixels = NDArray[np.uint8]
FIRM = sorted(n for n, row in ALGORITHMS.items() if row.computed and not n.startswith("pdq"))
every_hash = pytest.mark.parametrize("name", FIRM)


def paper(height: int = 300, width: int = 400, value: int = 255) -> Pixels:
    return np.full((height, width, 3), value, np.uint8)


def bordered(thickness: int, ink: int, ground: int, height: int = 300, width: int = 400) -> Pixels:
    picture = paper(height, width, ink)
    picture[thickness:-thickness, thickness:-thickness] = ground
    return picture


def with_object(value: int, share: float) -> Pixels:
    picture = paper()
    down, right = int(300 * share**0.5), int(400 * share**0.5)
    picture[40 : 40 + down, 60 : 60 + right] = value
    return picture


def with_line() -> Pixels:
    picture = paper()
    picture[150:152] = 0
    return picture


EMPTY: dict[str, Pixels] = {
    "white": paper(),
    "black": paper(value=0),
    "blue": paper() * np.array([0, 0, 1], np.uint8),
    "grey": np.full((300, 400), 127, np.uint8),
    "white, a block's size": paper(16, 16),
    "1-px border": bordered(1, 0, 255),
    "1-px border, small": bordered(1, 0, 255, 100, 120),
    "1-px border, white on black": bordered(1, 255, 0),
    "5-px border": bordered(5, 0, 255),
    "a line": with_line(),
}


@every_hash
@pytest.mark.parametrize("case", sorted(EMPTY))
def test_empty_pictures(case: str, name: str) -> None:
    assert hash_pixels(name, EMPTY[case])[1] < 50


@pytest.mark.parametrize("share", [0.05, 0.1, 0.2])
@pytest.mark.parametrize("value", [200, 230, 245])
@pytest.mark.parametrize("name", ["ahash", "blockhash", "blockhash-precise", "dhash", "whash"])
def test_a_bright_object_on_white(name: str, value: int, share: float) -> None:
    """Hashes of pixels and blocks see white paper; phash's frequencies see the object."""
    assert hash_pixels(name, with_object(value, share))[1] < 50


@every_hash
def test_photographs_say_enough(name: str, corpus: Path) -> None:
    paths = [
        p
        for part in ("photos", "kodak", "cc0")
        for p in sorted((corpus / part).glob("*.[jp][pn]g"))
    ]
    assert len(paths) >= 229
    low = []
    for path in paths:
        with Image.open(path) as picture:
            quality = hash_pixels(name, np.asarray(picture.convert("RGB")))[1]
        if quality < 50:
            low.append((path.name, quality))
    assert low == []


def test_a_fingerprint_is_never_low_in_silence() -> None:
    names = ("pdq", *FIRM)
    for case, pixels in EMPTY.items():
        found = hash_image(pixels, algorithms=names)
        assert found.status is FingerprintStatus.LOW_INFORMATION, case
        assert set(found.hashes) == set(names)
        assert found.reason is not None
        for name in FIRM:
            assert f"{name} quality {found.hashes[name].quality} is below 50" in found.reason


def test_a_picture_too_small_for_some() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (12, 40, 3), dtype=np.uint8)
    found = hash_image(pixels, algorithms=("pdq", "blockhash", "dhash"), dihedral=True)
    assert found.status is FingerprintStatus.TOO_SMALL
    assert found.reason == "40 x 12: a side below 16 pixels, which blockhash needs"
    assert set(found.hashes) == set(found.dihedral) == {"pdq", "dhash"}
    assert all(len(rows) == 8 for rows in found.dihedral.values())
    assert found.hashes["dhash"] == found.dihedral["dhash"][0]


def test_hashes_of_different_algorithms_never_compare() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (60, 40, 3), dtype=np.uint8)
    found = hash_image(pixels, algorithms=("pdq", "pdq-cpp")).hashes
    assert found["pdq"].value == found["pdq-cpp"].value  # below 512 pixels there is no stretch
    with pytest.raises(ValueError, match="different algorithms never compare"):
        found["pdq"].distance(found["pdq-cpp"])
