"""All pairs within radius 31 beside faiss.IndexBinaryFlat of all on all (measured on a slice)."""

from __future__ import annotations

import resource
import time
from typing import Any

import faiss
import numpy as np

from benchmarks.measure import arguments, machine, table, write
from benchmarks.workloads import SEED, grouped_hashes
from hashmatch.index import HammingIndex

RADIUS = 31
SLICE = 2000


def joined(n: int, flat_seconds_a_query: float | None) -> dict[str, Any]:
    hashes, planted = grouped_hashes(n)
    index = HammingIndex(256)
    index.add(hashes)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    pairs = 0
    found = set()
    for block in index.pair_blocks(RADIUS):
        pairs += len(block)
        found |= set(zip(block.first.tolist(), block.second.tolist(), strict=True))
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert len(found) == pairs, "each pair once"
    assert planted <= found, "every planted pair"
    row = {
        "hashes": n,
        "pairs": pairs,
        "seconds": seconds,
        "microseconds a hash": 1e6 * seconds / n,
        "index bytes a hash": index.memory_bytes / n,
        "memory beyond the index, MB": (after - before) / 1024,
    }
    if flat_seconds_a_query is not None:
        row["times as fast as IndexBinaryFlat"] = flat_seconds_a_query * n / seconds
    return row


def flat_seconds(n: int) -> float:
    """Seconds a query; the pairs of the slice are compared with ours."""
    hashes, _ = grouped_hashes(n)
    flat = faiss.IndexBinaryFlat(256)
    flat.add(hashes)
    places = np.sort(np.random.default_rng(SEED).choice(n, SLICE, replace=False))
    start = time.perf_counter()
    limits, _, ids = flat.range_search(hashes[places], RADIUS + 1)
    seconds = (time.perf_counter() - start) / SLICE
    index = HammingIndex(256)
    index.add(hashes)
    first, second, _ = index.pairs(RADIUS)
    ours = set(zip(first.tolist(), second.tolist(), strict=True))
    owner = np.repeat(places, np.diff(limits.astype(np.int64)))
    theirs = {(min(a, b), max(a, b)) for a, b in zip(owner.tolist(), ids.tolist(), strict=True)}
    assert {pair for pair in theirs if pair[0] != pair[1]} <= ours
    return seconds


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--hashes", type=int, nargs="+", default=[1_000_000, 10_000_000])
    options = parser.parse_args()
    faiss.omp_set_num_threads(1)
    result: dict[str, Any] = {"machine": machine("faiss-cpu")}
    smallest = min(options.hashes)
    flat = flat_seconds(smallest)
    result["joins"] = [joined(n, flat if n == smallest else None) for n in options.hashes]
    table(f"all pairs within {RADIUS} bits, one thread", result["joins"])
    write(options.json, result)


if __name__ == "__main__":
    main()
