"""The simulation of the service: seeded, equal to theory where there is one, every request told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

pytest.importorskip("simpy", reason="simpy is not installed: pip install simpy")

if TYPE_CHECKING:
    from benchmarks.simulate_model import Outcome, Plan


@pytest.fixture(autouse=True)
def benchmarks_are_importable(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(root))


def made(plan: Plan) -> Outcome:
    from benchmarks.simulate_parts import simulated

    outcome = simulated(plan)
    assert outcome.offered == outcome.answered + outcome.rejected + outcome.failed
    assert len(outcome.latencies) == outcome.answered
    return outcome


def troubled() -> Plan:
    """Everything at once: four shards, and whatever can die does."""
    from benchmarks.simulate_model import Plan, always, exponential

    return Plan(
        arrivals_per_s=45.0,
        checkers=4,
        ahead=1,
        max_waiting=20,
        before=exponential(0.01),
        shards=4,
        searches=2,
        search=exponential(0.01),
        broadcast=always(0.002),
        after=always(0.001),
        broadcasts=2,
        shard_fails=exponential(20.0),
        checker_fails=exponential(10.0),
        restart=always(1.0),
        seconds=80.0,
        warm_up=5.0,
    )


@pytest.mark.parametrize(("checkers", "arrivals", "seconds"), [(1, 6.0, 6000.0), (4, 30.0, 1200.0)])
def test_waiting_is_as_erlang_says(checkers: int, arrivals: float, seconds: float) -> None:
    from benchmarks.simulate_model import Plan, exponential
    from benchmarks.simulate_theory import erlang_c, mean_wait

    plan = Plan(arrivals, checkers, exponential(0.1), seconds=seconds, warm_up=50.0)
    waits = np.array(made(plan).waits)
    load = arrivals * 0.1
    assert np.mean(waits > 1e-9) == pytest.approx(erlang_c(load, checkers), rel=0.06)
    assert np.mean(waits) == pytest.approx(mean_wait(arrivals, 0.1, checkers), rel=0.12)


def test_without_a_queue_as_many_are_rejected_as_erlang_says() -> None:
    from benchmarks.simulate_model import Plan, exponential
    from benchmarks.simulate_theory import erlang_b

    outcome = made(Plan(40.0, 4, exponential(0.1), max_waiting=0, seconds=600.0))
    assert outcome.rejected / outcome.offered == pytest.approx(erlang_b(4.0, 4), rel=0.05)


def test_erlangs_formulas() -> None:
    from benchmarks.simulate_theory import erlang_b, erlang_c, mean_wait

    assert erlang_b(1.0, 1) == 0.5
    assert erlang_b(2.0, 2) == pytest.approx(0.4)
    assert erlang_c(0.7, 1) == pytest.approx(0.7)  # M/M/1: the share of time that it is busy
    assert mean_wait(7.0, 0.1, 1) == pytest.approx(0.7 * 0.1 / 0.3)


def test_the_same_seed_gives_the_same_answer() -> None:
    plan = replace(troubled(), seconds=20.0)
    first, second = made(plan), made(plan)
    assert first == second
    assert first.latencies != made(replace(plan, seed=1)).latencies


def test_what_dies_is_asked_again() -> None:
    outcome = made(troubled())
    calm = made(replace(troubled(), shard_fails=None, checker_fails=None))
    assert (calm.retried, calm.rejected, calm.failed) == (0, 0, 0)
    assert outcome.retried > 20
    assert outcome.failed <= 2
    assert outcome.quantile(0.99) > 5 * calm.quantile(0.99)
    # A request takes what its parts take, and no part is left out.
    least = 2 * 0.002 + 0.001
    assert min(calm.latencies) > least
    assert calm.mean > 0.01 + 2 * (0.002 + 0.01 * (1 + 1 / 2 + 1 / 3 + 1 / 4)) + 0.001


def test_a_second_replica_helps() -> None:
    alone = made(replace(troubled(), checker_fails=None))
    doubled = made(replace(troubled(), checker_fails=None, replicas=2))
    assert doubled.rejected < alone.rejected / 4
    assert doubled.quantile(0.99) < alone.quantile(0.99) / 2


def test_a_shard_that_does_not_come_back_in_time_fails_the_request() -> None:
    from benchmarks.simulate_model import always

    plan = replace(
        troubled(), checker_fails=None, shard_fails=always(10.0), restart=always(5.0), seconds=30.0
    )
    assert made(replace(plan, patience_s=6.0)).failed == 0
    impatient = made(replace(plan, patience_s=1.0))
    assert impatient.failed > 10
    assert impatient.answered > 500


def test_a_request_that_outlives_no_checker_fails() -> None:
    from benchmarks.simulate_model import Plan, always

    plan = Plan(
        5.0,
        2,
        always(3.0),
        checker_fails=always(2.0),
        restart=always(0.1),
        seconds=10.0,
        attempts=2,
    )
    outcome = made(plan)
    assert outcome.failed == outcome.offered > 0


def test_a_busy_cluster_works_all_the_time() -> None:
    from benchmarks.simulate_model import Plan, always

    outcome = made(Plan(100.0, 2, always(0.1), max_waiting=10, seconds=50.0))
    assert outcome.busy["checkers"] / outcome.ended == pytest.approx(2.0, rel=0.02)
    assert outcome.answered / outcome.ended == pytest.approx(20.0, rel=0.02)
    assert max(outcome.latencies) <= 0.1 * (10 / 2 + 1) + 0.1  # ten before it, two at a time
