"""Media for the benchmarks of checks, written straight into the tables: what an import costs is
measured by ``bench_database.py``."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.workloads import Pixels
from hashmatch.database import Database
from hashmatch.hashing import pdq
from hashmatch.store import insert_rows, raise_revision, schema

BLOCK = 20_000
MIN_QUALITY = 50
FLIPS = (60, 90)
"""Bits by which a replica of a hash differs from it: the reach of unrelated photographs' tail."""

Hashes = NDArray[np.uint8]
_PUBLISH = """
import resource, sys
from hashmatch.database import open_database
with open_database(sys.argv[1], read_only=True) as db:
    report = db.publish_index(whole=True)
print(report.seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, report.n_bytes)
"""


def add_media(db: Database, first: int, count: int, rng: np.random.Generator) -> None:
    """Media with MD5, SHA-1, and random PDQ and PhotoDNA values, as one revision."""

    def blocks() -> Iterator[tuple[Sequence[int], list[tuple[Any, ...]]]]:
        for ids in _blocks(first, count):
            pdqs, photodnas = (rng.bytes(n * len(ids)) for n in (32, 144))
            hashes: list[tuple[Any, ...]] = []
            for place, number in enumerate(ids):
                value = pdqs[32 * place : 32 * place + 32]
                other = photodnas[144 * place : 144 * place + 144]
                rest = (True, None, None, None)
                hashes.append((2 * number - 1, number, "pdq", value, 100, *rest))
                hashes.append((2 * number, number, "photodna", other, None, *rest))
            yield ids, hashes

    _write(db, first, 2 * first - 1, blocks(), rng)


def add_hashes(db: Database, first: int, values: Iterator[Hashes], rng: np.random.Generator) -> int:
    """Media with MD5, SHA-1 and these PDQ hashes, as one revision; their quality is said to be 100.

    Args:
        first: id of the first one, and of its hash; the others follow.
        values: uint8 (n, 32) each.

    Returns:
        The id after the last.
    """
    end = first

    def blocks() -> Iterator[tuple[Sequence[int], list[tuple[Any, ...]]]]:
        nonlocal end
        for block in values:
            ids = range(end, end + len(block))
            end = ids.stop
            rest = (100, True, None, None, None)
            yield (
                ids,
                [(n, n, "pdq", row.tobytes(), *rest) for n, row in zip(ids, block, strict=True)],
            )

    _write(db, first, first, blocks(), rng)
    return end


def _blocks(first: int, count: int) -> Iterator[range]:
    for start in range(first, first + count, BLOCK):
        yield range(start, min(start + BLOCK, first + count))


def _write(
    db: Database,
    first: int,
    first_hash: int,
    blocks: Iterator[tuple[Sequence[int], list[tuple[Any, ...]]]],
    rng: np.random.Generator,
) -> None:
    with db.store.writing() as connection:
        if first == 1:
            insert_rows(connection, schema.source, [(1, "List", False, 1)])
            counts = (0,) * 8
            row = (1, 1, *(None,) * 5, "bench", "2026-01-01T00:00:00+00:00", 1, *counts, "0", None)
            insert_rows(connection, schema.snapshot, [row])
        for ids, hashes in blocks:
            md5s, sha1s = (rng.bytes(n * len(ids)) for n in (16, 20))
            media: list[tuple[Any, ...]] = []
            opinions: list[tuple[Any, ...]] = []
            for place, number in enumerate(ids):
                md5 = md5s[16 * place : 16 * place + 16]
                sha1 = sha1s[20 * place : 20 * place + 20]
                media.append((number, md5, sha1, None, None, 1, None, None, 1))
                opinions.append(
                    (
                        *(number, 1, f"md5:{md5.hex()}", md5, number, 1, 1, 1, None, None, None),
                        *(md5, sha1, None, "image", None, None, "vics-us-current", "1", "csam"),
                        *(None,) * 9,
                        *("[]", "[]", None, "{}", "{}"),
                    )
                )
            insert_rows(connection, schema.media, media)
            insert_rows(connection, schema.opinion, opinions)
            insert_rows(connection, schema.hash_value, hashes)
        raise_revision(
            connection,
            action="import",
            source_id=1,
            snapshot_id=1,
            first_opinion_id=first,
            first_hash_id=first_hash,
        )


def built(path: Path) -> dict[str, float]:
    """The lookup segments anew, in a process of its own, for its memory."""
    command = [sys.executable, "-c", _PUBLISH, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, kib, n_bytes = done.stdout.split()
    return {"build, s": float(seconds), "peak MB": int(kib) / 1024, "files MB": int(n_bytes) / 1e6}


def part_hashes(pictures: Sequence[Pixels], count: int, rng: np.random.Generator) -> Hashes:
    """PDQ of ``count`` parts of pictures, 25 to 90 % of each side; those that say enough."""
    found: list[Hashes] = []
    for pixels in cycle(pictures):
        sides = np.array(pixels.shape[:2])
        height, width = (sides * rng.uniform(0.25, 0.9, 2)).astype(int)
        top, left = rng.integers(0, sides - (height, width) + 1)
        part = np.ascontiguousarray(pixels[top : top + height, left : left + width])
        value, quality = pdq(part)
        if quality >= MIN_QUALITY:
            found.append(value)
        if len(found) == count:
            break
    return np.stack(found)


def replicas(hashes: Hashes, count: int, rng: np.random.Generator) -> Iterator[Hashes]:
    """``count`` hashes in blocks: drawn from ``hashes``, as many zeros as ones turned over.

    Random hashes would be too easy a base: the bits of photographs' hashes depend on each other, so
    that many more of them come near a query. Replicas keep some of that, and 128 set bits.
    """
    for block in _blocks(0, count):
        drawn = np.unpackbits(hashes[rng.integers(0, len(hashes), len(block))], axis=1)
        half = rng.integers(FLIPS[0] // 2, FLIPS[1] // 2 + 1, (len(block), 1))
        zeros = 256 - drawn.sum(axis=1, dtype=np.int64)[:, None]
        order = (rng.random(drawn.shape, np.float32) + 2 * drawn).argsort(axis=1)  # zeros first
        rank = np.arange(256)
        flipped = (rank < half) | ((rank >= zeros) & (rank < zeros + half))
        mask = np.zeros_like(drawn)
        np.put_along_axis(mask, order, flipped.astype(np.uint8), axis=1)
        yield np.packbits(drawn ^ mask, axis=1)
