"""PDQ behind the front end of Meta's C++ tool: published vectors, and the stretch itself."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pdqhash
import pytest
from numpy.typing import NDArray
from PIL import Image
from reference import pictures

from hashmatch.hashing import pdq, pdq_cpp

Pixels = NDArray[np.uint8]


def stretched(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    if max(height, width) <= 512:
        return pixels
    rows = np.arange(512) * height // 512
    columns = np.arange(512) * width // 512
    return np.ascontiguousarray(pixels[rows][:, columns])


def test_published_vectors(corpus: Path) -> None:
    with (corpus / "pdq_vectors.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["pipeline"].startswith("cpp-cli")]
    covered = 0
    for row in rows:
        path = corpus / row["path"].replace("pdq/data/", "pdq/")
        if not path.is_file():
            continue
        with Image.open(path) as picture:
            value, _ = pdq_cpp(np.asarray(picture.convert("RGB")))
        distance = int.from_bytes(value.tobytes()) ^ int(row["expected_hash"], 16)
        assert distance.bit_count() <= int(row["repro_distance"]), path.name
        covered += 1
    assert covered == 16 == len(rows)


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize(
    ("height", "width"),
    [(5, 5), (512, 512), (513, 512), (512, 513), (5, 513), (700, 40), (1024, 512), (1999, 3001)],
)
def test_the_stretch(height: int, width: int, colour: bool) -> None:
    pixels = pictures.make("noise", height, width, 3, colour=colour)
    expected = stretched(pixels)
    value, quality = pdq_cpp(pixels)
    same, same_quality = pdq(expected)
    assert (value.tobytes(), quality) == (same.tobytes(), same_quality)
    three = expected if colour else np.repeat(expected[:, :, None], 3, axis=2)
    vector, peer_quality = pdqhash.compute(np.ascontiguousarray(three))
    assert (value.tobytes(), quality) == (np.packbits(vector).tobytes(), peer_quality)


def test_it_is_another_hash_than_pdq() -> None:
    pixels = pictures.make("noise", 900, 1300, 3)
    assert pdq_cpp(pixels)[0].tobytes() != pdq(pixels)[0].tobytes()
