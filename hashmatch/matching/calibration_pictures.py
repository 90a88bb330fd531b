"""What a calibration makes of one picture: hashes of its parts, or edited copies as queries.

Runs in a confined worker process: bytes in, hashes and views out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hashmatch.decode import Limits, decode_image
from hashmatch.fingerprinting import FingerprintStatus, View, examine_image
from hashmatch.hashing import dihedral_pixels, min_side

MIN_QUALITY = 50
"""Below it neither queries nor entries are matched, so they are no impostors either."""
EDITS = ("crop", "border", "turn", "crop", "brightness", "border", "turn", "crop")
"""What is done to the copies of a query, in turn."""
_MOST_CUT = 0.12
_MOST_DEGREES = 6.0
_TRIES = 3  # parts that are looked at for each that is wanted


def part_hashes(data: bytes, limits: Limits, n: int, seed: tuple[int, ...]) -> list[bytes]:
    """PDQ of parts of a picture, a quarter to all of each side, each in an orientation drawn.

    Args:
        data: of a picture file.
        n: at most so many; fewer where parts say too little.

    Raises:
        DecodeError: it can't be decoded.
    """
    pixels = decode_image(data, limits).pixels
    rng = np.random.default_rng(seed)
    height, width = pixels.shape[:2]
    least = min_side("pdq")
    found: list[bytes] = []
    for _ in range(_TRIES * n):
        if len(found) == n:
            break
        share = rng.uniform(0.25, 1.0)
        h = max(least, round(height * min(1.0, share * rng.uniform(0.8, 1.25))))
        w = max(least, round(width * share))
        top, left = (int(rng.integers(0, max(1, room + 1))) for room in (height - h, width - w))
        part = pixels[top : top + h, left : left + w]
        if rng.random() < 0.3:
            part = _brightened(part, rng)
        values, quality = dihedral_pixels("pdq", np.ascontiguousarray(part))
        if quality >= MIN_QUALITY:
            found.append(values[rng.integers(len(values))].tobytes())
    return found


def query_views(
    data: bytes, limits: Limits, n: int, views: str, seed: tuple[int, ...]
) -> list[tuple[View, ...]]:
    """The views of edited copies of a picture.

    Args:
        n: copies, fewer where one says too little.
        views: which, as ``examine_image`` is asked.

    Raises:
        DecodeError: it can't be decoded.
    """
    pixels = decode_image(data, limits).pixels
    rng = np.random.default_rng(seed)
    found: list[tuple[View, ...]] = []
    for k in range(n):
        edited = _edited(pixels, EDITS[k % len(EDITS)], rng)
        made = examine_image(edited, views=views)
        if made.status is FingerprintStatus.OK and is_usable(made.hashes["pdq"].quality):
            found.append(made.views)
    return found


def is_usable(quality: int | None) -> bool:
    """Whether a hash of this quality is matched at all."""
    return quality is not None and quality >= MIN_QUALITY


def _edited(pixels: NDArray[np.uint8], edit: str, rng: np.random.Generator) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    if edit == "brightness":
        return _brightened(pixels, rng)
    if edit == "turn":
        return _turned(pixels, float(rng.uniform(-_MOST_DEGREES, _MOST_DEGREES)))
    sides = rng.uniform(0, _MOST_CUT, 4) * (height, height, width, width)
    top, bottom, left, right = (int(side) for side in sides)
    if edit == "crop":
        return np.ascontiguousarray(pixels[top : height - bottom, left : width - right])
    shape = (height + top + bottom, width + left + right, *pixels.shape[2:])
    framed = np.empty(shape, np.uint8)
    framed[:] = rng.integers(0, 256, pixels.shape[2:])
    framed[top : top + height, left : left + width] = pixels
    return framed


def _brightened(pixels: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    table = np.clip(np.arange(256) * rng.uniform(0.6, 1.4), 0, 255).astype(np.uint8)
    brightened: NDArray[np.uint8] = table[pixels]
    return brightened


def _turned(pixels: NDArray[np.uint8], degrees: float) -> NDArray[np.uint8]:
    from PIL import Image

    turned = Image.fromarray(pixels).rotate(degrees, resample=Image.Resampling.BICUBIC)
    return np.asarray(turned, dtype=np.uint8)
