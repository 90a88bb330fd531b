"""What the benchmarks work on: seeded hashes with planted neighbours, pictures, the corpus."""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hashmatch.hashing import pdq

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

    The bits that differ stand anywhere, side by side or evenly spread, by turns. Unrelated random
    hashes of 256 bits are 128 +- 8 apart: none comes near by chance.
    """
    rng = np.random.default_rng(seed)
    hashes = rng.integers(0, 256, (n, bits // 8), dtype=np.uint8)
    queries = rng.integers(0, 256, (n_queries, bits // 8), dtype=np.uint8)
    planted = max_distance + 1
    places = rng.choice(n, (n_queries, planted), replace=False)
    for query, row in zip(queries, places, strict=True):
        for distance, place in enumerate(row):
            flags = np.unpackbits(query)
            flags[_differing(bits, distance, rng)] ^= 1
            hashes[place] = np.packbits(flags)
    return SearchProblem(hashes, queries, planted)


def _differing(bits: int, distance: int, rng: np.random.Generator) -> NDArray[np.int64]:
    arrangement = int(rng.integers(0, 3))
    if arrangement == 0:
        return rng.choice(bits, distance, replace=False)
    start = int(rng.integers(0, bits))
    step = np.arange(distance) * (1 if arrangement == 1 else bits // max(distance, 1))
    return (start + step) % bits


def skewed_hashes(n: int, *, seed: int = SEED) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """(hashes, queries): half one value, 10,000 near copies of it, the rest random; rare queries.

    Half of the queries share half of their bits with the common value, so that some of their
    buckets hold half the base.
    """
    rng = np.random.default_rng(seed)
    hashes = rng.integers(0, 256, (n, 32), dtype=np.uint8)
    common = hashes[0].copy()
    hashes[: n // 2] = common
    for place in range(n // 2, n // 2 + 10_000):
        flags = np.unpackbits(common)
        flags[rng.choice(256, int(rng.integers(1, 9)), replace=False)] ^= 1
        hashes[place] = np.packbits(flags)
    queries = hashes[-64:].copy()
    queries[:, 5] ^= 3
    queries[::2, 16:] = common[16:]
    return hashes[rng.permutation(n)], queries


def grouped_hashes(n: int, *, seed: int = SEED) -> tuple[NDArray[np.uint8], set[tuple[int, int]]]:
    """(hashes, pairs): one hash in a hundred is up to 31 bits from the one before it."""
    rng = np.random.default_rng(seed)
    hashes = rng.integers(0, 256, (n, 32), dtype=np.uint8)
    planted = set()
    for place in range(100, n, 100):
        flags = np.unpackbits(hashes[place - 1])
        flags[_differing(256, int(rng.integers(0, 32)), rng)] ^= 1
        hashes[place] = np.packbits(flags)
        planted.add((place - 1, place))
    return hashes, planted


def photo_hashes(n: int, *, seed: int = SEED) -> NDArray[np.uint8] | None:
    """PDQ hashes of ``n`` random crops of the corpus's photographs; None without a corpus.

    Only those with information (quality 50 or more) count.
    """
    photographs = [np.asarray(photograph(path)) for path in corpus_paths()]
    if not photographs:
        return None
    rng = np.random.default_rng(seed)
    small = []
    for pixels in photographs:
        step = max(1, min(pixels.shape[:2]) // 400)
        small.append(pixels[::step, ::step])
    hashes: list[NDArray[np.uint8]] = []
    for pixels in cycle(small):
        sides = np.array(pixels.shape[:2])
        height, width = (sides * rng.uniform(0.25, 1, 2)).astype(int)
        top, left = rng.integers(0, sides - (height, width) + 1)
        crop = np.ascontiguousarray(pixels[top : top + height, left : left + width])
        value, quality = pdq(crop)
        if quality >= 50:
            hashes.append(value)
        if len(hashes) == n:
            break
    return np.stack(hashes)


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
