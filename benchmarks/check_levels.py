"""What a check costs at each level, by what it finds: after decoding and hashing, on one thread."""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.check_adversary import asked_of_adversaries, attracting
from benchmarks.check_base import Hashes, add_hashes, built, part_hashes, replicas
from benchmarks.check_queries import (
    Pictures,
    cropped,
    fingerprints,
    making,
    pictures_for,
    recompressed,
)
from benchmarks.measure import machine, table
from benchmarks.workloads import SEED
from hashmatch.database import Database, HashLookup, open_database
from hashmatch.fingerprinting import ImageFingerprint
from hashmatch.hashing import pdq
from hashmatch.matching import Checker, Level, MatchPolicy
from hashmatch.matching.plans import standard_plan, thorough_plan
from hashmatch.matching.registration import register

PARTS = 20_000
_COUNTED = 12  # queries whose candidates are counted
_TOLD = ("status", "distance", "adjusted_distance", "reason", "placement")
_HIDDEN = ("matches with others",)  # in the JSON
_TARGETS = {
    ("fast", "nothing"): 1.0,
    ("fast", "plain copy"): 1.0,
    ("standard", "nothing"): 40.0,
    ("standard", "plain copy"): 10.0,
    ("thorough", "nothing"): 500.0,
}


@dataclass(frozen=True)
class Case:
    """Queries of one kind at one level; ``wanted``: the media that each of them is, or None."""

    level: str
    what: str
    queries: list[ImageFingerprint]
    wanted: list[int | None]


def cases(pictures: Pictures, algorithms: Sequence[str]) -> list[Case]:
    """Known media have ids from 1 in the order of ``pictures.known``."""
    rng = np.random.default_rng((SEED, 1))
    nothing: list[int | None] = [None] * len(pictures.unknown)
    ids: list[int | None] = list(range(1, len(pictures.known) + 1))
    copies = [recompressed(pixels, 75) for pixels in pictures.known]
    crops = [recompressed(cropped(pixels, rng), 80) for pixels in pictures.known]
    asked = (
        *((level, "nothing", pictures.unknown, nothing) for level in ("fast", "standard")),
        *((level, "plain copy", copies, ids) for level in ("fast", "standard")),
        ("standard", "cropped copy", crops, ids),
        ("thorough", "nothing", pictures.unknown, nothing),
        ("thorough", "cropped copy", crops, ids),
    )
    return [
        Case(level, what, fingerprints(shown, level, algorithms), wanted)
        for level, what, shown, wanted in asked
    ]


def measured(checker: Checker, case: Case, rounds: int) -> dict[str, Any]:
    """Each query's median over the rounds; then median and 90th percentile over the queries."""
    walls, own, comparisons, right = [], [], [], 0
    statuses: Counter[str] = Counter()
    other: list[dict[str, Any]] = []
    checker.check_fingerprint(case.queries[0])
    for query, wanted in zip(case.queries, case.wanted, strict=True):
        wall, cpu = [], []
        for _ in range(rounds):
            start, spent = time.perf_counter(), time.thread_time()
            result = checker.check_fingerprint(query)
            cpu.append(time.thread_time() - spent)
            wall.append(time.perf_counter() - start)
        walls.append(1e3 * statistics.median(wall))
        own.append(1e3 * statistics.median(cpu))
        comparisons.append(result.n_comparisons)
        first = result.matches[0].media.media_id if result.matches else None
        right += first == wanted
        statuses[result.status.value] += 1
        other += [match.to_dict() for match in result.matches if match.media.media_id != wanted]
    return {
        "level": case.level,
        "finds": case.what,
        "queries": len(walls),
        "answers as wanted": right,
        "statuses": dict(statuses),
        "median ms": statistics.median(walls),
        "p90 ms": float(np.percentile(walls, 90)),
        "median ms of the thread": statistics.median(own),
        "target, ms": _TARGETS.get((case.level, case.what)),
        "comparisons a query": int(statistics.median(comparisons)),
        "matches with others": [{name: match[name] for name in _TOLD} for match in other],
    }


