"""What the benchmarks work on: seeded hashes with planted neighbours, pictures, the corpus."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SEED = 20261125
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class SearchProblem:
    """Random hashes among which each query has exactly one neighbour at each distance."""

    hashes: NDArray[np.uint8]  # (n, 32)
    queries: NDArray[np.uint8]  # (n_queries, 32)
    planted: int  # neighbours a query


def search_problem(
    n: int, n_queries: int, *, bits: int = 256, max_distance: int = 33, seed: int = SEED
) -> SearchProblem:
    """``n`` random hashes; for each query one at every distance 0..max_distance, at random places.

    Unrelated random hashes of 256 bits are 128 +- 8 apart: none comes near by chance.
    """
    rng = np.random.default_rng(seed)
    hashes = rng.integers(0, 256, (n, bits // 8), dtype=np.uint8)
    queries = rng.integers(0, 256, (n_queries, bits // 8), dtype=np.uint8)
    planted = max_distance + 1
    places = rng.choice(n, (n_queries, planted), replace=False)
    for query, row in zip(queries, places, strict=True):
        for distance, place in enumerate(row):
            flags = np.unpackbits(query)
            flags[rng.choice(bits, distance, replace=False)] ^= 1
            hashes[place] = np.packbits(flags)
    return SearchProblem(hashes, queries, planted)


def picture(height: int, width: int, seed: int, *, colour: bool) -> Pixels:
    """A picture with structure of every size, the coarser the stronger, as photographs have it."""
    rng = np.random.default_rng(seed)
    channels = 3 if colour else 1
    total = np.zeros((height, width, channels), np.float32)
    for cells, strength in ((3, 40), (6, 30), (12, 20), (24, 14), (48, 10), (96, 7)):
        coarse = rng.integers(0, 256, (cells, cells, channels), dtype=np.uint8)
        image = Image.fromarray(coarse if colour else coarse[:, :, 0])
        fine = np.asarray(image.resize((width, height), Image.Resampling.BICUBIC))
        total += (fine.reshape(total.shape).astype(np.float32) - 128) * (strength / 64)
    pixels: Pixels = np.clip(total + 128, 0, 255).astype(np.uint8)
    return pixels if colour else np.ascontiguousarray(pixels[:, :, 0])


def corpus_folder() -> Path | None:
    """Public photographs beside the checkout, or where HASHMATCH_CORPUS says; None without."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "corpus"
    folder = Path(os.environ.get("HASHMATCH_CORPUS", beside))
    return folder if folder.is_dir() else None


def corpus_paths() -> list[Path]:
    """Every photograph of the corpus in a fixed order; empty without a corpus."""
    folder = corpus_folder()
    if folder is None:
        return []
    found = [
        path
        for part in ("photos", "kodak", "cc0", "pdq/bridge-mods", "pdq/labelme", "vectors/pdqhash")
        for path in (folder / part).glob("*")
        if path.suffix.lower() in (".jpg", ".png")
    ]
    return sorted(found)


def photograph(path: Path) -> Image.Image:
    with Image.open(path) as opened:
        return opened.convert("RGB")


def resized(image: Image.Image, megapixels: float) -> Pixels:
    """Enlarged or reduced to about this many million pixels, its shape kept."""
    scale = (megapixels * 1e6 / (image.width * image.height)) ** 0.5
    size = (max(5, round(image.width * scale)), max(5, round(image.height * scale)))
    return np.asarray(image.resize(size, Image.Resampling.BICUBIC))
