"""Lines of a list of fingerprints: bounded in length, and given back when they were taken wrongly.

A CSV record may run over several lines, where a file's name holds a line break. A stray quote must
not swallow the records after it: if what was joined is no record, only its first line is refused.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TextIO, TypeVar

MAX_RECORD = 64 * 1024
"""Characters of one record."""

MAX_VIDEO_RECORD = 32 * 1024 * 1024
"""The same of a video in JSON, which has all its frames: 240,000 of them."""
_VIDEO_START = re.compile(r"\s*\{\s*\"schema\"\s*:\s*\"hashmatch\.video/").match

_BOM = "\ufeff"

R = TypeVar("R")


def longest(text: str) -> int:
    """How many characters a record may have that begins so: a video's says it first."""
    return MAX_VIDEO_RECORD if _VIDEO_START(text) else MAX_RECORD


def bounded_lines(stream: TextIO) -> Iterator[str]:
    """The lines of a text file, with their ends.

    Of a line over ``MAX_RECORD`` (a video's: ``MAX_VIDEO_RECORD``) only the beginning is given,
    still too long to be a record. Open the file with ``newline=""``, else carriage returns in names
    are lost.
    """
    while line := stream.readline(MAX_RECORD + 1):
        if len(line) > MAX_RECORD and line[-1] not in "\r\n" and longest(line) > MAX_RECORD:
            line += stream.readline(MAX_VIDEO_RECORD + 1 - len(line))
        yield line
        while len(line) > MAX_RECORD and line[-1] not in "\r\n":
            line = stream.readline(MAX_RECORD + 1)


class Lines(Iterator[tuple[int, str]]):
    """Lines with their numbers, from 1."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._source = enumerate(lines, start=1)
        self._ahead: deque[tuple[int, str]] = deque()

    def __next__(self) -> tuple[int, str]:
        if self._ahead:
            return self._ahead.popleft()
        number, line = next(self._source)
        return number, line.removeprefix(_BOM) if number == 1 else line

    def joined(self, line: str, parse: Callable[[str], R]) -> R:
        """Parse ``line``, with the lines after it for as long as a quote is open.

        Raises:
            ValueError: the quote is never closed, or not within ``MAX_RECORD``.
            Exception: what ``parse`` raises; the further lines are then still to come.
        """
        taken: list[tuple[int, str]] = []
        size = len(line)
        is_open = line.count('"') % 2 == 1
        try:
            while is_open:
                following = next(self, None)
                if following is None:
                    raise ValueError("a quote is never closed")
                taken.append(following)
                size += len(following[1])
                if size > MAX_RECORD:
                    raise ValueError(f"a quote is not closed within {MAX_RECORD} characters")
                is_open ^= following[1].count('"') % 2 == 1
            return parse("".join([line, *(text for _, text in taken)]).rstrip("\r\n"))
        except BaseException:
            self._ahead.extendleft(reversed(taken))
            raise
