"""The last line of a text list: without an end it may have been cut, and must show that it was not.

Many tools leave out the last line feed, and a broken download leaves out more than that. What is
cut can look whole: the beginning of a SHA-1 is an MD5, that of quality 100 is quality 10.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from hashmatch.errors import ExchangeError
from hashmatch.exchange.source import Source

T = TypeVar("T")
_END_MARK = "\x1a"
"""What old systems put behind the last line."""


class KnowsLast(Generic[T]):
    """Iterates lines, or rows, one behind their source.

    Attributes:
        unfinished: whether the one just given is the last and has no line end.
    """

    def __init__(self, lines: Iterable[T], source: Source) -> None:
        self._lines = lines
        self._source = source
        self.unfinished = False

    def __iter__(self) -> Iterator[T]:
        lines = iter(self._lines)
        for line in lines:
            for following in lines:
                yield line
                line = following
            self.unfinished = not self._source.ends_line
            yield line

    def require(self, whole: bool, number: int, text: str | None) -> None:
        """Raise ExchangeError if the one just given is unfinished and not ``whole``."""
        if self.unfinished and not whole and (text or "").strip(_END_MARK + "\0 \t"):
            raise ExchangeError(
                f"{self._source.path}: cut short: expected a last line like the others, with a "
                f"line end, got the beginning of one at line {number}"
            )
