"""Processes that stand still, so that a test knows what they are in the middle of."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress


@contextmanager
def stopped(pids: Iterable[int]) -> Iterator[None]:
    """They stand still within the block, and go on after it if they still live."""
    chosen = list(pids)
    try:
        for pid in chosen:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in chosen:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def wait_until(holds: Callable[[], bool], *, seconds: float = 30.0) -> None:
    """Fails the test if it does not hold in time."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.01)
