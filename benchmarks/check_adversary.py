"""Uploads in a row that are made to come near many entries, and entries made to attract."""

from __future__ import annotations

import io
import re
import resource
import statistics
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
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
_SMALL = 1000
"""Media of a small crowd: as many as there may be before the base calls their hashes crowded."""

Rng = np.random.Generator


@dataclass(frozen=True)
class Crowd:
    """``N_CROWDED`` entries about ``centres`` pictures, ``flips`` (from, to) bits from them.

    Crowds of more than a thousand within 31 bits are left out of every search. Smaller ones are
    not, nor is a ring, whose entries are far from each other and all near its centre.
    """

    name: str
    centres: int
    flips: tuple[int, int]

    def picture(self, number: int) -> Pixels:
        return picture(*_SIZE, SEED + zlib.crc32(self.name.encode()) + number, colour=True)

    def drawn(self, rng: Rng) -> Pixels:
        return self.picture(int(rng.integers(self.centres)))

    def hashes(self, rng: Rng) -> Iterator[Hashes]:
        """uint8 (n, 32) for each centre."""
        for number in range(self.centres):
            value = np.unpackbits(pdq(self.picture(number))[0])
            near = np.tile(value, (N_CROWDED // self.centres, 1))
            rank = rng.random(near.shape, np.float32).argsort(axis=1).argsort(axis=1)
            turned = rng.integers(self.flips[0], self.flips[1] + 1, (len(near), 1))
            yield np.packbits(near ^ (rank < turned).astype(np.uint8), axis=1)


CROWDS = (
    Crowd("crowd", 1, (0, 8)),
    Crowd("small crowd", N_CROWDED // _SMALL, (0, 8)),
    Crowd("ring", 1, (32, 44)),
)


def cropped(pixels: Pixels, rng: Rng) -> Pixels:
    """Without up to a tenth of each side."""
    top, bottom, left, right = rng.integers(0, _SIZE[0] // 10, 4).tolist()
    return np.ascontiguousarray(pixels[top : _SIZE[0] - bottom, left : _SIZE[1] - right])


def _crop_of(crowd: Crowd, rng: Rng) -> Pixels:
    return cropped(crowd.drawn(rng), rng)


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
    **{f"copy of a {crowd.name}": crowd.drawn for crowd in CROWDS},
    **{f"crop of a {c.name}": partial(_crop_of, c) for c in CROWDS},
    **LURES,
    "zoomed": zoomed,
}


def attracting(rng: Rng) -> Iterator[Hashes]:
    """The crowds and the lures; uint8 (n, 32) each."""
    for crowd in CROWDS:
        yield from crowd.hashes(rng)
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
    result = checker.check_hash("pdq", bytes(range(32)))
    return {"uploads": rows, "memory": memory, "entries that are crowded": result.n_excluded}


def _uploaded(checker: Checker, count: int) -> dict[str, Any]:
    seconds: dict[str, list[float]] = {name: [] for name in UPLOADS}
    statuses: dict[str, Counter[str]] = {name: Counter() for name in UPLOADS}
    gates: dict[str, Counter[str]] = {name: Counter() for name in UPLOADS}
    most: Counter[str] = Counter()
    own = dict.fromkeys(UPLOADS, 0.0)
    names = list(UPLOADS)
    seen = []
    for number in range(count):
        name = names[number % len(names)]
        rng = np.random.default_rng((SEED, 3, number))
        data = jpeg(UPLOADS[name](rng), int(rng.integers(60, 96)))
        start, spent = time.perf_counter(), time.thread_time()
        result = checker.check(data)
        own[name] = max(own[name], time.thread_time() - spent)
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
                "max ms of the thread": 1e3 * own[name],
                "statuses": dict(statuses[name]),
                "most matches": most[name],
                "gates": dict(gates[name].most_common()),
            }
            for name, times in seconds.items()
            if times
        ],
        "memory": {"after a tenth, MB": settled, "at the end, MB": resident_mb()},
    }
