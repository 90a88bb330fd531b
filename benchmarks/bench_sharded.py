"""The sharded index beside IndexBinaryFlat in the same actors, and beside one local index.

Random hashes with planted neighbours. Every answer is compared in the same run. One thread a shard.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import Work, arguments, machine, paired, table, write
from benchmarks.sharded_flat import flat_actors
from benchmarks.workloads import SearchProblem, search_problem
from hashmatch.cluster import ShardedIndex
from hashmatch.cluster.replicas import Replicas
from hashmatch.index import HammingIndex, SearchResult

RADIUS = 31
WIDE_RADIUS = 84
QUERIES = 64
QUICK = 200_000
Hashes = NDArray[np.uint8]


def assert_same(found: SearchResult, expected: SearchResult) -> None:
    for name in ("offsets", "ids", "distances"):
        assert np.array_equal(getattr(found, name), getattr(expected, name)), name


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    made = work()
    return time.perf_counter() - start, made


def in_turn(queries: Hashes, search: Callable[[Hashes], object]) -> Work:
    """One query a call, the queries by turns."""
    turn = iter(range(10**9))
    return lambda: search(queries[next(turn) % len(queries)][None])


def searched(index: Any, radius: int, queries: Hashes) -> SearchResult:
    found: SearchResult = index.range_search(queries, radius)
    return found


def searches(
    problem: SearchProblem,
    local: HammingIndex,
    sharded: ShardedIndex,
    flat: ShardedIndex,
    seconds: float,
) -> list[dict[str, Any]]:
    """Seconds of each question to each contestant; answers are equal."""
    rows = []
    queries = problem.queries
    indexes: dict[str, Any] = {
        "sharded": sharded,
        "IndexBinaryFlat in actors": flat,
        "one local index": local,
    }
    for title, radius, many in (
        (f"one query, radius {RADIUS}", RADIUS, False),
        (f"{QUERIES} queries, radius {RADIUS}", RADIUS, True),
        (f"{QUERIES} queries, radius {WIDE_RADIUS}", WIDE_RADIUS, True),
    ):
        expected = local.range_search(queries, radius)
        assert len(expected.ids) >= QUERIES * (radius + 1)
        works: dict[str, Work] = {}
        for name, index in indexes.items():
            assert_same(index.range_search(queries, radius), expected)
            ask = partial(searched, index, radius)
            works[name] = partial(ask, queries) if many else in_turn(queries, ask)
        if not many:
            every: dict[int, tuple[Any, ...]] = dict.fromkeys(range(sharded.n_shards), ())
            works["nothing, asked of all shards"] = partial(sharded._replicas.ask, "ping", every)
        times = paired(works, rounds=7, budget_s=seconds)
        sharded_s, flat_s = times["sharded"], times["IndexBinaryFlat in actors"]
        rows.append(
            {
                "question": title,
                **{f"{name}, us": 1e6 * seconds for name, seconds in times.items()},
                "times as fast as flat": flat_s / sharded_s,
                "over one local index, us": 1e6 * (sharded_s - times["one local index"]),
            }
        )
    return rows


def throughput(problem: SearchProblem, sharded: ShardedIndex, seconds: float) -> dict[str, float]:
    """Single queries a second that so many threads of one process are answered."""
    rates = {}
    for threads in (1, 2, 4, 8):
        until = time.perf_counter() + seconds

        def asking(until: float = until) -> int:
            done = 0
            while time.perf_counter() < until:
                sharded.range_search(problem.queries[done % QUERIES][None], RADIUS)
                done += 1
            return done

        with ThreadPoolExecutor(threads) as pool:
            done = sum(one.result() for one in [pool.submit(asking) for _ in range(threads)])
        rates[f"{threads} threads"] = done / seconds
    return rates


def joins(local: HammingIndex, sharded: ShardedIndex, tasks: int) -> dict[str, float]:
    """Seconds for all pairs."""
    local_s, expected = timed(lambda: local.pairs(RADIUS))
    sharded_s, found = timed(lambda: sharded.pairs(RADIUS, tasks=tasks))
    for mine, other in zip(found, expected, strict=True):
        assert np.array_equal(mine, other)
    return {"pairs": len(found[0]), "one local index, s": local_s, "sharded, s": sharded_s}


def measured(n: int, options: Any) -> dict[str, Any]:
    import ray

    problem = search_problem(n, QUERIES, max_distance=WIDE_RADIUS)
    local = HammingIndex(256)
    local_s, _ = timed(lambda: local.add(problem.hashes))
    folder = Path(tempfile.mkdtemp(prefix="sharded-"))
    try:
        build_s, _ = timed(
            lambda: ShardedIndex.build(folder, problem.hashes, n_shards=options.shards)
        )
        open_s, sharded = timed(lambda: ShardedIndex.open(folder))
        flat = ShardedIndex(
            folder,
            Replicas(flat_actors(folder, 1, options.shards), patience_s=60, in_flight=8),
            sharded._manifest,
        )
        rows = searches(problem, local, sharded, flat, options.seconds)
        for replicas in flat._replicas.actors:
            ray.kill(replicas[0])
        result: dict[str, Any] = {
            "hashes": n,
            "shards": options.shards,
            "searches": rows,
            "queries a second": throughput(problem, sharded, options.seconds / 4),
        }
        steps = {"local index built, s": local_s, "files built, s": build_s, "opened, s": open_s}
        if not options.no_pairs:
            result["all pairs"] = joins(local, sharded, options.shards)
        ShardedIndex.build(folder, problem.hashes, n_shards=options.shards)
        steps["switched, s"], _ = timed(lambda: sharded.switch(2))
        os.kill(sharded.state()[0].pid, signal.SIGKILL)
        steps["a killed shard answers again, s"], _ = timed(
            lambda: sharded.range_search(problem.queries[:1], RADIUS)
        )
        sharded.close()
        return {**result, "steps": steps}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    import ray

    parser = arguments(__doc__ or "")
    parser.add_argument("--hashes", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--shards", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=20.0, help="for each question")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} hashes only")
    parser.add_argument("--no-pairs", action="store_true", help="leave the self-join out")
    options = parser.parse_args()
    sizes = [QUICK] if options.quick else options.hashes
    options.seconds = min(options.seconds, 4.0) if options.quick else options.seconds
    result: dict[str, Any] = {"machine": machine("faiss-cpu", "ray"), "sizes": []}
    ray.init(address="local", include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    for n in sizes:
        one = measured(n, options)
        result["sizes"].append(one)
        table(f"{n} hashes, {options.shards} shards", one["searches"])
        for title in ("queries a second", "all pairs", "steps"):
            if title in one:
                table(title, [one[title]])
    ray.shutdown()
    write(options.json, result)


if __name__ == "__main__":
    main()
