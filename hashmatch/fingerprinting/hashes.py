"""A decoded picture's hashes, and whether they say enough to be matched."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashmatch.algorithms import get_algorithm
from hashmatch.decode import DecodedImage, apply_orientation
from hashmatch.fingerprinting.model import FingerprintStatus, ImageFingerprint
from hashmatch.hashing import (
    dihedral_pixels,
    hash_pixels,
    min_side,
    pdq_cells,
    rows_as_shown,
    turned_pixels,
)
from hashmatch.types import HashValue, MediaKind


def hash_picture(
    known: ImageFingerprint, picture: DecodedImage, algorithms: Iterable[str], dihedral: bool
) -> ImageFingerprint:
    """The fingerprint with the picture's description, hashes and status."""
    hashes: dict[str, HashValue] = {}
    turned: dict[str, tuple[HashValue, ...]] = {}
    too_small = []
    for name in algorithms:
        if min(picture.width, picture.height) < min_side(name):
            too_small.append(f"{min_side(name)} pixels, which {name} needs")
            continue
        values, quality = _hashes(name, picture, dihedral)
        rows = tuple(HashValue(name, row.tobytes(), quality) for row in values)
        hashes[name] = rows[0]
        if dihedral:
            turned[name] = rows
    state = _information(hashes, picture.fraction)
    if too_small:
        state = {
            "status": FingerprintStatus.TOO_SMALL,
            "reason": f"{picture.width} x {picture.height}: a side below {', '.join(too_small)}",
        }
    return dataclasses.replace(
        known,
        kind=MediaKind.IMAGE,
        width=picture.width,
        height=picture.height,
        stored_mode=picture.stored_mode,
        orientation=picture.orientation,
        frames=picture.frames,
        fraction=picture.fraction,
        hashes=hashes,
        dihedral=turned,
        captured=picture.capture.moment,
        camera=picture.capture.camera,
        **state,
    )


def _hashes(algorithm: str, picture: DecodedImage, dihedral: bool) -> tuple[NDArray[np.uint8], int]:
    """One row, or the eight orientations."""
    if picture.scale > 1:
        # Cells stand as stored: their last ones may be parts. The turn is made among the hashes.
        rows, quality = pdq_cells(
            picture.pixels,
            full_height=picture.stored_height,
            full_width=picture.stored_width,
            scale=picture.scale,
        )
        shown = rows[_ROWS[picture.orientation]]
        return (shown if dihedral else shown[:1]), quality
    if dihedral:
        return dihedral_pixels(algorithm, picture.pixels)
    value, quality = hash_pixels(algorithm, picture.pixels)
    return value[np.newaxis], quality


def _orientation_rows() -> dict[int, list[int]]:
    """By EXIF orientation: where the shown picture's eight stand among the stored's."""
    probe = np.arange(6, dtype=np.uint8).reshape(2, 3)
    turned = [picture.tolist() for picture in turned_pixels(probe)]
    return {
        orientation: rows_as_shown(turned.index(apply_orientation(probe, orientation).tolist()))
        for orientation in range(1, 9)
    }


_ROWS = _orientation_rows()


def _information(hashes: Mapping[str, HashValue], fraction: float | None) -> dict[str, Any]:
    """LOW_INFORMATION where any of the hashes is: none of them is ever low in silence."""
    low = []
    for name, value in hashes.items():
        floor = get_algorithm(name).min_quality
        if floor is not None and value.quality is not None and value.quality < floor:
            low.append(f"{name} quality {value.quality} is below {floor}")
    if low:
        return {"status": FingerprintStatus.LOW_INFORMATION, "reason": "; ".join(low)}
    if fraction is not None:
        return {
            "status": FingerprintStatus.TRUNCATED,
            "reason": f"cut short or broken; {fraction:.0%} of the picture decoded",
        }
    return {"status": FingerprintStatus.OK}
