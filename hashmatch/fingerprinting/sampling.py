"""Which frames are taken at an interval: the rule of ``VideoReader``, for a stream read in full."""

from __future__ import annotations


class Ticks:
    """Ticks at whole multiples of an interval from the first frame.

    A frame is taken if it is the first one shown at or after a tick that none was taken for. A long
    frame serves once for the ticks that pass while it is shown.

    Args:
        interval_s: 0: every frame is taken.
    """

    def __init__(self, interval_s: float) -> None:
        self._interval_ms = 1000 * interval_s
        self._served = -1

    def takes(self, time_ms: int) -> bool:
        """Whether the frame that is shown from ``time_ms`` on is taken; asked in their order."""
        if self._interval_ms <= 0:
            return True
        tick = int(time_ms / self._interval_ms)
        if tick <= self._served:
            return False
        self._served = tick
        return True
