"""The sharded matching service as a model: what arrives, what it waits for, what fails.

It has the parts of the real one (docs/cluster-service.md): requests wait in a bounded queue, a
checker works on one at a time and holds it while all shards are asked, a shard's question goes to
its least busy live replica, what dies with a process is asked again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import simpy

from benchmarks.simulate_model import Draw, Outcome, Plan

Steps = Generator[Any, Any, None]
Answer = Generator[Any, Any, bool]


class Process:
    """One process: ``slots`` pieces of work at once, in the order in which they came; dead at
    times, and then what it worked on, or would have, is interrupted."""

    def __init__(self, cluster: Cluster, slots: int, fails: Draw | None) -> None:
        self.cluster = cluster
        self.place = simpy.Resource(cluster.env, slots)
        self.alive = True
        self.work: dict[simpy.Process, None] = {}  # in order: a set's would change by run
        if fails is not None:
            cluster.env.process(self._fate(fails))

    def _fate(self, fails: Draw) -> Steps:
        env, rng = self.cluster.env, self.cluster.rng
        while True:
            yield env.timeout(fails(rng))
            self.alive = False
            for one in list(self.work):
                one.interrupt()
            yield env.timeout(self.cluster.plan.restart(rng))
            self.alive = True
            self.cluster.came_back()


@dataclass(eq=False)
class Request:
    """One request; ``died_on`` are the checkers that died over it."""

    arrived: float
    counts: bool
    died_on: list[Process] = field(default_factory=list)


class Cluster:
    """One run of a plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.env = simpy.Environment()
        self.rng = np.random.default_rng(plan.seed)
        self.outcome = Outcome()
        self.back = self.env.event()
        self.empty = self.env.event()
        self.waiting: deque[Request] = deque()
        self.inside = 0
        self.checkers = [Process(self, 1, plan.checker_fails) for _ in range(plan.checkers)]
        self.shards = [
            [Process(self, plan.searches, plan.shard_fails) for _ in range(plan.replicas)]
            for _ in range(plan.shards)
        ]

    def run(self) -> Outcome:
        """Until every request that arrived has its answer."""
        self.env.run(until=self.env.process(self._arrivals()))
        self.outcome.ended = self.env.now
        return self.outcome

    def came_back(self) -> None:
        """A process answers again: whoever waits for one looks again."""
        self.back.succeed()
        self.back = self.env.event()
        self._give_out()

    def _arrivals(self) -> Steps:
        plan = self.plan
        capacity = plan.checkers * (1 + plan.ahead) + plan.max_waiting
        while True:
            yield self.env.timeout(float(self.rng.exponential(1 / plan.arrivals_per_s)))
            if self.env.now >= plan.seconds:
                break
            counts = self.env.now >= plan.warm_up
            self.outcome.offered += counts
            if self.inside >= capacity:
                self.outcome.rejected += counts
                continue
            self.inside += 1
            self.waiting.append(Request(self.env.now, counts))
            self._give_out()
        if self.inside:
            yield self.empty

    def _give_out(self) -> None:
        """Waiting requests to checkers, as the service does it."""
        for request in list(self.waiting):
            free = [one for one in self.checkers if one.alive and len(one.work) <= self.plan.ahead]
            if not free:
                return
            others = [one for one in self.checkers if one not in request.died_on]
            usable = [one for one in free if one in others or not others]
            if usable:
                self.waiting.remove(request)
                checker = min(usable, key=lambda one: len(one.work))
                steps = self.env.process(self._checked(checker, request))
                checker.work[steps] = None

    def _checked(self, checker: Process, request: Request) -> Steps:
        me = _active(self.env)
        try:
            with checker.place.request() as turn:
                yield turn
                begun = self.env.now
                try:
                    answered = yield from self._worked_on()
                finally:
                    self.outcome.busy["checkers"] += self.env.now - begun
        except simpy.Interrupt:
            checker.work.pop(me, None)
            self._again(checker, request)
            return
        checker.work.pop(me, None)
        if request.counts and answered:
            self.outcome.answered += 1
            self.outcome.latencies.append(self.env.now - request.arrived)
            self.outcome.waits.append(begun - request.arrived)
        self._left(request, failed=not answered)

    def _again(self, checker: Process, request: Request) -> None:
        self.outcome.retried += 1
        request.died_on.append(checker)
        if len(request.died_on) < self.plan.attempts:
            self.waiting.appendleft(request)
            self._give_out()
        else:
            self._left(request, failed=True)

    def _left(self, request: Request, *, failed: bool) -> None:
        self.outcome.failed += failed and request.counts
        self.inside -= 1
        if not self.inside and self.env.now >= self.plan.seconds:
            self.empty.succeed()
        self._give_out()

    def _worked_on(self) -> Answer:
        plan, rng = self.plan, self.rng
        yield self.env.timeout(plan.before(rng))
        for _ in range(plan.broadcasts if self.shards else 0):
            yield self.env.timeout(plan.broadcast(rng))
            asked = [self.env.process(self._asked(shard)) for shard in self.shards]
            yield self.env.all_of(asked)
            if not all(one.value for one in asked):
                return False
        yield self.env.timeout(plan.after(rng))
        return True

    def _asked(self, replicas: list[Process]) -> Answer:
        """One question to one shard; False where no replica came back in time."""
        until: float | None = None
        while True:
            live = [one for one in replicas if one.alive]
            if live:
                chosen = min(live, key=lambda one: len(one.work))
                steps = self.env.process(self._searched(chosen))
                chosen.work[steps] = None
                if (yield steps):
                    return True
                self.outcome.retried += 1
                continue
            until = self.env.now + self.plan.patience_s if until is None else until
            if self.env.now >= until:
                return False
            yield self.env.any_of([self.back, self.env.timeout(until - self.env.now)])

    def _searched(self, replica: Process) -> Answer:
        me = _active(self.env)
        try:
            with replica.place.request() as turn:
                yield turn
                begun = self.env.now
                try:
                    yield self.env.timeout(self.plan.search(self.rng))
                finally:
                    self.outcome.busy["shards"] += self.env.now - begun
            return True
        except simpy.Interrupt:
            return False
        finally:
            replica.work.pop(me, None)


def _active(env: simpy.Environment) -> simpy.Process:
    """The process whose step this is."""
    if env.active_process is None:
        raise RuntimeError("no step of a process")
    return env.active_process


def simulated(plan: Plan) -> Outcome:
    """What comes of a plan; the same each time."""
    return Cluster(plan).run()
