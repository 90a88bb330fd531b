"""Checks against a national database: digests a second, a picture beyond its decoding, and how
fast the lookup segments are built and follow a change.

With ``--levels`` instead: what each level costs by what it finds, and uploads made to be expensive
(``check_levels.py``, ``check_adversary.py``).
"""

from __future__ import annotations

import argparse
import io
import resource
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.check_base import add_media, built
from benchmarks.check_levels import level_costs
from benchmarks.measure import Work, arguments, machine, paired, table, write
from benchmarks.workloads import SEED, picture
from hashmatch.database import open_database
from hashmatch.decode import decode_image
from hashmatch.hashing import pdq_dihedral
from hashmatch.matching import Checker, Level, MatchPolicy


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


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--media", type=int, default=1_000_000)
    parser.add_argument("--pictures", type=int, default=200)
    parser.add_argument("--levels", action="store_true", help="the cost of levels instead")
    parser.add_argument("--entries", type=int, default=1_000_000, help="with --levels")
    parser.add_argument("--growth", action="store_true", help="and a tenth and ten times of them")
    parser.add_argument("--queries", type=int, default=64, help="of each kind, with --levels")
    parser.add_argument("--rounds", type=int, default=3, help="checks of each query")
    parser.add_argument("--uploads", type=int, default=10_000, help="adversary's; 0: none")
    given = parser.parse_args()
    write(given.json, level_costs(given) if given.levels else media_costs(given))


def media_costs(given: argparse.Namespace) -> dict[str, Any]:
    """Random media: digests, pictures, segments."""
    rng = np.random.default_rng(SEED)
    result: dict[str, Any] = {"machine": machine("pillow", "sqlalchemy"), "media": given.media}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "national.db"
        with open_database(path, create=True) as db:
            add_media(db, 1, given.media, rng)
            result["segments"] = built(path)
            table("segments built anew", [result["segments"]])
            start = time.perf_counter()
            checker = Checker(db, MatchPolicy(level=Level.FAST), audit=False)
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
    return result


if __name__ == "__main__":
    main()
