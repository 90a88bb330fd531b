"""Fingerprints for the benchmark of levels: of unknown photographs, of known ones, and of crops."""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from benchmarks.workloads import SEED, Pixels, corpus_paths, photograph, picture
from hashmatch.fingerprinting import ImageFingerprint, examine_image

CROP = (0.04, 0.12)
"""Share of each side that a cropped copy lacks, from and to."""
_FOLDERS = ("photos", "kodak")  # the others hold some of these again
_VIEWS = {"fast": "none", "standard": "trims", "thorough": "all"}


@dataclass(frozen=True)
class Pictures:
    """Three kinds, none twice.

    Attributes:
        what: where they are from.
        unknown: queries of which nothing is in the base.
        known: those whose whole hashes are in the base.
        rest: the base is made of parts of them.
    """

    what: str
    unknown: list[Pixels]
    known: list[Pixels]
    rest: list[Pixels]


def pictures_for(count: int) -> Pictures:
    """``count`` unknown and known ones each; synthetic where the corpus is not, or not enough."""
    paths = [path for path in corpus_paths() if path.parent.name in _FOLDERS]
    if len(paths) >= 3 * count:
        what = "photographs of the corpus"
        order = np.random.default_rng(SEED).permutation(len(paths))
        made = [np.asarray(photograph(paths[place])) for place in order.tolist()]
    else:
        what = "synthetic pictures"
        made = [picture(320, 480, SEED + number, colour=True) for number in range(3 * count)]
    return Pictures(what, made[:count], made[count : 2 * count], made[2 * count :])


def recompressed(pixels: Pixels, quality: int) -> Pixels:
    """As JPEG and back."""
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "JPEG", quality=quality)
    with Image.open(data) as opened:
        return np.asarray(opened.convert("RGB"))


def cropped(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Without ``CROP`` of each side."""
    height, width = pixels.shape[:2]
    left, right = (rng.uniform(*CROP, 2) * width).astype(int).tolist()
    top, bottom = (rng.uniform(*CROP, 2) * height).astype(int).tolist()
    return np.ascontiguousarray(pixels[top : height - bottom, left : width - right])


def fingerprints(
    pictures: Sequence[Pixels], level: str, algorithms: Sequence[str]
) -> list[ImageFingerprint]:
    """What a check at this level starts from, made of decoded pixels."""
    return [
        examine_image(pixels, algorithms=algorithms, dihedral=True, views=_VIEWS[level])
        for pixels in pictures
    ]


def making(pictures: Sequence[Pixels]) -> list[dict[str, float | str]]:
    """Milliseconds of that, which the checks' times leave out: medians over the pictures."""
    rows: list[dict[str, float | str]] = []
    for level, views in _VIEWS.items():
        seconds = []
        for pixels in pictures:
            start = time.perf_counter()
            examine_image(pixels, dihedral=True, views=views)
            seconds.append(time.perf_counter() - start)
        rows.append({"level": level, "views": views, "ms": statistics.median(seconds) * 1e3})
    for row in rows:
        row["of these for the views, ms"] = float(row["ms"]) - float(rows[0]["ms"])
    return rows
