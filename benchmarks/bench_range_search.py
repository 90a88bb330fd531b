"""Exact range search beside faiss.IndexBinaryFlat: one thread, equal results asserted."""

from __future__ import annotations

from typing import Any

import faiss
import numpy as np

from benchmarks.measure import Work, arguments, machine, on_isa, paired, table, write
from benchmarks.workloads import SearchProblem, search_problem
from hashmatch import cpu
from hashmatch.index import HammingIndex

RADIUS = 31
QUERIES = (1, 64)


def assert_equal_results(
    index: HammingIndex, flat: faiss.IndexBinaryFlat, problem: SearchProblem
) -> None:
    """On every instruction set; faiss is strict, so its radius is one more."""
    limits, distances, ids = flat.range_search(problem.queries, RADIUS + 1)
    offsets = limits.astype(np.int64)
    rows = np.repeat(np.arange(len(problem.queries)), np.diff(offsets))
    order = np.lexsort((ids, distances, rows))
    assert len(ids) == len(problem.queries) * (RADIUS + 1), "planted at every distance 0..33"
    for isa in cpu.available_isas():
        with cpu.using_isa(isa):
            found = index.range_search(problem.queries, RADIUS)
            assert np.array_equal(found.offsets, offsets), isa
            assert np.array_equal(found.ids, ids[order]), isa
            assert np.array_equal(found.distances, distances[order]), isa


def beside_faiss(n: int, n_queries: int, rounds: int) -> dict[str, Any]:
    problem = search_problem(n, n_queries)
    index = HammingIndex(256)
    index.add(problem.hashes)
    flat = faiss.IndexBinaryFlat(256)
    flat.add(problem.hashes)
    assert_equal_results(index, flat, problem)
    queries = problem.queries
    contestants: dict[str, Work] = {"faiss": lambda: flat.range_search(queries, RADIUS + 1)}
    for isa in cpu.available_isas():
        contestants[isa] = on_isa(isa, lambda: index.range_search(queries, RADIUS))
    times = paired(contestants, rounds=rounds, budget_s=12)
    return {
        "hashes": n,
        "queries at once": n_queries,
        "radius": RADIUS,
        "hits": n_queries * (RADIUS + 1),
        "times faiss": {isa: times["faiss"] / times[isa] for isa in cpu.available_isas()},
        "microseconds a query": {
            name: 1e6 * seconds / n_queries for name, seconds in times.items()
        },
        "G comparisons/s": {name: n * n_queries / seconds / 1e9 for name, seconds in times.items()},
    }


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--hashes", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=25)
    options = parser.parse_args()
    faiss.omp_set_num_threads(1)
    result: dict[str, Any] = {"machine": machine("faiss-cpu")}
    result["searches"] = [
        beside_faiss(options.hashes, n_queries, options.rounds) for n_queries in QUERIES
    ]
    for title in ("times faiss", "microseconds a query", "G comparisons/s"):
        rows = [
            {"queries at once": row["queries at once"], **row[title]} for row in result["searches"]
        ]
        table(f"{title} ({options.hashes} hashes, radius {RADIUS}, one thread)", rows)
    write(options.json, result)


if __name__ == "__main__":
    main()
