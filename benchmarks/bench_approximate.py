"""Approximate indexes beside the exact scan: recall, time to build and to search, one thread.

faiss's binary graph and lists through ApproximateIndex, usearch's graph directly; the problem is
the exact benchmark's: random hashes, each query with a neighbour at every distance 0..33.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray
from usearch.index import Index as UsearchIndex

from benchmarks.measure import Work, arguments, machine, paired, table, write
from benchmarks.workloads import SearchProblem, search_problem
from hashmatch.index import ApproximateIndex, HammingIndex

RADIUS = 31
N_QUERIES = 64
NEIGHBOURS = 64
"""Asked of usearch, which has no search by radius; each query has 32 within the radius."""

Found = set[tuple[int, int]]  # (query, position)


def pairs(offsets: NDArray[np.int64], ids: NDArray[np.int64]) -> Found:
    numbers = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    return set(zip(numbers.tolist(), ids.tolist(), strict=True))


def usearch_within(index: UsearchIndex, queries: NDArray[np.uint8]) -> Found:
    matches: Any = index.search(queries, NEIGHBOURS, threads=1)
    found: Found = set()
    for number in range(len(queries)):
        count = int(matches.counts[number])
        keys, apart = matches.keys[number][:count], matches.distances[number][:count]
        found |= {(number, int(key)) for key in keys[apart <= RADIUS]}
    return found


def built(make: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    return make(), time.perf_counter() - start


def usearch_index(problem: SearchProblem) -> UsearchIndex:
    index = UsearchIndex(
        ndim=256, metric="hamming", dtype="b1", connectivity=32, expansion_add=128,
        expansion_search=128,
    )  # fmt: skip
    index.add(np.arange(len(problem.hashes)), problem.hashes, threads=1)
    return index


def compared(n: int, rounds: int) -> list[dict[str, Any]]:
    problem = search_problem(n, N_QUERIES)
    queries = problem.queries

    def exact() -> HammingIndex:
        index = HammingIndex(256)
        index.add(problem.hashes)
        return index

    makers: dict[str, Callable[[], Any]] = {
        "exact scan": exact,
        "faiss graph": lambda: ApproximateIndex.build(problem.hashes, kind="hnsw"),
        "faiss lists, 16 probed": lambda: ApproximateIndex.build(problem.hashes, kind="ivf"),
        "faiss lists, 64 probed": lambda: ApproximateIndex.build(
            problem.hashes, kind="ivf", probes=64
        ),
        "usearch graph": lambda: usearch_index(problem),
    }
    rows: list[dict[str, Any]] = []
    searches: dict[str, Work] = {}
    wanted: Found = set()
    for name, make in makers.items():
        index, seconds = built(make)
        if name == "usearch graph":
            searches[name] = partial(index.search, queries, NEIGHBOURS, threads=1)
            found = usearch_within(index, queries)
        else:
            searches[name] = partial(index.range_search, queries, RADIUS)
            result = index.range_search(queries, RADIUS)
            found = pairs(result.offsets, result.ids)
        if name == "exact scan":
            wanted = found
            assert len(wanted) == N_QUERIES * (RADIUS + 1)
        assert found <= wanted, name
        rows.append(
            {
                "index": name,
                "hashes": n,
                "recall": len(found) / len(wanted),
                "recall it states": getattr(index, "recall", None),
                "seconds to build": seconds,
            }
        )
    times = paired(searches, rounds=rounds, budget_s=5)
    for row in rows:
        row["microseconds a query"] = 1e6 * times[row["index"]] / N_QUERIES
        row["times the exact scan"] = times["exact scan"] / times[row["index"]]
    return rows


def main() -> None:
    parser = arguments((__doc__ or "").splitlines()[0])
    parser.add_argument("--hashes", type=int, default=100_000, help="100,000 to 1,000,000")
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    faiss.omp_set_num_threads(1)
    result: dict[str, Any] = {"machine": machine("faiss-cpu", "usearch"), "radius": RADIUS}
    result["indexes"] = compared(options.hashes, options.rounds)
    table(f"{options.hashes} hashes, radius {RADIUS}, {N_QUERIES} queries", result["indexes"])
    write(options.json, result)


if __name__ == "__main__":
    main()
