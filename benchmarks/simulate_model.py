"""What is simulated, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

Draw = Callable[[np.random.Generator], float]
"""Seconds of one piece of work."""


def always(seconds: float) -> Draw:
    """The same time for every piece."""
    return lambda _: seconds


def exponential(mean: float) -> Draw:
    """Times without memory."""
    return lambda rng: float(rng.exponential(mean))


def measured(seconds: Sequence[float]) -> Draw:
    """One of the measured times, each as likely."""
    values = np.asarray(seconds, float)
    return lambda rng: float(values[rng.integers(len(values))])


no_time = always(0.0)
five_seconds = always(5.0)


@dataclass(frozen=True)
class Plan:
    """A cluster and what is asked of it; times in seconds.

    Attributes:
        arrivals_per_s: requests, at times without memory (Poisson).
        checkers: actors, one request each at a time.
        ahead: requests that a checker is given while it works on one.
        max_waiting: requests that may wait besides; more are rejected.
        shards, replicas: of the index; no shards: nothing is broadcast.
        searches: questions that one replica works on at once.
        before: a checker's work before the shards are asked (decoding, hashing).
        search: a shard's work.
        broadcast: what asking all shards once costs the checker.
        after: a checker's work with the answers.
        broadcasts: times that a request asks the shards.
        shard_fails, checker_fails: between two deaths of one process; None: never.
        restart: until a process that died answers again.
        patience_s: that a shard without a live replica is waited for; then the request fails.
        attempts: checkers that may die over one request.
        seconds: of arrivals; warm_up: of them that are not counted.
    """

    arrivals_per_s: float
    checkers: int
    before: Draw
    ahead: int = 0
    max_waiting: float = float("inf")
    shards: int = 0
    replicas: int = 1
    searches: int = 1
    search: Draw = no_time
    broadcast: Draw = no_time
    after: Draw = no_time
    broadcasts: int = 1
    shard_fails: Draw | None = None
    checker_fails: Draw | None = None
    restart: Draw = five_seconds
    patience_s: float = 60.0
    attempts: int = 3
    seconds: float = 60.0
    warm_up: float = 0.0
    seed: int = 20261125


@dataclass
class Outcome:
    """What came of it; times in seconds, of requests that arrived after the warm-up.

    Attributes:
        offered: requests that arrived; each is answered, rejected, failed, or unfinished.
        latencies: from arrival to answer.
        waits: until a checker begins.
        retried: searches and requests that were begun again because a process died.
        busy: seconds that checkers had a request, and replicas a search, all of them together.
        ended: when the last request had its answer.
    """

    offered: int = 0
    answered: int = 0
    rejected: int = 0
    failed: int = 0
    retried: int = 0
    latencies: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    busy: dict[str, float] = field(default_factory=lambda: {"checkers": 0.0, "shards": 0.0})
    ended: float = 0.0

    @property
    def mean(self) -> float:
        """Of the latencies; 0 where there are none."""
        return float(np.mean(self.latencies)) if self.latencies else 0.0

    def quantile(self, share: float) -> float:
        """Of the latencies; 0 where there are none."""
        return float(np.quantile(self.latencies, share)) if self.latencies else 0.0
