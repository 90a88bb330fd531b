"""PDQ against everything outside this library that defines it."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pdqhash
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from reference import pdq as reference
from reference import pictures

from hashmatch import cpu
from hashmatch.hashing import pdq

# Where the published vectors' pictures stand in the corpus.
VECTOR_FOLDERS = {
    "pdq/data/reg-test-input/dih/": "pdq/dihedral/",
    "tests/images/": "vectors/pdqhash/",
}


def oracle(pixels: NDArray[np.uint8]) -> tuple[bytes, int]:
    """pdqhash takes three channels only and knows no grey; grey is the same value three times."""
    colour = pixels if pixels.ndim == 3 else np.repeat(pixels[:, :, None], 3, axis=2)
    vector, quality = pdqhash.compute(np.ascontiguousarray(colour))
    return np.packbits(vector).tobytes(), int(quality)


def ours(pixels: NDArray[np.uint8]) -> tuple[bytes, int]:
    value, quality = pdq(pixels)
    assert value.dtype == np.uint8
    assert value.shape == (32,)
    return value.tobytes(), quality


def read(path: Path) -> NDArray[np.uint8]:
    """Full size, orientation not applied, as the reference file was made."""
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


def differing_bits(a: bytes, b: bytes) -> int:
    return (int.from_bytes(a, "big") ^ int.from_bytes(b, "big")).bit_count()


@pytest.fixture(scope="module")
def reference_rows(corpus: Path) -> list[dict[str, str]]:
    with (corpus / "pdq_reference.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_corpus_hashes_and_qualities_are_equal(
    corpus: Path, reference_rows: list[dict[str, str]], isa: str
) -> None:
    wrong = []
    for row in reference_rows:
        value, quality = ours(read(corpus / row["path"]))
        if (value.hex(), quality) != (row["pdq_hex"], int(row["quality"])):
            wrong.append((row["path"], value.hex(), quality))
    assert wrong == []
    assert len(reference_rows) >= 288
    assert cpu.active_isa() == isa


def test_obvious_version_gives_the_corpus_hashes(
    corpus: Path, reference_rows: list[dict[str, str]]
) -> None:
    rows = reference_rows[::6]  # slow: a sixth of them
    assert len(rows) >= 48
    for row in rows:
        steps = reference.pdq(read(corpus / row["path"]))
        assert (steps.hash.hex(), steps.quality) == (row["pdq_hex"], int(row["quality"]))


def test_published_vectors_without_a_resize(corpus: Path) -> None:
    with (corpus / "pdq_vectors.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if "full res" in row["pipeline"]]
    covered = 0
    for row in rows:
        for prefix, folder in VECTOR_FOLDERS.items():
            if not row["path"].startswith(prefix):
                continue
            value, _ = ours(read(corpus / folder / row["path"].removeprefix(prefix)))
            expected = bytes.fromhex(row["expected_hash"])
            assert differing_bits(value, expected) <= int(row["repro_distance"]), row["path"]
            covered += 1
    assert covered == 12  # of 15: three of ThreatExchange's own are not in the corpus


sizes = st.integers(5, 700) | st.sampled_from([5, 63, 64, 65, 127, 128, 129, 255, 256, 257])


@settings(max_examples=120)
@given(st.sampled_from(sorted(pictures.KINDS)), sizes, sizes, st.booleans(), st.integers(0, 2**32))
def test_any_picture_equals_pdqhash(
    kind: str, height: int, width: int, colour: bool, seed: int
) -> None:
    pixels = pictures.make(kind, height, width, seed, colour=colour)
    expected = oracle(pixels)
    for name in cpu.available_isas():
        with cpu.using_isa(name):
            assert cpu.active_isa() == name
            assert ours(pixels) == expected, name


small_sizes = st.integers(5, 200) | st.just(64)


@settings(max_examples=60)
@given(
    st.sampled_from(sorted(pictures.KINDS)),
    small_sizes,
    small_sizes,
    st.booleans(),
    st.integers(0, 2**32),
)
def test_any_picture_equals_the_obvious_version(
    kind: str, height: int, width: int, colour: bool, seed: int
) -> None:
    pixels = pictures.make(kind, height, width, seed, colour=colour)
    steps = reference.pdq(pixels)
    assert ours(pixels) == (steps.hash, steps.quality)


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("kind", sorted(pictures.KINDS))
def test_unfiltered_64_by_64(kind: str, colour: bool) -> None:
    pixels = pictures.make(kind, 64, 64, 7, colour=colour)
    assert ours(pixels) == oracle(pixels)
