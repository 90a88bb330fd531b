"""ahash, dhash, phash, phash256 and whash against imagehash itself, hex for hex."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imagehash
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from reference import pictures

from hashmatch import cpu
from hashmatch.hashing import hash_pixels

Pixels = NDArray[np.uint8]

PEERS: dict[str, Callable[[Image.Image], Any]] = {
    "ahash": imagehash.average_hash,
    "dhash": imagehash.dhash,
    "phash": imagehash.phash,
    "phash256": lambda image: imagehash.phash(image, hash_size=16, highfreq_factor=4),
    "whash": imagehash.whash,
}
COLUMNS = {
    "ahash": "average_hash",
    "dhash": "dhash",
    "phash": "phash",
    "phash256": "phash_16",
    "whash": "whash_haar",
}
every_hash = pytest.mark.parametrize("name", sorted(PEERS))


def ours(name: str, pixels: Pixels) -> str:
    return hash_pixels(name, pixels)[0].tobytes().hex()


def assert_equal(name: str, pixels: Pixels) -> None:
    expected = str(PEERS[name](Image.fromarray(pixels)))
    for isa in cpu.available_isas():
        with cpu.using_isa(isa):
            assert ours(name, pixels) == expected, (isa, pixels.shape)


def mirrored(pixels: Pixels, axes: tuple[int, ...]) -> Pixels:
    for axis in axes:
        pixels = np.concatenate([pixels, np.flip(pixels, axis)], axis)
    return np.ascontiguousarray(pixels)


@every_hash
def test_corpus(name: str, corpus: Path, isa: str) -> None:
    with (corpus / "imagehash_reference.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 126
    wrong = []
    for row in rows:
        with Image.open(corpus / row["path"]) as picture:
            colour, grey = np.asarray(picture.convert("RGB")), np.asarray(picture.convert("L"))
        found = (ours(name, colour), ours(name, grey))
        if found != (row[COLUMNS[name]],) * 2:
            wrong.append((row["path"], *found))
    assert wrong == []
    assert cpu.active_isa() == isa


@every_hash
def test_every_photograph_and_its_turns(name: str, corpus: Path) -> None:
    """More than twice as tall as wide too, where Pillow changes the order of its passes."""
    paths = sorted((corpus / "photos").glob("*.jpg"))
    assert len(paths) >= 100
    for i, path in enumerate(paths):
        with Image.open(path) as picture:
            pixels = np.asarray(picture.convert("RGB"))
        for seen in (pixels, np.rot90(pixels), pixels[:, i % 100 : i % 100 + 120]):
            assert_equal(name, np.ascontiguousarray(seen))


sides = st.integers(1, 260) | st.sampled_from([1, 2, 7, 8, 9, 31, 32, 33, 64, 127, 128, 129, 256])
kinds = st.sampled_from(sorted(pictures.KINDS))


@every_hash
@settings(max_examples=80)
@given(kinds, sides, sides, st.booleans(), st.integers(0, 2**32))
def test_any_picture(
    name: str, kind: str, height: int, width: int, colour: bool, seed: int
) -> None:
    assert_equal(name, pictures.make(kind, height, width, seed, colour=colour))


@every_hash
@settings(max_examples=60)
@given(
    kinds,
    st.integers(1, 130),
    st.integers(1, 130),
    st.sampled_from([(0,), (1,), (0, 1)]),
    st.integers(0, 2**32),
)
def test_mirrored_pictures(
    name: str, kind: str, height: int, width: int, axes: tuple[int, ...], seed: int
) -> None:
    """Half the frequencies are zero but for rounding, and the median lies among them."""
    assert_equal(name, mirrored(pictures.make(kind, height, width, seed, colour=False), axes))


def solids() -> list[Pixels]:
    made = [
        np.full((h, w), v, np.uint8)
        for h, w in [(8, 8), (41, 30), (300, 400)]
        for v in range(0, 256, 15)
    ]
    colours = [(0, 0, 255), (255, 0, 0), (12, 200, 77)]
    return made + [np.full((64, 90, 3), colour, np.uint8) for colour in colours]


@every_hash
def test_solids(name: str) -> None:
    """Every value ties with the median or the mean, and only rounding is left."""
    for pixels in solids():
        assert_equal(name, pixels)


@every_hash
@pytest.mark.parametrize("share", [0.02, 0.3, 0.5, 0.7])
@pytest.mark.parametrize("paper", [0, 255])
def test_flat_pictures_with_something_on_them(name: str, share: float, paper: int) -> None:
    for height, width in [(16, 16), (64, 64), (100, 130), (256, 300), (513, 700)]:
        for value in (0, 90, 200, 254, 255):
            pixels = np.full((height, width), paper, np.uint8)
            down, right = int(height * share**0.5) + 1, int(width * share**0.5) + 1
            pixels[height // 9 : height // 9 + down, width // 7 : width // 7 + right] = value
            assert_equal(name, pixels)


@every_hash
@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 3000), (3000, 1), (4, 9), (9, 4), (2, 2), (7, 500), (1, 1, 3), (3, 2, 3)]
)
def test_tiny_and_thin_pictures_have_imagehashs_hash(name: str, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(3)
    assert_equal(name, rng.integers(0, 256, shape, dtype=np.uint8))


@every_hash
def test_pictures_of_a_camera(name: str) -> None:
    """Reductions by hundreds; whash at its scale of 1024 and 2048."""
    for height, width, seed in [(1500, 2000, 1), (3000, 2100, 2), (2049, 4097, 3)]:
        pixels = pictures.make("smooth", height, width, seed)
        grain = np.random.default_rng(seed).integers(0, 9, pixels.shape, dtype=np.uint8)
        assert_equal(name, pixels // 2 + grain)


def test_phash_is_scipys_dct_to_the_last_bit_where_coefficients_vanish() -> None:
    """Two columns: each row is a step, whose even frequencies are zero but for rounding."""
    rng = np.random.default_rng(4)
    for height in (2, 3, 8, 64, 216, 302):
        for _ in range(20):
            pixels = rng.integers(0, 256, (height, 2), dtype=np.uint8)
            assert_equal("phash", pixels)
            assert_equal("phash256", pixels)
