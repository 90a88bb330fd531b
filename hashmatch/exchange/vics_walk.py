"""The media objects of a VICS array, one after the other.

An array holds media, or cases with their media: what an element is counts, not what the context
promised. Plain elements are parsed in C, one call each. Everything else (defects, the window's
edge, elements larger than a window) goes member by member, with the same answer.

An element that is no JSON is refused, and reading goes on where the next record begins
(``vics_resync``). From there on the walk is *lost*: it does not know which brackets are open, looks
for one record after the other, and takes them for media of no case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hashmatch.exchange.json_cursor import TOO_LARGE, CutShortError, JsonCursor
from hashmatch.exchange.json_lenient import (
    MAX_DEPTH,
    MalformedError,
    Pairs,
    depth_of,
)
from hashmatch.exchange.json_plain import (
    MAX_VALUE,
    PARSE_ERRORS,
    RUN,
    parse_flat,
    parse_plain,
    parse_run,
)
from hashmatch.exchange.vics_keys import (
    CASE_REFERENCES,
    FILES_KEY,
    MEDIA_KEY,
    is_kept,
    is_media_list,
)
from hashmatch.exchange.vics_resync import Resync

MAX_SHOWN = 100
"""Members of a record that are only counted."""
TOO_LARGE_REASON = "record too large"
TOO_LARGE_TEXT = "…"
"""Stands for a value that was left out unread."""
NO_OBJECT = "record is no object"
_next_element = re.compile(r"[ \t\r\n]*,[ \t\r\n]*").match


Members = Pairs | dict[str, Any]
"""The members of an object; a dictionary only where none stands there twice."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An element that is no record, with the reason and what of it may be shown."""

    reason: str
    raw: str = ""


REST_OF_CASE: Pairs = (("", None),)
"""In place of a case's references: the record is what stands in a case around its media."""


