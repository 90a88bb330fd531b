"""Looks into a VICS document before it is read: its context, and where and what its records are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hashmatch.errors import ExchangeError
from hashmatch.exchange.base import Document
from hashmatch.exchange.json_cursor import CutShortError, JsonCursor
from hashmatch.exchange.json_lenient import MalformedError
from hashmatch.exchange.json_plain import PARSE_ERRORS, parse_plain
from hashmatch.exchange.vics_context import CONTEXT_KEYS, parse_context
from hashmatch.exchange.vics_document import (
    OTHER_KEYS,
    RECORDS_KEY,
    ROOT_ARRAY,
    ROOT_OBJECT,
    members,
    open_cursor,
)
from hashmatch.exchange.vics_keys import CASE_REFERENCES, MEDIA_KEY, is_media_list
from hashmatch.exchange.vics_resync import DocumentEndError
from hashmatch.exchange.vics_walk import MediaWalk

_MEDIA_KEYS = frozenset(("md5", "sha1", "mediaid"))
_ENOUGH = 1 << 16
_KEY = re.compile(r'"([A-Za-z0-9_@.]{1,64})"[ \t\r\n]*:[ \t\r\n]*(\[)?')


@dataclass(slots=True)
class Head:
    """What was found.

    Attributes:
        context: text of the context member; None where there is none.
        records_are: what the first record is; None where it has none of the telling keys.
        place: where the records are, see ``VicsDocument``; None where there are none.
        error: the document is broken behind what was found.
    """

    context: str | None = None
    records_are: Document | None = None
    place: str | None = None
    error: ExchangeError | None = None

    @property
    def has_vics_context(self) -> bool:
        return self.context is not None and parse_context(self.context).version is not None


def read_head(chunks: Iterator[bytes], name: str) -> Head:
    """Read until context and kind of records are known, to the end if need be.

    A context behind the records costs one more pass over the file, and only then.

    Args:
        chunks: the document's bytes; its beginning is enough for what stands there.
        name: the document's name in messages.
    """
    head = Head()
    cursor = open_cursor(chunks, name, Counter())
    walk = MediaWalk(cursor)
    try:
        _look(cursor, walk, head)
    except DocumentEndError:
        head.context = head.context or walk.context_behind
    except CutShortError:
        # Reading the records will meet the same end, after the records before it.
        head.context = head.context or walk.context_behind
        head.error = ExchangeError(f"{name}: document cut short at byte {cursor.window.near()}")
    except MalformedError as error:
        head.error = cursor.malformed(str(error))
    except ExchangeError as error:
        head.error = error
    return head


def _look(cursor: JsonCursor, walk: MediaWalk, head: Head) -> None:
    if cursor.peek() == "[":
        cursor.window.pos += 1
        head.place, head.records_are = ROOT_ARRAY, _first_record(cursor)
        return
    names: dict[str, None] = {}
    for key in members(cursor):
        folded = key.casefold()
        if cursor.peek() == "[" and (folded == RECORDS_KEY or folded in OTHER_KEYS):
            cursor.window.pos += 1
            kind = _first_record(cursor)
            if head.place != RECORDS_KEY and (folded == RECORDS_KEY or kind is not None):
                head.place, head.records_are = folded, kind
            if head.place == RECORDS_KEY and head.context is not None:
                return
            for _ in walk.elements(2):
                pass
            continue
        value = cursor.value(1)
        if folded in CASE_REFERENCES or folded in _MEDIA_KEYS:
            names[folded] = None
        if folded in CONTEXT_KEYS and isinstance(value, str):
            head.context = value
    if head.place is None:
        kind = _kind(names)
        if kind == "hash-set":
            head.place, head.records_are = ROOT_OBJECT, kind


def _first_record(cursor: JsonCursor) -> Document | None:
    """What the first element of the array here is."""
    window = cursor.window
    if cursor.peek() != "{":
        return None
    while True:
        try:
            value, _ = parse_plain(window.text, window.pos)
        except PARSE_ERRORS:
            if len(window.text) - window.pos < _ENOUGH and window.fill():
                continue
            return _guess(window.text[window.pos : window.pos + _ENOUGH])
        return _kind_of(value)


def _kind_of(value: Any) -> Document | None:
    if any(map(is_media_list, value)):
        return "case"
    return _kind(key.casefold() for key, _ in value)


def _guess(text: str) -> Document | None:
    """The same for a record that is too large to look at, or broken."""
    keys = [(match[1].casefold(), match[2]) for match in _KEY.finditer(text)]
    if (MEDIA_KEY, "[") in keys:
        return "case"
    return _kind(key for key, _ in keys)


def _kind(names: Any) -> Document | None:
    for name in names:
        if name in CASE_REFERENCES:
            return "case"
        if name in _MEDIA_KEYS:
            return "hash-set"
    return None
