"""A film's frames against a base of known videos' frames, through the index and the checker."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import hashmatch as hm
from benchmarks.check_base import part_hashes, replicas
from benchmarks.measure import paired
from benchmarks.workloads import SEED, corpus_paths, photograph, picture
from hashmatch.database import Database
from hashmatch.fingerprinting import FingerprintStatus, FrameHashes, VideoFingerprint
from hashmatch.hashing import ORIENTATIONS
from hashmatch.store import insert_rows, raise_revision, schema

FRAMES_EACH = 100
"""Frames of a known video: as many seconds."""
SHOT_S = 4.0
FILM_S = 600
KNOWN_S = 20
"""Seconds of the film that are of each of three known videos."""
RADIUS = 31
JITTER = (2, 12)
"""Bits by which a frame differs from the one before it, in a shot."""

Hashes = NDArray[np.uint8]


def search_rows(n_frames: int, rounds: int) -> list[dict[str, Any]]:
    """Times of a film of ten minutes, one thread, at two intervals."""
    rng = np.random.default_rng(SEED)
    base = _frames(n_frames // FRAMES_EACH, FRAMES_EACH, SHOT_S, rng)
    index = hm.HammingIndex(bits=256)
    index.add(base)
    rows = []
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "frames.db"
        with hm.open_database(path, create=True) as db:
            _written(db, base, rng)
            db.publish_index(whole=True)
        with hm.open_database(path, read_only=True) as db:
            checker = hm.Checker(db, policy=hm.MatchPolicy(level=hm.Level.FAST), audit=False)
            for interval_s in (1.0, 0.25):
                film = _film(base, interval_s, rng)
                turned = film.frames.dihedral
                assert turned is not None
                queries = np.ascontiguousarray(turned.reshape(-1, 32))
                found = [match.media.media_id for match in checker.check_fingerprint(film).matches]
                times = paired(
                    {
                        "index": partial(index.range_search, queries, RADIUS),
                        "check": partial(checker.check_fingerprint, film),
                    },
                    rounds=rounds,
                    budget_s=0,
                )
                rows.append(
                    {
                        "interval, s": interval_s,
                        "frames": len(film.frames),
                        "forms": len(queries),
                        "known frames": n_frames,
                        "index alone, s": times["index"],
                        "check with votes, s": times["check"],
                        "known videos found": f"{len(found)} of 3",
                    }
                )
    return rows


def _frames(videos: int, each: int, shot: float, rng: np.random.Generator) -> Hashes:
    """``videos`` times ``each`` frames: shots of a few that wander, of photographs' statistics."""
    paths = corpus_paths()[:60]
    pictures = (
        [np.asarray(photograph(path)) for path in paths]
        if paths
        else [picture(400, 600, SEED + number, colour=True) for number in range(24)]
    )
    shots = int(videos * each / shot * 1.3) + videos
    seeds = part_hashes(pictures, 4000, rng)
    starts = np.concatenate(list(replicas(seeds, shots, rng)))
    lengths = np.maximum(1, rng.exponential(shot, shots)).astype(int)
    of_frame = np.repeat(np.arange(shots), lengths)[: videos * each]
    assert len(of_frame) == videos * each, "too few shots"
    return _wandering(starts[of_frame], of_frame, rng)


def _wandering(hashes: Hashes, shots: NDArray[np.int64], rng: np.random.Generator) -> Hashes:
    """Each frame a few bits from the one before it in its shot."""
    count = len(hashes)
    flips = np.zeros((count, 256), np.uint8)
    for _ in range(JITTER[1] // 2):
        rows = np.flatnonzero(rng.random(count) < 0.8)
        flips[rows, rng.integers(0, 256, len(rows))] ^= 1
    new = np.ones(count, np.bool_)
    new[1:] = shots[1:] != shots[:-1]
    flips[new] = 0
    bits = np.packbits(flips, axis=1)
    walked = np.bitwise_xor.accumulate(bits, axis=0)
    begun = walked[np.maximum.accumulate(np.where(new, np.arange(count), 0))]
    mixed: Hashes = hashes ^ walked ^ begun
    return mixed


def _film(base: Hashes, interval_s: float, rng: np.random.Generator) -> VideoFingerprint:
    """Ten minutes of unknown shots with three parts of known videos, in eight orientations."""
    n = round(FILM_S / interval_s)
    upright = _frames(1, n, SHOT_S / interval_s, rng)
    each = round(1 / interval_s)
    for part, video in enumerate((3, 50, 700)):
        start = round((60 + 200 * part) / interval_s)
        known = np.repeat(base[video * FRAMES_EACH + 30 :][:KNOWN_S], each, axis=0)
        upright[start : start + len(known)] = known
    others = [_frames(1, n, SHOT_S / interval_s, rng) for _ in ORIENTATIONS[1:]]
    times = np.round(np.arange(n) * 1000 * interval_s).astype(np.int64)
    frames = FrameHashes(
        times_ms=times,
        numbers=np.arange(n, dtype=np.int64),
        hashes=upright,
        qualities=np.full(n, 100, np.uint8),
        spans_ms=np.full(n, round(1000 * interval_s), np.int64),
        dihedral=np.stack([upright, *others], axis=1),
    )
    return VideoFingerprint(
        status=FingerprintStatus.OK,
        duration_ms=FILM_S * 1000,
        n_frames=n,
        n_sampled=n,
        interval_s=interval_s,
        frames=frames,
    )


def _written(db: Database, base: Hashes, rng: np.random.Generator) -> None:
    """Videos with MD5 and frame hashes, straight into the tables, as one revision."""
    with db.store.writing() as connection:
        insert_rows(connection, schema.source, [(1, "List", False, 1)])
        row = (1, 1, *(None,) * 5, "bench", "2026-01-01T00:00:00+00:00", 1, *(0,) * 8, "0", None)
        insert_rows(connection, schema.snapshot, [row])
        for start in range(0, len(base) // FRAMES_EACH, 1000):
            numbers = range(start + 1, min(start + 1000, len(base) // FRAMES_EACH) + 1)
            digests = [rng.bytes(16) for _ in numbers]
            media = [
                (number, md5, None, None, None, 1, None, None, 1)
                for number, md5 in zip(numbers, digests, strict=True)
            ]
            insert_rows(connection, schema.media, media)
            opinions = [_opinion(*pair) for pair in zip(numbers, digests, strict=True)]
            insert_rows(connection, schema.opinion, opinions)
            insert_rows(connection, schema.hash_value, list(_hash_rows(base, numbers)))
        raise_revision(
            connection,
            action="import",
            source_id=1,
            snapshot_id=1,
            first_opinion_id=1,
            first_hash_id=1,
        )


def _opinion(number: int, md5: bytes) -> tuple[Any, ...]:
    return (
        *(number, 1, f"md5:{md5.hex()}", md5, number, 1, 1, 1, None, None, None),
        *(md5, None, None, "video", None, None, "vics-us-current", "1", "csam"),
        *(None,) * 9,
        *("[]", "[]", None, "{}", "{}"),
    )


def _hash_rows(base: Hashes, numbers: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    for number in numbers:
        first = (number - 1) * FRAMES_EACH
        for place in range(FRAMES_EACH):
            value = base[first + place].tobytes()
            head = (first + place + 1, number, "pdq", value, 100)
            yield (*head, True, None, 30 * place, float(place))
