"""A Ctrl-C that Python drops still ends the run."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from hashmatch.cli import interrupts


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    handler = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, handler)
    interrupts._asked.clear()


def test_a_dropped_interrupt_is_remembered() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    interrupts.listen()
    interrupts.stop_if_asked()
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)  # as a finaliser would swallow it
    with pytest.raises(KeyboardInterrupt):
        interrupts.stop_if_asked()


def test_a_process_that_ignores_the_signal_goes_on_doing_so() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    interrupts.listen()
    signal.raise_signal(signal.SIGINT)
    interrupts.stop_if_asked()
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
