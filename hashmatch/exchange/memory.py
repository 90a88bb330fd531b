"""Answers that repeat from record to record, made once and kept in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Sized
from typing import TypeVar

K = TypeVar("K", bound=Sized)
T = TypeVar("T")
MAX_ENTRIES = 4096
MAX_KEY = 200


class Memory(dict[K, T]):
    """``memory[key]`` is ``make(key)``; what is made of light keys, short texts, is remembered.

    When it is full it starts again, so that what is frequent now is remembered.

    Args:
        weigh: about how many characters a key has.
    """

    def __init__(self, make: Callable[[K], T], weigh: Callable[[K], int] = len) -> None:
        super().__init__()
        self._make = make
        self._weigh = weigh

    def __missing__(self, key: K) -> T:
        made = self._make(key)
        if self._weigh(key) <= MAX_KEY:
            if len(self) >= MAX_ENTRIES:
                self.clear()
            self[key] = made
        return made
