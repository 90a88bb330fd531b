"""Which frames of a video are taken.

The rule: ticks lie at ``k * interval_s`` from the first frame. A frame is taken if it is the first
one that is shown at or after a tick that no frame has served yet; it serves every tick up to its
time. So a frame is never taken twice, a long frame serves the ticks that pass in it once, and a
video of variable rate is sampled by time. Containers round times to a millisecond: a frame that is
shown up to ``SLACK_MS`` before a tick serves it.
"""

from __future__ import annotations

from fractions import Fraction

from hashmatch.errors import InputError

SLACK_MS = 1
MAX_INTERVAL_S = 86_400


def require_sampling(interval_s: float, every: int | None, threads: int) -> None:
    """Refuse arguments of a reader that mean nothing.

    Raises:
        InputError: says which.
    """
    number = isinstance(interval_s, (int, float)) and not isinstance(interval_s, bool)
    if not number or not 0 <= interval_s <= MAX_INTERVAL_S:
        raise InputError(f"interval_s: expected 0 to {MAX_INTERVAL_S} seconds, got {interval_s!r}")
    for name, value, least in (("every", every, 1), ("threads", threads, 0)):
        whole = isinstance(value, int) and not isinstance(value, bool)
        if value is not None and not (whole and value >= least):
            raise InputError(f"{name}: expected an integer of {least} or more, got {value!r}")


class Sampler:
    """Asked once for each frame in order of presentation; applies the rule."""

    def __init__(self, time_base: Fraction, interval_s: float, every: int | None) -> None:
        self._every = every
        # In units of the time base, as whole numbers: tick k is at k * over / under.
        interval = Fraction(interval_s).limit_denominator(1_000_000) / time_base
        self._over, self._under = interval.numerator, interval.denominator
        self._slack = int(Fraction(SLACK_MS, 1000) / time_base)
        self._served = -1
        self._owed = False

    def takes(self, number: int, at: int) -> bool:
        """Whether the frame at this number and time (in units of the time base) is taken."""
        if self._every is not None:
            return number % self._every == 0
        if self._over == 0:
            return True
        tick = (at + self._slack) * self._under // self._over
        taken = tick > self._served or self._owed
        if taken:
            self._served, self._owed = max(tick, self._served), False
        return taken

    def owe(self) -> None:
        """A frame that was to be taken is not there: the next one is taken instead."""
        self._owed = True
