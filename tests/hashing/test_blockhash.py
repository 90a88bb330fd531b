"""blockhash, quick and precise, against blockhash-python's own vectors and a slow version."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from reference import blockhash as reference
from reference import pictures

from hashmatch import cpu
from hashmatch.hashing import blockhash, blockhash_precise

Pixels = NDArray[np.uint8]


def read(path: Path) -> Pixels:
    """As blockhash-python sees it: hidden colours under full transparency count as white."""
    with Image.open(path) as picture:
        if picture.mode in ("RGBA", "LA"):
            layers = np.asarray(picture.convert("RGBA"))
            return np.where(layers[:, :, 3:] == 0, np.uint8(255), layers[:, :, :3])
        return np.asarray(picture.convert("RGB"))


@pytest.mark.parametrize(("method", "precise"), [("1", False), ("2", True)])
def test_published_vectors(corpus: Path, method: str, precise: bool, isa: str) -> None:
    folder = corpus / "vectors" / "blockhash"
    expected = sorted(folder.glob(f"*_16_{method}.txt"))
    assert len(expected) == 17
    for path in expected:
        name = path.name.removesuffix(f"_16_{method}.txt")
        picture = next(p for p in folder.glob(f"{name}.*") if p.suffix in (".jpg", ".png"))
        value, _ = (blockhash_precise if precise else blockhash)(read(picture))
        assert value.tobytes().hex() == path.read_text(encoding="utf-8").split()[0], picture.name
    assert cpu.active_isa() == isa


sides = st.integers(16, 90) | st.sampled_from([16, 17, 31, 32, 33, 48, 64, 79, 80])


@settings(max_examples=80)
@given(st.sampled_from(sorted(pictures.KINDS)), sides, sides, st.booleans(), st.integers(0, 2**32))
def test_any_picture(kind: str, height: int, width: int, colour: bool, seed: int) -> None:
    pixels = pictures.make(kind, height, width, seed, colour=colour)
    expected = [reference.blockhash(pixels, precise=precise) for precise in (False, True)]
    found = [hasher(pixels)[0].tobytes() for hasher in (blockhash, blockhash_precise)]
    assert found == expected


def test_every_length_of_an_axis() -> None:
    for length in range(16, 120):
        for shape in ((length, 18), (18, length)):
            pixels = pictures.make("noise", *shape, length, colour=False)
            expected = reference.blockhash(pixels, precise=True)
            assert blockhash_precise(pixels)[0].tobytes() == expected, shape


def test_whole_blocks_make_both_the_same() -> None:
    for shape in ((16, 16), (64, 160), (480, 320)):
        pixels = pictures.make("noise", *shape, 5)
        assert blockhash(pixels)[0].tobytes() == blockhash_precise(pixels)[0].tobytes()


def test_grey_is_three_equal_channels() -> None:
    pixels = pictures.make("smooth", 91, 77, 5, colour=False)
    three = np.repeat(pixels[:, :, None], 3, axis=2)
    for hasher in (blockhash, blockhash_precise):
        assert hasher(pixels)[0].tobytes() == hasher(three)[0].tobytes()


@pytest.mark.parametrize("share", [0.01, 0.1, 0.3, 0.45])
@pytest.mark.parametrize("value", [0, 120, 200, 240])
def test_an_object_on_white_is_not_all_ones(share: float, value: int) -> None:
    pixels = np.full((320, 480, 3), 255, np.uint8)
    pixels[30 : 30 + int(320 * share**0.5), 50 : 50 + int(480 * share**0.5)] = value
    for hasher in (blockhash, blockhash_precise):
        bits = np.unpackbits(hasher(pixels)[0])
        assert 0 < bits.sum() < 256
        assert not bits.reshape(16, 16)[3, 3]


def test_sums_of_a_large_white_picture_do_not_overflow() -> None:
    pixels = np.full((9001, 9001), 255, np.uint8)
    for hasher in (blockhash, blockhash_precise):
        value, quality = hasher(pixels)
        assert (value.tobytes(), quality) == (b"\xff" * 32, 0)
