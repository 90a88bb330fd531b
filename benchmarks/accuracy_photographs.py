"""The folder's photographs, each once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

import hashmatch as hm
from benchmarks.accuracy_processes import in_processes

MIN_QUALITY = 50
MIN_SIDE = 64
COPY_DISTANCE = 31
LEAST = 4
_ENDS = (".jpg", ".jpeg", ".png", ".webp")


@dataclass(frozen=True)
class LeftOut:
    """A file that is no photograph of its own, and why."""

    name: str
    why: str


def photographs(folders: Sequence[Path]) -> list[Path]:
    """Every JPEG, PNG and WebP below the folders, sorted."""
    return sorted(
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix.lower() in _ENDS and path.is_file()
    )


def loaded(path: Path, longest: int | None = None) -> Image.Image:
    """The photograph upright, RGB; reduced if its longer side is over ``longest`` pixels.

    Raises:
        OSError, ValueError: it cannot be read.
    """
    with Image.open(path) as opened:
        image = ImageOps.exif_transpose(opened).convert("RGB")
    if longest and max(image.size) > longest:
        image.thumbnail((longest, longest), Image.Resampling.BICUBIC)
    return image


def _hashed(path: Path) -> NDArray[np.uint8] | str:
    """PDQ in eight orientations, uint8 (8, 32), or why there is none."""
    try:
        image = loaded(path)
    except (OSError, ValueError) as error:
        return f"cannot be read: {error}"
    if min(image.size) < MIN_SIDE:
        return f"smaller than {MIN_SIDE} pixels"
    values, quality = hm.pdq_dihedral(np.asarray(image))
    if quality < MIN_QUALITY:
        return f"too little information: quality {quality}"
    return values


def distinct(paths: Sequence[Path], processes: int) -> tuple[list[Path], list[LeftOut]]:
    """Those that can be matched, each once; and what is left out.

    A folder may hold one photograph in two sizes, and an answer about the other would not be wrong.
    So what is within ``COPY_DISTANCE`` bits of one before it, in any orientation, is left out as
    its copy, and told: who reads the report can see whether it really is one.

    Raises:
        SystemExit: fewer than two for each half are left (``accuracy_base``).
    """
    kept: list[Path] = []
    out: list[LeftOut] = []
    index = hm.HammingIndex(bits=256)
    for path, found in zip(paths, in_processes(_hashed, paths, processes), strict=True):
        if isinstance(found, str):
            out.append(LeftOut(path.name, found))
            continue
        near = index.range_search(found, COPY_DISTANCE)
        if len(near.ids):
            nearest = int(near.distances.argmin())
            bits, other = near.distances[nearest], kept[int(near.ids[nearest])].name
            out.append(LeftOut(path.name, f"a copy of {other}: {bits} bits"))
            continue
        index.add(found[:1])
        kept.append(path)
    if len(kept) < LEAST:
        raise SystemExit(f"photographs: expected at least {LEAST} that differ, got {len(kept)}")
    return kept, out
