"""The simulation beside the real service at a size that one machine has: one checker, two shards.

The service's own times, one request after the other, are what the simulation draws from; then both
get the same stream of requests, and one of them loses a shard.
"""

from __future__ import annotations

import itertools
import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from threading import Timer
from typing import Any

import numpy as np

from benchmarks.service_site import ray_here, sharded, site
from benchmarks.simulate_cluster import row
from benchmarks.simulate_model import Draw, Outcome, Plan, always, measured
from benchmarks.simulate_parts import simulated
from benchmarks.workloads import SEED
from hashmatch.cluster import CheckService, ShardedIndex
from hashmatch.errors import ServiceBusyError
from hashmatch.matching import Level, MatchPolicy

SHARDS = 2
WAITING = 32
CALLERS = 64
SIDE = 128
HASHES = 2_000
LOADS = (0.3, 0.6, 0.8)


def beside_the_real_one(*, quick: bool) -> list[dict[str, Any]]:
    """Rows of both, for three loads and for a shard that is killed halfway."""
    seconds, samples = (5.0, 60) if quick else (60.0, 400)
    pixels = np.random.default_rng(SEED).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    policy = MatchPolicy(level=Level.FAST)
    with (
        ray_here(cpus=2),
        site(HASHES) as place,
        sharded(place, SHARDS) as shards,
        CheckService(
            place.path,
            {"pdq": shards},
            policy,
            checkers=1,
            max_waiting=WAITING,
            wait_s=0,
            isolate=False,
            audit=False,
            resources={"num_cpus": 0.1},
        ) as service,
    ):
        ask = partial(service.check, pixels)
        queries = np.random.default_rng(SEED).integers(0, 256, (8, 32), dtype=np.uint8)
        broadcast = times_of(partial(shards.range_search, queries, 31), samples)
        whole = times_of(ask, samples)
        before = np.maximum(np.array(whole) - float(np.mean(broadcast)), 0.0)
        plan = Plan(
            arrivals_per_s=1.0,
            checkers=1,
            ahead=1,
            max_waiting=WAITING,
            before=measured(before.tolist()),
            shards=SHARDS,
            searches=4,
            search=measured(broadcast),
            seconds=seconds,
        )
        rows = []
        for load in LOADS:
            asked = replace(plan, arrivals_per_s=load / float(np.mean(whole)))
            rows.append(row(f"load {load}, real", real(ask, asked), asked))
            rows.append(row(f"load {load}, simulated", simulated(asked), asked))
        asked = replace(plan, arrivals_per_s=LOADS[0] / float(np.mean(whole)))
        restart = float(np.median([killed(shards, ask) for _ in range(3)]))
        dying = Timer(seconds / 2, kill_first, [shards])
        dying.start()
        rows.append(row("a shard killed, real", real(ask, asked), asked))
        dying.join()
        failing = replace(asked, shard_fails=once(seconds / 2), restart=always(restart))
        rows.append(row("a shard killed, simulated", simulated(failing), failing))
    return rows


def times_of(work: Callable[[], object], count: int) -> list[float]:
    """Seconds of each of ``count`` calls in a row, the first few left out."""
    made = []
    for _ in range(count + 10):
        started = time.perf_counter()
        work()
        made.append(time.perf_counter() - started)
    return made[10:]


def real(ask: Callable[[], object], plan: Plan) -> Outcome:
    """The plan's requests, asked of the real service at their times, whether it keeps up or not."""
    rng = np.random.default_rng(plan.seed)
    gaps = rng.exponential(1 / plan.arrivals_per_s, int(4 * plan.arrivals_per_s * plan.seconds))
    arrivals = np.cumsum(gaps)
    outcome = Outcome()
    began = time.perf_counter()

    def one(at: float) -> float | None:
        try:
            ask()
        except ServiceBusyError:
            return None
        return time.perf_counter() - began - at

    with ThreadPoolExecutor(CALLERS) as callers:
        asked = []
        for at in arrivals[arrivals < plan.seconds].tolist():
            time.sleep(max(0.0, at - (time.perf_counter() - began)))
            asked.append(callers.submit(one, at))
        answers = [future.result() for future in asked]
    outcome.offered = len(answers)
    outcome.latencies = [answer for answer in answers if answer is not None]
    outcome.answered = len(outcome.latencies)
    outcome.rejected = outcome.offered - outcome.answered
    outcome.ended = time.perf_counter() - began
    return outcome


def kill_first(shards: ShardedIndex) -> None:
    """The process of the first shard, as if its memory had run out."""
    os.kill(shards.state()[0].pid, signal.SIGKILL)


def killed(shards: ShardedIndex, ask: Callable[[], object]) -> float:
    """Seconds from the death of a shard to the next answer."""
    started = time.perf_counter()
    kill_first(shards)
    ask()
    return time.perf_counter() - started


def once(seconds: float) -> Draw:
    """The first process dies then, once; no other does."""
    times = itertools.chain([seconds], itertools.repeat(float("inf")))
    return lambda _: next(times)
