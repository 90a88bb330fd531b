"""Exact radius search beside faiss: one query and many, random, adversarial and real hashes.

One thread. Every answer is compared with a brute force in the same run.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import Work, arguments, machine, on_isa, paired, table, write
from benchmarks.workloads import photo_hashes, search_problem, skewed_hashes
from hashmatch import cpu
from hashmatch.index import HammingIndex, SearchResult

RADIUS = 31
WIDE_RADIUS = 84
PREFILTER = 18
Hashes = NDArray[np.uint8]


def flat_index(hashes: Hashes) -> faiss.IndexBinaryFlat:
    flat = faiss.IndexBinaryFlat(256)
    flat.add(hashes)
    return flat


def built(hashes: Hashes) -> HammingIndex:
    index = HammingIndex(256)
    index.add(hashes)
    return index


def assert_equal(result: SearchResult, found: tuple[Any, Any, Any]) -> None:
    """Recall and precision 1.000: the same hits, whatever the order."""
    limits, distances, ids = found
    offsets = limits.astype(np.int64)
    rows = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    order = np.lexsort((ids, distances, rows))
    assert np.array_equal(result.offsets, offsets)
    assert np.array_equal(result.ids, ids[order])
    assert np.array_equal(result.distances, distances[order])


def one_query(name: str, hashes: Hashes, queries: Hashes, *, multi: bool) -> dict[str, Any]:
    """Each query alone, as a check asks it; the queries take turns."""
    index, flat = built(hashes), flat_index(hashes)
    scanning = HammingIndex(256, strategy="scan")
    scanning.add(hashes)
    brute = flat.range_search(queries, RADIUS + 1)  # faiss is strict
    for isa in cpu.available_isas():
        with cpu.using_isa(isa):
            assert_equal(index.range_search(queries, RADIUS), brute)
            alone = [index.range_search(query[None], RADIUS) for query in queries]
            assert sum(len(result.ids) for result in alone) == len(brute[2])

    def each(search: Any) -> Work:
        turn = iter(range(10**9))

        def run() -> None:
            query = queries[next(turn) % len(queries)]
            search(query[None])

        return run

    contestants: dict[str, Work] = {
        "IndexBinaryFlat": each(lambda q: flat.range_search(q, RADIUS + 1)),
        "scan": each(lambda q: scanning.range_search(q, RADIUS)),
    }
    for isa in cpu.available_isas()[1:]:
        contestants[isa] = on_isa(isa, each(lambda q: index.range_search(q, RADIUS)))
    if multi:
        peer = faiss.IndexBinaryMultiHash(256, 16, 16)
        peer.nflip = 1  # radius // 16, as python-threatexchange sets it
        peer.add(hashes)
        found = peer.range_search(queries, RADIUS + 1)
        assert len(found[2]) == len(brute[2])
        contestants["IndexBinaryMultiHash"] = each(lambda q: peer.range_search(q, RADIUS + 1))
    times = paired(contestants, rounds=9, budget_s=20)
    best = cpu.available_isas()[-1]
    works = [index.range_search(query[None], RADIUS).work for query in queries]
    return {
        "base": name,
        "hashes": len(hashes),
        "hits a query": len(brute[2]) / len(queries),
        "times as fast": {
            f"{isa} as {peer}": times[peer] / times[isa]
            for isa in cpu.available_isas()[1:]
            for peer in times
            if peer in ("IndexBinaryFlat", "IndexBinaryMultiHash", "scan")
        },
        "microseconds": {key: 1e6 * value for key, value in times.items()},
        "work a query": {
            key: float(np.mean([getattr(work, key) for work in works if work is not None]))
            for key in ("probes", "entries", "verified", "scanned")
        },
        "plan": str(index.explain(queries[0], RADIUS)),
        "isa": best,
    }


def many_queries(n: int) -> dict[str, Any]:
    """64 at once at a wide radius, where only a scan serves."""
    problem = search_problem(n, 64, max_distance=WIDE_RADIUS + 2)
    index, flat = built(problem.hashes), flat_index(problem.hashes)
    queries = problem.queries
    brute = flat.range_search(queries, WIDE_RADIUS + 1)
    for isa in cpu.available_isas():
        with cpu.using_isa(isa):
            assert_equal(index.range_search(queries, WIDE_RADIUS), brute)
    contestants: dict[str, Work] = {
        "IndexBinaryFlat": lambda: flat.range_search(queries, WIDE_RADIUS + 1)
    }
    for isa in cpu.available_isas()[1:]:
        contestants[isa] = on_isa(isa, lambda: index.range_search(queries, WIDE_RADIUS))
        contestants[f"{isa}, prefilter {PREFILTER}"] = on_isa(
            isa,
            lambda: index.range_search(queries, WIDE_RADIUS, prefilter_distance=PREFILTER),
        )
    times = paired(contestants, rounds=7, budget_s=30)
    kept = index.range_search(queries, WIDE_RADIUS, prefilter_distance=PREFILTER)
    return {
        "hashes": n,
        "queries at once": 64,
        "radius": WIDE_RADIUS,
        "hits": len(brute[2]),
        "hits with the prefilter": len(kept.ids),
        "times as fast as IndexBinaryFlat": {
            name: times["IndexBinaryFlat"] / seconds for name, seconds in times.items()
        },
        "G comparisons/s": {name: n * 64 / seconds / 1e9 for name, seconds in times.items()},
    }


def popcount_limit() -> dict[str, float]:
    """G comparisons/s from registers only; empty where it can't be compiled or run."""
    source = Path(__file__).with_name("popcount_limit.cpp")
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "limit"
        build = ["c++", "-O3", "-std=c++20", str(source), "-o", str(program)]
        try:
            subprocess.run(build, check=True, capture_output=True)
            shown = subprocess.run([str(program)], check=True, capture_output=True, text=True)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"no popcount limit: {error}", file=sys.stderr)
            return {}
    limit: dict[str, float] = json.loads(shown.stdout)
    return limit


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--hashes", type=int, default=1_000_000)
    parser.add_argument("--large", type=int, default=10_000_000, help="0: leave it out")
    options = parser.parse_args()
    faiss.omp_set_num_threads(1)
    result: dict[str, Any] = {"machine": machine("faiss-cpu"), "popcount limit": popcount_limit()}
    problem = search_problem(options.hashes, 64)
    searches = [one_query("random", problem.hashes, problem.queries, multi=True)]
    skewed, rare = skewed_hashes(options.hashes)
    searches.append(one_query("half one value", skewed, rare, multi=False))
    real = photo_hashes(100_000)
    if real is not None:
        searches.append(one_query("photographs", real, real[:: len(real) // 64], multi=True))
    if options.large:
        problem = search_problem(options.large, 64)
        searches.append(one_query("random", problem.hashes, problem.queries, multi=False))
    result["one query"] = searches
    result["64 queries"] = many_queries(options.hashes)
    for search in searches:
        table(f"{search['base']}, {search['hashes']}: times as fast", [search["times as fast"]])
        table("microseconds", [search["microseconds"]])
        print(search["plan"])
    wide = result["64 queries"]
    for title in ("times as fast as IndexBinaryFlat", "G comparisons/s"):
        table(f"64 queries, radius {WIDE_RADIUS}: {title}", [wide[title]])
    table("popcount limit, G comparisons/s", [result["popcount limit"]])
    write(options.json, result)


if __name__ == "__main__":
    main()
