"""Exact search among PhotoDNA-like values beside faiss.IndexFlatL2, one thread.

Equal results are asserted. The values are made up: sums of a skewed distribution, unrelated ones
about 360,000 apart, as far as is publicly known about real ones (those of unrelated pictures of
public sets lie above 230,000).
"""

from __future__ import annotations

from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import (
    Work,
    arguments,
    machine,
    on_isa,
    paired,
    read_bandwidth,
    table,
    write,
)
from benchmarks.workloads import SEED
from hashmatch import cpu
from hashmatch.index import VectorIndex

RADIUS = 40000
QUERIES = (1, 64)
HEAD = 12 * 4 + 4
"""Bytes of a row that a scan reads when the early exit ends it: a third of 36 groups, one sum."""

Rows = NDArray[np.uint8]


def values_and_queries(n: int, n_queries: int) -> tuple[Rows, Rows]:
    """Skewed values; each query is a stored one with noise, so that it has one neighbour."""
    rng = np.random.default_rng(SEED)
    values = np.empty((n, 144), np.uint8)
    for first in range(0, n, 100_000):
        block = values[first : first + 100_000]
        block[:] = np.clip(rng.gamma(2.0, 25.0, block.shape), 0, 255)
    queries = values[rng.choice(n, n_queries, replace=False)]
    noisy = np.clip(queries + rng.normal(0, 8, queries.shape), 0, 255).astype(np.uint8)
    return values, noisy


def assert_equal_results(index: VectorIndex, flat: faiss.IndexFlatL2, queries: Rows) -> int:
    """On every instruction set. faiss's radius is strict, its float32 exact at these sizes."""
    limits, apart, ids = flat.range_search(queries.astype(np.float32), RADIUS + 0.5)
    offsets = limits.astype(np.int64)
    distances = apart.astype(np.int64)
    numbers = np.repeat(np.arange(len(queries)), np.diff(offsets))
    order = np.lexsort((ids, distances, numbers))
    for isa in cpu.available_isas():
        with cpu.using_isa(isa):
            found = index.range_search(queries, RADIUS)
            assert np.array_equal(found.offsets, offsets), isa
            assert np.array_equal(found.ids, ids[order]), isa
            assert np.array_equal(found.distances, distances[order]), isa
    assert len(ids) >= len(queries)
    return len(ids)


def beside_faiss(
    index: VectorIndex, flat: faiss.IndexFlatL2, queries: Rows, rounds: int, bandwidth: float
) -> dict[str, Any]:
    hits = assert_equal_results(index, flat, queries)
    floats = queries.astype(np.float32)
    contestants: dict[str, Work] = {"faiss": lambda: flat.range_search(floats, RADIUS + 0.5)}
    for isa in cpu.available_isas():
        contestants[isa] = on_isa(isa, lambda: index.range_search(queries, RADIUS))
        contestants[f"{isa}, no early exit"] = on_isa(isa, lambda: index.knn(queries, 1))
    times = paired(contestants, rounds=rounds, budget_s=12)
    n = len(index)
    return {
        "values": n,
        "queries at once": len(queries),
        "radius": RADIUS,
        "hits": hits,
        "times faiss": {name: times["faiss"] / s for name, s in times.items() if name != "faiss"},
        "microseconds a query": {name: 1e6 * s / len(queries) for name, s in times.items()},
        "share of read bandwidth": {
            name: n * (148 if "exit" in name else HEAD) / s / bandwidth
            for name, s in times.items()
            if name != "faiss" and len(queries) == 1
        },
    }


def main() -> None:
    parser = arguments((__doc__ or "").splitlines()[0])
    parser.add_argument("--values", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    faiss.omp_set_num_threads(1)
    values, queries = values_and_queries(options.values, max(QUERIES))
    index = VectorIndex()
    index.add(values)
    flat = faiss.IndexFlatL2(144)
    flat.add(values.astype(np.float32))
    bandwidth = read_bandwidth()
    result: dict[str, Any] = {
        "machine": machine("faiss-cpu"),
        "bytes a second that one thread reads": bandwidth,
        "bytes a value": {"hashmatch": index.memory_bytes / len(index), "faiss": 4 * 144},
        "searches": [
            beside_faiss(index, flat, queries[:count], options.rounds, bandwidth)
            for count in QUERIES
        ],
    }
    for title in ("times faiss", "microseconds a query", "share of read bandwidth"):
        rows = [
            {"queries at once": row["queries at once"], **row[title]}
            for row in result["searches"]
            if row[title]
        ]
        table(f"{title} ({options.values} values, radius {RADIUS}, one thread)", rows)
    write(options.json, result)


if __name__ == "__main__":
    main()