def candidates(db: Database, of: Sequence[Case]) -> list[dict[str, Any]]:
    """Placements and entries within the coarse radius a query: what registration works on."""
    lookup = HashLookup(db, "pdq")
    with db.snapshot() as view:
        lookup.catch_up(view)
    rows = []
    for case in of:
        plan = thorough_plan() if case.level == "thorough" else standard_plan()
        made = [
            register(
                query.views,
                set(range(len(query.views))),
                lookup.state,
                plan,
                MatchPolicy().max_comparisons,
            )
            for query in case.queries[:_COUNTED]
        ]
        rows.append(
            {
                "level": case.level,
                "queries": len(made),
                "placements a query": statistics.median(one.n_placements for one in made),
                "candidates a query": statistics.median(one.n_candidates for one in made),
                "most candidates": max(one.n_candidates for one in made),
            }
        )
    return rows


def throughput(checker: Checker, of: Sequence[Case]) -> list[dict[str, Any]]:
    """Checks a second over a mixed batch with one checker; threads take turns, the best of two."""
    batch = [
        query for queries in zip(*(case.queries for case in of), strict=True) for query in queries
    ]
    best: dict[int, float] = {}
    for _ in range(2):
        for threads in (1, 2):
            start = time.perf_counter()
            with ThreadPoolExecutor(threads) as pool:
                done = sum(1 for _ in pool.map(checker.check_fingerprint, batch))
            best[threads] = max(best.get(threads, 0.0), done / (time.perf_counter() - start))
    return [
        {"threads": threads, "checks a second": rate, "times one thread": rate / best[1]}
        for threads, rate in best.items()
    ]


def at_one_size(db: Database, all_of_it: Sequence[Case], rounds: int) -> dict[str, Any]:
    """Every case against the database as it is."""
    checkers = {
        level: Checker(db, MatchPolicy(level=Level(level)), audit=False)
        for level in dict.fromkeys(case.level for case in all_of_it)
    }
    levels = [measured(checkers[case.level], case, rounds) for case in all_of_it]
    standard = [case for case in all_of_it if case.level == "standard"]
    nothing = [case for case in all_of_it if case.what == "nothing" and case.level != "fast"]
    return {
        "levels": levels,
        "registration, nothing found": candidates(db, nothing),
        "throughput of standard": throughput(checkers["standard"], standard),
    }


def sizes(entries: int, growth: bool) -> list[int]:
    """Entries at which is measured, rising."""
    return [entries // 10, entries, 10 * entries] if growth else [entries]


def level_costs(given: argparse.Namespace) -> dict[str, Any]:
    """The whole report.

    Args:
        given: ``entries``, ``growth``, ``queries``, ``rounds`` and ``uploads`` of ``bench_check``.
    """
    rng = np.random.default_rng((SEED, 2))
    pictures = pictures_for(given.queries)
    parts = part_hashes(pictures.rest, min(PARTS, given.entries), rng)
    report: dict[str, Any] = {
        "machine": machine("pillow", "sqlalchemy"),
        "pictures": pictures.what,
        "base": f"{len(parts)} parts of other pictures and replicas of their hashes, 60 to 90 bits "
        "turned over in each; whole hashes of the known ones",
        "before a check": making(pictures.unknown),
        "sizes": [],
    }
    table("before a check, after decoding", report["before a check"])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "levels.db"
        with open_database(path, create=True) as db:
            known = np.stack([pdq(pixels)[0] for pixels in pictures.known])
            following = add_hashes(db, 1, iter((known, parts)), rng)
            asked = cases(pictures, ("pdq",))
            for size in sizes(given.entries, given.growth):
                following = _grown(db, following, size, parts, rng)
                segments = built(path)
                found = at_one_size(db, asked, given.rounds)
                report["sizes"].append({"entries": following - 1, "segments": segments, **found})
                for name, rows in found.items():
                    shown = [{k: v for k, v in row.items() if k not in _HIDDEN} for row in rows]
                    table(f"{name}, {following - 1:,} entries", shown)
            if given.uploads:
                add_hashes(db, following, attracting(rng), rng)
                built(path)
                report["adversary"] = asked_of_adversaries(db, given.uploads)
                table("adversary", report["adversary"]["uploads"])
    return report


def _grown(db: Database, following: int, size: int, parts: Hashes, rng: np.random.Generator) -> int:
    missing = size - (following - 1)
    if missing <= 0:
        return following
    return add_hashes(db, following, replicas(parts, missing, rng), rng)
