"""Made-up videos as hashes of their frames: what a film shows at each time, sampled anywhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from hashmatch.fingerprinting import FingerprintStatus
from hashmatch.fingerprinting.video_model import FrameHashes, VideoFingerprint
from hashmatch.types import Digests, HashValue

_BITS = 256


@dataclass(frozen=True)
class Film:
    """A film of scenes: each begins with another picture, which then moves, some bits a second.

    Attributes:
        scene_ms: how long each scene is.
        moving: bits a second; 0: every scene stands still.
    """

    seed: int
    length_ms: int = 30_000
    scene_ms: int = 4_000
    moving: int = 24

    def at(self, times_ms: NDArray[np.float64]) -> NDArray[np.uint8]:
        """Hashes uint8 (n, 32) of what is shown at these times."""
        rows = np.empty((len(times_ms), 32), np.uint8)
        scenes = (np.asarray(times_ms) // self.scene_ms).astype(np.int64)
        for scene in np.unique(scenes).tolist():
            shown = scenes == scene
            bits, rank = _scene(self.seed, scene)
            into = np.asarray(times_ms)[shown] - scene * self.scene_ms
            moved = np.minimum(np.round(into / 1000 * self.moving), 200)
            rows[shown] = np.packbits(bits ^ (rank < moved[:, None]), axis=1)
        return rows


@lru_cache(maxsize=4096)
def _scene(seed: int, scene: int) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """The bits of a scene's first picture, and when each of them turns as it moves."""
    rng = np.random.default_rng([seed, scene])
    bits = np.zeros(_BITS, np.bool_)
    bits[rng.permutation(_BITS)[: _BITS // 2]] = True
    # One after the other a set and a cleared bit: the weight stays.
    turning = [rng.permutation(np.flatnonzero(which)) for which in (bits, ~bits)]
    rank = np.empty(_BITS, np.int64)
    rank[np.stack(turning, axis=1).ravel()] = np.arange(_BITS)
    return bits, rank


def noisy(hashes: NDArray[np.uint8], bits: int, seed: int = 0) -> NDArray[np.uint8]:
    """The hashes with this many bits of each changed, half of them set and half cleared."""
    rng = np.random.default_rng([seed, 77])
    unpacked = np.unpackbits(hashes, axis=1)
    for row in unpacked:
        ones, zeros = np.flatnonzero(row), np.flatnonzero(row == 0)
        row[rng.choice(ones, bits // 2, replace=False)] ^= 1
        row[rng.choice(zeros, bits - bits // 2, replace=False)] ^= 1
    return np.packbits(unpacked, axis=1)


def frames(
    film: Film,
    *,
    interval_ms: float,
    start: float = 0.0,
    end: float | None = None,
    speed: float = 1.0,
    phase: float = 0.0,
    noise: int = 0,
) -> FrameHashes:
    """A copy of a part of a film, sampled.

    Args:
        start, end: milliseconds of the film that the copy shows.
        speed: of the film in the copy: 2.0 is twice as fast.
        phase: milliseconds of the copy before its first sample.
    """
    last = film.length_ms if end is None else end
    times = np.arange(phase, (last - start) / speed, interval_ms)
    hashes = film.at(start + speed * times)
    return made(times, noisy(hashes, noise, film.seed) if noise else hashes, interval_ms)


def made(
    times: NDArray[np.float64],
    hashes: NDArray[np.uint8],
    interval_ms: float,
    quality: int | NDArray[np.int64] = 90,
) -> FrameHashes:
    """Frames at these times, each shown for an interval."""
    rounded = np.round(times).astype(np.int64)
    end = round(float(times[-1]) + interval_ms) if len(times) else 0
    return FrameHashes(
        times_ms=rounded,
        numbers=np.round(times / 40).astype(np.int64),
        hashes=hashes,
        qualities=np.broadcast_to(np.asarray(quality, np.uint8), len(times)).copy(),
        spans_ms=np.diff(np.append(rounded, end)),
    )


def joined(*parts: FrameHashes) -> FrameHashes:
    """One after the other."""
    times, hashes, qualities, end = [], [], [], 0
    for part in parts:
        times.append(part.times_ms + end)
        hashes.append(part.hashes)
        qualities.append(part.qualities)
        end += int(part.times_ms[-1] + part.spans_ms[-1])
    all_times = np.concatenate(times)
    return FrameHashes(
        times_ms=all_times,
        numbers=all_times // 40,
        hashes=np.concatenate(hashes),
        qualities=np.concatenate(qualities),
        spans_ms=np.diff(np.append(all_times, end)),
    )


def pruned(given: FrameHashes, distance: int) -> FrameHashes:
    """Without frames that are within this distance of the last one that is kept."""
    kept: list[int] = []
    for k, row in enumerate(given.hashes):
        if not kept or int(np.bitwise_count(row ^ given.hashes[kept[-1]]).sum()) > distance:
            kept.append(k)
    end = int(given.times_ms[-1] + given.spans_ms[-1])
    times = given.times_ms[kept]
    return replace(
        given,
        times_ms=times,
        numbers=given.numbers[kept],
        hashes=given.hashes[kept],
        qualities=given.qualities[kept],
        spans_ms=np.diff(np.append(times, end)),
    )


def fingerprint(given: FrameHashes, interval_s: float, **more: object) -> VideoFingerprint:
    """A fingerprint with these frames and no digest but what is given."""
    facts: dict[str, object] = {
        "status": FingerprintStatus.OK,
        "digests": Digests(),
        "duration_ms": int(given.times_ms[-1] + given.spans_ms[-1]) if len(given) else None,
        "n_frames": int(given.numbers[-1]) + 1 if len(given) else None,
        "interval_s": interval_s,
        "n_sampled": len(given),
        "frames": given,
    }
    return VideoFingerprint(**{**facts, **more})  # type: ignore[arg-type]


def stored_hashes(
    given: FrameHashes, *, times: bool = True, numbers: bool = True
) -> tuple[HashValue, ...]:
    """The frames as a list states them."""
    return tuple(
        HashValue(
            "pdq",
            row.tobytes(),
            int(quality),
            int(number) if numbers else None,
            round(float(time) / 1000, 3) if times else None,
        )
        for row, quality, number, time in zip(
            given.hashes, given.qualities, given.numbers, given.times_ms, strict=True
        )
    )
