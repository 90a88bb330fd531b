"""Answers that repeat from record to record, made once and kept in bounded memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
MAX_ENTRIES = 4096
MAX_KEY = 200


class Memory(dict[str, T]):
    """``memory[text]`` is ``make(text)``; short texts are remembered.

    When it is full it starts again, so that what is frequent now is remembered.
    """

    def __init__(self, make: Callable[[str], T]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, text: str) -> T:
        made = self._make(text)
        if len(text) <= MAX_KEY:
            if len(self) >= MAX_ENTRIES:
                self.clear()
            self[text] = made
        return made
