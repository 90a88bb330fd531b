"""The sharded service under load, with shards that fail: percentiles, throughput, rejected.

    python -m benchmarks.simulate_cluster --arrivals 200 --checkers 8 --shards 4 --replicas 2
    python -m benchmarks.simulate_cluster --real --quick

Without times of your own, a request is 1.4 ms of decoding and hashing, and a shard's search 10 ms.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.capacity_costs import measured
from benchmarks.measure import machine, table, write
from benchmarks.simulate_model import Outcome, Plan, always, exponential
from benchmarks.simulate_parts import simulated


def row(name: str, made: Outcome, plan: Plan) -> dict[str, Any]:
    """One run as a line of a table."""
    assert made.offered == made.answered + made.rejected + made.failed
    seconds = max(made.ended - plan.warm_up, 1e-9)
    workers = plan.shards * plan.replicas * plan.searches
    return {
        "plan": name,
        "offered": made.offered,
        "answered/s": made.answered / seconds,
        "rejected": made.rejected,
        "failed": made.failed,
        "retried": made.retried,
        "mean ms": 1e3 * made.mean,
        "p50 ms": 1e3 * made.quantile(0.5),
        "p95 ms": 1e3 * made.quantile(0.95),
        "p99 ms": 1e3 * made.quantile(0.99),
        "max ms": 1e3 * made.quantile(1.0),
        "checkers busy": made.busy["checkers"] / made.ended / plan.checkers,
        "shards busy": made.busy["shards"] / made.ended / workers if workers else 0.0,
    }


def plan_of(chosen: argparse.Namespace) -> Plan:
    """The plan that the options say, with the calls' costs as measured."""
    costs = measured()
    asking = costs.request_ms + costs.broadcast_ms + chosen.shards * costs.shard_ms
    return Plan(
        arrivals_per_s=chosen.arrivals,
        checkers=chosen.checkers,
        ahead=1,
        max_waiting=chosen.max_waiting,
        before=exponential(chosen.request_ms / 1e3),
        shards=chosen.shards,
        replicas=chosen.replicas,
        searches=chosen.searches,
        search=exponential(chosen.search_ms / 1e3),
        broadcast=always(asking / 1e3),
        shard_fails=exponential(chosen.shard_fails_s) if chosen.shard_fails_s else None,
        checker_fails=exponential(chosen.checker_fails_s) if chosen.checker_fails_s else None,
        restart=always(chosen.restart_s),
        seconds=chosen.seconds,
        warm_up=chosen.seconds / 20,
        seed=chosen.seed,
    )


def compared(plan: Plan) -> list[dict[str, Any]]:
    """The plan without failures, as it is, and with one replica more."""
    calm = replace(plan, shard_fails=None, checker_fails=None)
    more = replace(plan, replicas=plan.replicas + 1)
    return [
        row("nothing fails", simulated(calm), calm),
        row("as asked", simulated(plan), plan),
        row("one replica more", simulated(more), more),
    ]


def scaled(plan: Plan) -> list[dict[str, Any]]:
    """One to eight times the plan's checkers and arrivals, the shards as they are: until these are
    what is waited for."""
    rows = []
    for times in (1, 2, 4, 8):
        larger = replace(
            plan, checkers=times * plan.checkers, arrivals_per_s=times * plan.arrivals_per_s
        )
        name = f"{larger.checkers} checkers, {larger.arrivals_per_s:g}/s"
        rows.append(row(name, simulated(larger), larger))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--arrivals", type=float, default=100.0, help="requests a second")
    parser.add_argument("--checkers", type=int, default=8)
    parser.add_argument("--max-waiting", type=int, default=64)
    parser.add_argument("--shards", type=int, default=4)
    parser.add_argument("--replicas", type=int, default=1)
    parser.add_argument("--searches", type=int, default=4, help="at once, of one replica")
    parser.add_argument("--request-ms", type=float, default=1.4, help="decoding, hashing: mean")
    parser.add_argument("--search-ms", type=float, default=10.0, help="of one shard: mean")
    parser.add_argument("--shard-fails-s", type=float, default=600.0, help="mean; 0: never")
    parser.add_argument("--checker-fails-s", type=float, default=600.0, help="mean; 0: never")
    parser.add_argument("--restart-s", type=float, default=5.0)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--seed", type=int, default=20261125)
    parser.add_argument("--scale", action="store_true", help="with more and more checkers")
    parser.add_argument("--real", action="store_true", help="beside the real service, here")
    parser.add_argument("--quick", action="store_true", help="of --real: few seconds")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    result: dict[str, Any] = {"machine": machine("ray", "simpy")}
    if chosen.real:
        from benchmarks.simulate_beside import beside_the_real_one

        result["real"] = beside_the_real_one(quick=chosen.quick)
        table("simulated, and the real service on this machine", result["real"])
    else:
        result["plans"] = (scaled if chosen.scale else compared)(plan_of(chosen))
        table(f"{chosen.seconds:.0f} s of {chosen.arrivals:g} requests a second", result["plans"])
    write(chosen.json, result)


if __name__ == "__main__":
    main()
