"""Which frame is at which time."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from hashmatch.decode.video_sampling import Sampler

_JUMP_S = 1
"""Backwards by more than this: the clock was set anew, as where recordings were joined."""


@dataclass(slots=True)
class Entry:
    """One frame in order of presentation; ``frame`` is only there where it is taken.

    Attributes:
        number: from 0.
        at, lasts: time from the first frame and expected duration, in units of the time base.
    """

    number: int
    at: int
    lasts: int
    taken: bool
    frame: Any = None


class Timeline:
    """Gives each frame its number and its time; to be asked once for each, in their order."""

    def __init__(
        self, time_base: Fraction, rate: Fraction | None, interval_s: float, every: int | None
    ) -> None:
        self._base = time_base
        # Whole numbers: this is asked for every frame, and fractions are slow.
        self._over, self._under = (1000 * time_base).as_integer_ratio()
        self._step = max(1, round(1 / (rate * time_base))) if rate else 0
        self._offset: int | None = None
        self._last = -1
        self._lasted = 0
        self._rate = rate
        self._interval, self._every = interval_s, every
        self._sampler = Sampler(time_base, interval_s, every)
        self.n_frames = 0
        self.n_untimed = 0

    def place(self, pts: int | None, duration: int | None) -> Entry:
        """The next frame: its number, its time, whether it is taken."""
        lasts = duration or self._step or max(1, round(Fraction(1, 25) / self._base))
        at = self._time(pts)
        self._last, self._lasted = at, lasts
        number = self.n_frames
        self.n_frames += 1
        return Entry(number, at, lasts, self._sampler.takes(number, at))

    def passes_over(self, n: int) -> bool:
        """Whether about one in ``n`` frames is taken, or fewer."""
        if self._every is not None:
            return self._every >= n
        return self._interval * float(self._rate or 25) >= n

    def owe(self) -> None:
        """A frame that was to be taken is not there: the next one is taken instead."""
        self._sampler.owe()

    def milliseconds(self, units: int) -> int:
        """Units of the time base in milliseconds, rounded."""
        return (units * self._over + self._under // 2) // self._under

    def _time(self, pts: int | None) -> int:
        if self._offset is None:
            self._offset = pts or 0
            self.n_untimed += pts is None
            return 0
        at = None if pts is None else pts - self._offset
        if at is not None and at > self._last:
            return at
        self.n_untimed += 1
        if at is None:
            return self._last + self._lasted
        if pts is not None and (self._last - at) * self._base > _JUMP_S:
            self._offset = pts - self._last - self._lasted
            return self._last + self._lasted
        return self._last + 1
