"""Uploads in a row that are made to come near many entries, and entries made to attract."""

from __future__ import annotations

import io
import re
import resource
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.check_base import Hashes
from benchmarks.workloads import SEED, Pixels, picture
from hashmatch.database import Database
from hashmatch.hashing import pdq
from hashmatch.matching import Checker, Level, MatchPolicy

N_CROWDED = 20_000
N_OF_EACH_LURE = 500
_SIZE = (240, 320)
_CROWDS = 4
"""The crowd has as many centres: pictures of which 20,000 near copies are known, all together."""

Rng = np.random.Generator


def _centre(number: int) -> Pixels:
    return picture(*_SIZE, SEED + 50_000 + number, colour=True)


def crowded_copy(rng: Rng) -> Pixels:
    """Exactly a picture that the base is crowded with."""
    return _centre(int(rng.integers(_CROWDS)))


def crowded_crop(rng: Rng) -> Pixels:
    """The same without up to a tenth of each side: near to the whole crowd, and registered."""
    pixels = _centre(int(rng.integers(_CROWDS)))
    top, bottom, left, right = rng.integers(0, _SIZE[0] // 10, 4).tolist()
    return np.ascontiguousarray(pixels[top : _SIZE[0] - bottom, left : _SIZE[1] - right])


def gradient(rng: Rng) -> Pixels:
    """Grey, from dark to light in any direction."""
    y, x = np.mgrid[0 : 1 : _SIZE[0] * 1j, 0 : 1 : _SIZE[1] * 1j]
    angle = rng.uniform(0, 2 * np.pi)
    along = np.cos(angle) * x + np.sin(angle) * y
    return _rgb(255 * (along - along.min()) / np.ptp(along))


def checkerboard(rng: Rng) -> Pixels:
    """Squares of 4 to 60 pixels."""
    y, x = (np.mgrid[0 : _SIZE[0], 0 : _SIZE[1]] + rng.integers(0, 60)) // int(rng.integers(4, 61))
    return _rgb(255.0 * ((x + y) % 2))


def grey_noise(rng: Rng) -> Pixels:
    """Noise of 1 to 40 levels on mid-grey."""
    return _rgb(rng.normal(128, rng.uniform(1, 40), _SIZE))


def zoomed(rng: Rng) -> Pixels:
    """A part of 3 % of each side, enlarged to the whole: flat, with one edge at most."""
    pixels = picture(*_SIZE, SEED + int(rng.integers(1000)), colour=True)
    height, width = (max(4, round(0.03 * side)) for side in _SIZE)
    top, left = rng.integers(0, _SIZE[0] - height), rng.integers(0, _SIZE[1] - width)
    part = Image.fromarray(pixels[top : top + height, left : left + width])
    return np.asarray(part.resize(_SIZE[::-1], Image.Resampling.BICUBIC))


def _rgb(grey: np.ndarray) -> Pixels:
    values = np.clip(np.round(grey), 0, 255).astype(np.uint8)
    return np.repeat(values[..., None], 3, axis=2)


LURES: dict[str, Callable[[Rng], Pixels]] = {
    "gradient": gradient,
    "checkerboard": checkerboard,
    "grey noise": grey_noise,
}
UPLOADS: dict[str, Callable[[Rng], Pixels]] = {
    "copy of the crowd": crowded_copy,
    "crop of the crowd": crowded_crop,
    **LURES,
    "zoomed": zoomed,
}


def attracting(rng: Rng) -> Iterator[Hashes]:
    """The crowd, up to 8 bits about each centre, and the lures; uint8 (n, 32) each."""
    for number in range(_CROWDS):
        value = np.unpackbits(pdq(_centre(number))[0])
        crowd = np.tile(value, (N_CROWDED // _CROWDS, 1))
        rank = rng.random(crowd.shape, np.float32).argsort(axis=1).argsort(axis=1)
        crowd ^= (rank < rng.integers(0, 9, (len(crowd), 1))).astype(np.uint8)
        yield np.packbits(crowd, axis=1)
    for make in LURES.values():
        yield np.stack([pdq(make(rng))[0] for _ in range(N_OF_EACH_LURE)])


def jpeg(pixels: Pixels, quality: int) -> bytes:
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "JPEG", quality=quality)
    return data.getvalue()


def resident_mb() -> float:
    """Memory of this process now; where the system does not tell, the most so far."""
    told = Path("/proc/self/statm")
    if told.is_file():
        return int(told.read_text("ascii").split()[1]) * resource.getpagesize() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def asked_of_adversaries(db: Database, count: int) -> dict[str, Any]:
    """``count`` uploads at level standard in a row, kinds by turns, then a tenth of it thorough."""
    rows: list[dict[str, Any]] = []
    memory = []
    for level, n in (("standard", count), ("thorough", max(len(UPLOADS), count // 10))):
        checker = Checker(db, MatchPolicy(level=Level(level)), audit=False)
        done = _uploaded(checker, n)
        rows += [{"level": level, **row} for row in done["uploads"]]
        memory.append({"level": level, **done["memory"]})
    return {"uploads": rows, "memory": memory}


def _uploaded(checker: Checker, count: int) -> dict[str, Any]:
    seconds: dict[str, list[float]] = {name: [] for name in UPLOADS}
    statuses: dict[str, Counter[str]] = {name: Counter() for name in UPLOADS}
    gates: dict[str, Counter[str]] = {name: Counter() for name in UPLOADS}
    most: Counter[str] = Counter()
    names = list(UPLOADS)
    seen = []
    for number in range(count):
        name = names[number % len(names)]
        rng = np.random.default_rng((SEED, 3, number))
        data = jpeg(UPLOADS[name](rng), int(rng.integers(60, 96)))
        start = time.perf_counter()
        result = checker.check(data)
        seconds[name].append(time.perf_counter() - start)
        statuses[name][result.status.value] += 1
        gates[name].update({re.sub(r"\d+(\.\d+)?", "N", gate) for gate in result.gates})
        most[name] = max(most[name], len(result.matches))
        if number % max(1, count // 10) == 0:
            seen.append(resident_mb())
    # What is kept for the whole process has been made after a few of each kind.
    settled = seen[min(1, len(seen) - 1)]
    return {
        "uploads": [
            {
                "kind": name,
                "uploads": len(times),
                "median ms": 1e3 * statistics.median(times),
                "max ms": 1e3 * max(times),
                "statuses": dict(statuses[name]),
                "most matches": most[name],
                "gates": dict(gates[name].most_common()),
            }
            for name, times in seconds.items()
            if times
        ],
        "memory": {"after a tenth, MB": settled, "at the end, MB": resident_mb()},
    }
