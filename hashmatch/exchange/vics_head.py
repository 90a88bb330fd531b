"""Looks into a VICS document before it is read: its context, and what its records are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hashmatch.errors import ExchangeError
from hashmatch.exchange.base import Document
from hashmatch.exchange.vics_context import CONTEXT_KEYS, parse_context
from hashmatch.exchange.vics_tokens import MAX_DEPTH, Token, read_tokens, too_deep

RECORDS_KEY = "value"
_CASE_KEYS = frozenset(("caseid", "casenumber"))
_MEDIA_KEYS = frozenset(("md5", "sha1", "mediaid"))


@dataclass(slots=True)
class Head:
    """What was found.

    Attributes:
        context: text of the context member; None where there is none.
        records_are: what the first record is; None where it has none of the telling keys.
        has_array: whether the root object has a ``value`` array.
        error: the document is broken behind what was found.
    """

    context: str | None = None
    records_are: Document | None = None
    has_array: bool = False
    error: ExchangeError | None = None

    @property
    def has_vics_context(self) -> bool:
        return self.context is not None and parse_context(self.context).version is not None


def read_head(chunks: Iterator[bytes], name: str, *, whole: bool = True) -> Head:
    """Read until context and kind of records are known, to the end if need be.

    A context behind the records costs one more pass over the file, and only then.

    Args:
        chunks: the document's bytes; may be its beginning only, then ``whole`` is False.
        name: the document's name in messages.
        whole: whether the end of ``chunks`` is the document's end.
    """
    head = Head()
    try:
        _scan(read_tokens(chunks, name, whole=whole), name, head)
    except ExchangeError as error:
        # Reading the records will meet the same error, after the records before it.
        head.error = error
    return head


def _scan(batches: Iterator[list[Token]], name: str, head: Head) -> None:
    depth = 0
    key = ""
    in_records = first_done = False
    for batch in batches:
        for event, value in batch:
            if event == "map_key":
                if depth == 1 or (depth == 3 and in_records and not first_done):
                    key = value.casefold()
                    if depth == 3 and head.records_are is None:
                        if key in _CASE_KEYS:
                            head.records_are = "case"
                        elif key in _MEDIA_KEYS:
                            head.records_are = "hash-set"
            elif event in ("start_map", "start_array"):
                depth += 1
                if depth > MAX_DEPTH:
                    raise too_deep(name)
                if event == "start_array" and depth == 2 and key == RECORDS_KEY:
                    in_records = head.has_array = True
                elif depth == 4 and key == "media" and in_records and not first_done:
                    head.records_are = "case"
            elif event in ("end_map", "end_array"):
                depth -= 1
                if depth == 2 and in_records:
                    first_done = True
                elif depth == 1:
                    in_records = False
            elif depth == 1 and event == "string" and key in CONTEXT_KEYS:
                head.context = value
        settled = head.records_are is not None or first_done
        if head.context is not None and head.has_array and settled:
            return
