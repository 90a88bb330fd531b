"""Checks against a national database: digests a second, a picture beyond its decoding, and how
fast the lookup segments are built and follow a change.

The base is written straight into the tables: what an import costs is measured by
``bench_database.py``.
"""

from __future__ import annotations

import io
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.measure import Work, arguments, machine, paired, table, write
from benchmarks.workloads import SEED, picture
from hashmatch.database import Database, open_database
from hashmatch.decode import decode_image
from hashmatch.hashing import pdq_dihedral
from hashmatch.matching import Checker
from hashmatch.store import insert_rows, raise_revision, schema

BLOCK = 20_000
_PUBLISH = """
import resource, sys
from hashmatch.database import open_database
with open_database(sys.argv[1], read_only=True) as db:
    report = db.publish_index(whole=True)
print(report.seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, report.n_bytes)
"""


def add_media(db: Database, first: int, count: int, rng: np.random.Generator) -> None:
    """Media with MD5, SHA-1, PDQ and PhotoDNA, as one revision."""
    with db.store.writing() as connection:
        if first == 1:
            insert_rows(connection, schema.source, [(1, "List", False, 1)])
            counts = (0,) * 8
            row = (1, 1, *(None,) * 5, "bench", "2026-01-01T00:00:00+00:00", 1, *counts, "0", None)
            insert_rows(connection, schema.snapshot, [row])
        for start in range(first, first + count, BLOCK):
            ids = range(start, min(start + BLOCK, first + count))
            md5s, sha1s, pdqs, photodnas = (rng.bytes(n * len(ids)) for n in (16, 20, 32, 144))
            media: list[tuple[Any, ...]] = []
            opinions: list[tuple[Any, ...]] = []
            hashes: list[tuple[Any, ...]] = []
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
                value = pdqs[32 * place : 32 * place + 32]
                other = photodnas[144 * place : 144 * place + 144]
                rest = (True, None, None, None)
                hashes.append((2 * number - 1, number, "pdq", value, 100, *rest))
                hashes.append((2 * number, number, "photodna", other, None, *rest))
            insert_rows(connection, schema.media, media)
            insert_rows(connection, schema.opinion, opinions)
            insert_rows(connection, schema.hash_value, hashes)
        raise_revision(
            connection,
            action="import",
            source_id=1,
            snapshot_id=1,
            first_opinion_id=first,
            first_hash_id=2 * first - 1,
        )


def jpeg(height: int, width: int, seed: int) -> bytes:
    data = io.BytesIO()
    Image.fromarray(picture(height, width, seed, colour=True)).save(data, "JPEG", quality=90)
    return data.getvalue()


def median_ms(times: list[float]) -> float:
    return statistics.median(times) * 1e3


def pictures(checker: Checker, count: int) -> dict[str, Any]:
    """A whole check of a JPEG of 0.2 megapixels, and its parts; each picture is another one."""
    whole, decoding, hashing = [], [], []
    for number in range(count):
        data = jpeg(400, 500, SEED + number)
        start = time.perf_counter()
        decoded = decode_image(data)
        middle = time.perf_counter()
        pdq_dihedral(decoded.pixels)
        end = time.perf_counter()
        result = checker.check(data)
        whole.append(time.perf_counter() - end)
        decoding.append(middle - start)
        hashing.append(end - middle)
        assert result.n_variants == 8
    beyond = [all_of_it - part for all_of_it, part in zip(whole, decoding, strict=True)]
    return {
        "pictures": count,
        "check, ms": median_ms(whole),
        "decoding alone, ms": median_ms(decoding),
        "PDQ in eight orientations alone, ms": median_ms(hashing),
        "check beyond decoding, ms (median)": median_ms(beyond),
        "check beyond decoding, ms (99th percentile)": float(np.percentile(beyond, 99)) * 1e3,
    }


def digests(checker: Checker, rng: np.random.Generator, count: int) -> list[dict[str, Any]]:
    asked = np.frombuffer(rng.bytes(20 * count), np.uint8).reshape(count, 20)
    hexed = [row.tobytes().hex() for row in asked]
    md5s = [rng.bytes(16).hex() for _ in range(count)]
    contestants: dict[str, Work] = {
        "check_digests, SHA-1": lambda: [checker.check_digests(sha1=x) for x in hexed],
        "check_digests, MD5 and SHA-1": lambda: [
            checker.check_digests(md5=m, sha1=x) for m, x in zip(md5s, hexed, strict=True)
        ],
        "check_many_digests, SHA-1": lambda: list(checker.check_many_digests("sha1", asked)),
    }
    times = paired(contestants, rounds=3, budget_s=3.0)
    return [{"who": name, "misses a second": count / s} for name, s in times.items()]


def built(path: Path) -> dict[str, float]:
    """In a process of its own, for its memory."""
    command = [sys.executable, "-c", _PUBLISH, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, kib, n_bytes = done.stdout.split()
    return {"build, s": float(seconds), "peak MB": int(kib) / 1024, "files MB": int(n_bytes) / 1e6}


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--media", type=int, default=1_000_000)
    parser.add_argument("--pictures", type=int, default=200)
    given = parser.parse_args()
    rng = np.random.default_rng(SEED)
    result: dict[str, Any] = {"machine": machine("pillow", "sqlalchemy"), "media": given.media}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "national.db"
        with open_database(path, create=True) as db:
            add_media(db, 1, given.media, rng)
            result["segments"] = built(path)
            table("segments built anew", [result["segments"]])
            start = time.perf_counter()
            checker = Checker(db, audit=False)
            checker.check_hash("pdq", rng.bytes(32))
            result["first check, s"] = time.perf_counter() - start
            result["digests"] = digests(checker, rng, 20_000)
            table("digests", result["digests"])
            result["pictures"] = pictures(checker, given.pictures)
            table("pictures", [result["pictures"]])
            share = max(1, given.media // 100)
            add_media(db, given.media + 1, share, rng)
            start = time.perf_counter()
            assert checker.check_hash("pdq", rng.bytes(32)).revision == db.revision
            visible = time.perf_counter() - start
            report = db.publish_index()
            result["one percent more"] = {
                "media": share,
                "until the next check has seen it, s": visible,
                "published, s": report.seconds,
                "how": report.state,
            }
            table("one percent more", [result["one percent more"]])
    result["peak MB of this process"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    write(given.json, result)


if __name__ == "__main__":
    main()