class MediaWalk:
    """Reads arrays of records at a cursor.

    Attributes:
        around: what the case around the current record says, as far as it stands before its media:
            CaseID and CaseNumber. None for a record that is in no case.
    """

    def __init__(self, cursor: JsonCursor) -> None:
        self._cursor = cursor
        self._resync = Resync(cursor)
        self._losses = 0
        self.around: Pairs | None = None

    @property
    def context_behind(self) -> str | None:
        """The context, where it was met while looking for the next record."""
        return self._resync.context

    def elements(self, depth: int, references: Pairs | None = None) -> Iterator[Members | Refusal]:
        """The records of the array whose opening bracket was just read.

        Args:
            depth: how many arrays and objects are open, this array included.
            references: ``around`` for its media, where it is a case's.

        Raises (while iterating):
            CutShortError: the document ends inside; what was given out is whole.
            DocumentEndError: it ends after a loss.
            ExchangeError: nested too deeply.
        """
        window, resync = self._cursor.window, self._resync
        more = self._begins(commas=1, start=True)
        alone = 0  # up to here records are taken one by one
        while more:
            if len(window.text) - window.pos < RUN and self._cursor.look_ahead():
                continue  # a run that the window's edge cuts would be taken one by one
            text, pos = window.text, window.pos
            # Not records that hold what would have to be cleaned.
            if not window.odd and window.dropped + pos >= alone:
                run = parse_run(text, pos)
                if run is not None and references is None and _may_be_case(text[pos : run[1]]):
                    run = None if any(map(_is_case, run[0])) else run
                alone = window.dropped + pos + (RUN if run is None else 0)
            else:
                run = None
            flat = None if window.odd or run is not None else parse_flat(text, pos)
            if run is not None:
                values, window.pos = run
                self.around = references
                for value in values:
                    resync.good = value
                    yield value
            elif flat is not None:
                resync.good, window.pos = flat
                self.around = references
                yield flat[0]
            elif (found := self._whole(depth)) is not None:
                if references is None and any(map(is_media_list, found)):
                    yield from self._case(found)
                else:
                    resync.good = found
                    self.around = references
                    yield found
            elif self._cursor.look_ahead():
                continue  # at the window's edge
            else:
                yield from self._slow_element(depth, references)
                if self._losses:
                    references = None
            # The common way to the next element; every other one is for ``_begins``.
            comma = _next_element(window.text, window.pos)
            if comma is None or comma.end() == len(window.text):
                more = self._begins(commas=0)
            else:
                window.pos = comma.end()
                more = window.text[window.pos] == "{" or self._begins(commas=1)

    def _whole(self, depth: int) -> Pairs | None:
        """The object here, where it is plain JSON and in the window; else None."""
        window = self._cursor.window
        try:
            value, end = parse_plain(window.text, window.pos)
        except PARSE_ERRORS:
            return None
        if type(value) is not tuple or end - window.pos > MAX_VALUE:
            return None
        if depth + depth_of(value) > MAX_DEPTH:
            raise self._cursor.too_deep()
        window.pos = end
        return self._cursor.clean(value) if window.odd else value

    def single(self, depth: int) -> Iterator[Members | Refusal]:
        """The one record that the object here is."""
        return self._slow_element(depth, None)

    def _begins(self, *, commas: int, start: bool = False) -> bool:
        if self._losses == 0:
            return self._cursor.next_item("]", commas=commas, start=start, comma_needed=False)
        if self._cursor.peek() != "{":
            self._resync.find()
        return True

    def _slow_element(self, depth: int, references: Pairs | None) -> Iterator[Members | Refusal]:
        cursor, window = self._cursor, self._cursor.window
        window.mark = window.pos
        try:
            if cursor.peek() == "{":
                yield from self._slow_object(depth, references)
            else:
                cursor.value(depth)
                yield Refusal(NO_OBJECT)
        except MalformedError as error:
            yield self._lose(f"malformed JSON: {error}")
        except CutShortError:
            # A text that is not closed swallows what follows, up to the document's end.
            if not self._resync.finds_another():
                raise
            yield self._lose("malformed JSON: not closed")
        window.mark = None

    def _lose(self, reason: str) -> Refusal:
        """Refuse the element at the mark; the walk goes on behind its first character."""
        window = self._cursor.window
        if window.mark is not None:
            window.pos = window.mark
        refusal = Refusal(reason, self._resync.telling_text())
        window.pos += 1
        self._losses += 1
        return refusal

    def _slow_object(self, depth: int, references: Pairs | None) -> Iterator[Members | Refusal]:
        cursor, window = self._cursor, self._cursor.window
        members: list[tuple[str, Any]] = []
        weight = places = shown = 0
        is_case = False
        commas = 1
        window.pos += 1
        while cursor.next_item("}", commas=commas, start=commas == 1):
            commas = 0
            before = window.dropped + window.pos
            key = cursor.key(depth + 1)
            if key is TOO_LARGE:
                weight += MAX_VALUE + 1
                key = ""
            if references is None and key.casefold() == MEDIA_KEY and cursor.peek() == "[":
                window.pos += 1
                window.mark = None
                if self._losses:
                    return  # its media follow, like any other records
                is_case = True
                losses = self._losses
                yield from self.elements(depth + 2, _references(members))
                if self._losses > losses:
                    return
                window.mark = window.pos
                continue
            value = cursor.value(depth + 1)
            size = window.dropped + window.pos - before
            if is_kept(key):
                weight += size
                if weight > MAX_VALUE and key.casefold() not in CASE_REFERENCES:
                    continue
            elif key.casefold() == FILES_KEY:
                places += size
                value = TOO_LARGE if places > MAX_VALUE else value
            else:
                # What is left out for privacy is only counted: it must be something, and small.
                shown += 1
                if shown > MAX_SHOWN:
                    continue
                value = value if value is None or value == "" else TOO_LARGE
            members.append((key, TOO_LARGE_TEXT if value is TOO_LARGE else value))
        self.around = REST_OF_CASE if is_case else references
        if weight > MAX_VALUE:
            yield Refusal(TOO_LARGE_REASON)
        else:
            if not is_case:
                self._resync.good = tuple(members)
            yield tuple(members)

    def _case(self, members: Pairs) -> Iterator[Members | Refusal]:
        """A case that is in the window as a whole."""
        rest: list[tuple[str, Any]] = []
        for member in members:
            if not is_media_list(member):
                rest.append(member)
                continue
            references = _references(rest)
            for element in member[1]:
                if type(element) is tuple:
                    self._resync.good = element
                    self.around = references
                    yield element
                else:
                    yield Refusal(NO_OBJECT)
        self.around = REST_OF_CASE
        yield tuple(rest)


_MEDIA_LIST = re.compile(rf'"{MEDIA_KEY}"\s*:\s*\[', re.IGNORECASE).search


def _may_be_case(text: str) -> bool:
    """Whether one of the records in a text can be a case; for speed, before ``_is_case``."""
    return "\\" in text or _MEDIA_LIST(text) is not None


def _is_case(record: dict[str, Any]) -> bool:
    return any(map(is_media_list, record.items()))


def _references(members: list[tuple[str, Any]]) -> Pairs:
    """What a medium inherits from its case: the reference, never a person's name."""
    return tuple(member for member in members if member[0].casefold() in CASE_REFERENCES)
