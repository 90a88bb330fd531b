"""What the matching service costs beside a local checker, and a question to shards beside one to a
local index. Random hashes; Ray, its checkers and shards on this machine."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np

from benchmarks.measure import Work, arguments, machine, paired, table, write
from benchmarks.service_site import Site, ray_here, sharded, site
from benchmarks.workloads import SEED
from hashmatch.cluster import CheckService
from hashmatch.database import HashLookup
from hashmatch.fingerprinting import examine_medium
from hashmatch.matching import Checker, Level, MatchPolicy

RADIUS = 31
CALLERS = 8
POLICY = MatchPolicy(level=Level.FAST)


def requests(place: Site, rounds: int, budget_s: float) -> list[dict[str, Any]]:
    """A fingerprint that nothing is near to, one request after the other, and eight at once."""
    pixels = np.random.default_rng(SEED).integers(0, 256, (64, 64, 3), np.uint8)
    asked = examine_medium(pixels, dihedral=True)
    local = Checker(place.db, POLICY, audit=False)
    rows = []
    for checkers in (1, 2):
        options: dict[str, Any] = {"audit": False, "checkers": checkers, "policy": POLICY}
        options["resources"] = {"num_cpus": 0.1}
        with (
            sharded(place, 2) as shards,
            CheckService(place.path, **options) as plain,
            CheckService(place.path, {"pdq": shards}, **options) as over_shards,
        ):
            checks = {
                "a local checker": local.check_fingerprint,
                "the service": plain.check_fingerprint,
                "the service over 2 shards": over_shards.check_fingerprint,
            }
            answers = {name: check(asked) for name, check in checks.items()}
            sides: dict[str, Work] = {name: partial(ask, asked) for name, ask in checks.items()}
            assert len({answer.status for answer in answers.values()}) == 1
            assert len({answer.n_entries for answer in answers.values()}) == 1
            seconds = paired(sides, rounds=rounds, budget_s=budget_s)
            rows += [
                {
                    "who": name,
                    "checkers": checkers if "service" in name else 0,
                    "ms a request": 1e3 * seconds[name],
                    f"a second, {CALLERS} callers": at_once(ask, budget_s / 3),
                }
                for name, ask in sides.items()
            ]
    return rows


def at_once(ask: Work, budget_s: float) -> float:
    """Requests a second of callers that ask again as soon as they are answered."""
    until = time.perf_counter() + budget_s

    def calls(_: int) -> int:
        made = 0
        while time.perf_counter() < until:
            ask()
            made += 1
        return made

    started = time.perf_counter()
    with ThreadPoolExecutor(CALLERS) as callers:
        made = sum(callers.map(calls, range(CALLERS)))
    return made / (time.perf_counter() - started)


def broadcasts(place: Site, rounds: int, budget_s: float) -> dict[str, Any]:
    """The same question to more and more shards of the same hashes, and to a local index."""
    lookup = HashLookup(place.db)
    lookup.catch_up()
    rng = np.random.default_rng(SEED)
    rows = []
    for count in (8, 288):
        queries = rng.integers(0, 256, (count, 32), dtype=np.uint8)
        for shards in (1, 2, 4, 8):
            with sharded(place, shards) as opened:
                found = opened.range_search(queries, RADIUS)
                assert np.array_equal(found.ids, lookup.range_search(queries, RADIUS).ids)
                sides: dict[str, Work] = {
                    "shards": partial(opened.range_search, queries, RADIUS),
                    "local": partial(lookup.range_search, queries, RADIUS),
                }
                seconds = paired(sides, rounds=rounds, budget_s=budget_s / 2)
            rows.append(
                {
                    "queries": count,
                    "shards": shards,
                    "ms": 1e3 * seconds["shards"],
                    "ms of a local index": 1e3 * seconds["local"],
                }
            )
    few = [row for row in rows if row["queries"] == rows[0]["queries"]]
    slope, fixed = np.polyfit([r["shards"] for r in few], [r["ms"] for r in few], 1)
    return {"asked": rows, "ms a shard": float(slope), "ms besides": float(max(fixed, 0.0))}


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--quick", action="store_true", help="few hashes, short rounds")
    chosen = parser.parse_args()
    hashes, rounds, budget_s = (2_000, 3, 1.0) if chosen.quick else (50_000, 7, 10.0)
    result: dict[str, Any] = {"machine": machine("ray"), "hashes": hashes}
    with ray_here(cpus=2), site(hashes) as place:
        result["requests"] = requests(place, rounds, budget_s)
        table("a request that nothing is near to, level fast", result["requests"])
        result["broadcast"] = broadcasts(place, rounds, budget_s)
        table(f"radius {RADIUS}, {hashes} hashes", result["broadcast"]["asked"])
    made = result["broadcast"]
    print(f"\na broadcast: {made['ms besides']:.2f} ms and {made['ms a shard']:.3f} ms a shard")
    local, served = (row["ms a request"] for row in result["requests"][:2])
    result["ms of a request beside a local one"] = served - local
    print(f"a request through the service: {served - local:.2f} ms more than a local one")
    write(chosen.json, result)


if __name__ == "__main__":
    main()
