"""What queueing theory says of the simplest service: arrivals and work without memory."""

from __future__ import annotations


def erlang_b(load: float, servers: int) -> float:
    """Share of arrivals that find all servers busy, where nobody waits (M/M/c/c).

    Args:
        load: arrivals a second times seconds of work (Erlang).

    Source: A. K. Erlang, 1917; the recursion in the number of servers.
    """
    blocked = 1.0
    for busy in range(1, servers + 1):
        blocked = load * blocked / (busy + load * blocked)
    return blocked


def erlang_c(load: float, servers: int) -> float:
    """Share of arrivals that wait, where all do (M/M/c); ``load`` is below ``servers``."""
    blocked = erlang_b(load, servers)
    return blocked / (1 - load / servers * (1 - blocked))


def mean_wait(arrivals_per_s: float, work_s: float, servers: int) -> float:
    """Mean seconds until work begins, those who do not wait included (M/M/c)."""
    load = arrivals_per_s * work_s
    return erlang_c(load, servers) * work_s / (servers - load)
