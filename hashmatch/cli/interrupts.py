"""One Ctrl-C is enough, wherever it arrives.

Python drops a KeyboardInterrupt that is raised inside a finaliser or a callback. So the signal is
also remembered, and loops over many items ask for it.
"""

from __future__ import annotations

import signal
from threading import Event
from types import FrameType

_asked = Event()


def listen() -> None:
    """Remember SIGINT from now on; not where the process was started to ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)


def stop_if_asked() -> None:
    """Raise the KeyboardInterrupt that got lost, if one did."""
    if _asked.is_set():
        raise KeyboardInterrupt


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    _asked.set()
    raise KeyboardInterrupt
