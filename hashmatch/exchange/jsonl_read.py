"""Reader of our own JSONL: the records and deletions of any list, as they were read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from hashmatch.errors import ExchangeError
from hashmatch.exchange.base import INCOMPLETE, Document, ListInfo, ReadOptions
from hashmatch.exchange.fields import MAX_RAW
from hashmatch.exchange.jsonl_codec import decode_item
from hashmatch.exchange.jsonl_lines import (
    END,
    FORMAT,
    HEAD,
    MADE_FROM,
    MAX_LINE,
    parse_line,
    too_large,
)
from hashmatch.exchange.one_pass import Item, OnePassReader
from hashmatch.exchange.schemes import UNMAPPED
from hashmatch.exchange.source import Source, shown
from hashmatch.types import Reject

_MAX_HEAD = 65_536
_DOCUMENTS: dict[str, Document] = {name: name for name in get_args(Document)}


class JsonlReader(OnePassReader):
    """See ``hashmatch.exchange.base.Reader``.

    Positions are those of the list that the records were first read from, of a broken line its
    number. ``info`` has that list's document and context, and after the last record its facts;
    its format is the fact ``MADE_FROM``.

    Raises:
        ExchangeError: the head line is broken or of a later version; while iterating, unless the
            list is to be salvaged, the last line is missing or counts other lines than there are.
    """

    def __init__(self, source: Source, options: ReadOptions) -> None:
        name = str(source.path)
        line = source.read_line(_MAX_HEAD).removeprefix(b"\xef\xbb\xbf")
        head = parse_line(line)
        if isinstance(head, str) or head.get("schema") != HEAD:
            raise ExchangeError(
                f"{name}: expected a first line with the schema {HEAD!r}, got {shown(line)}"
            )
        source.rewind()
        forced = options.scheme
        self._classifier = (
            None if forced is None else options.schemes.classifier(FORMAT, "", forced)
        )
        super().__init__(source, options, _info(head.get("origin"), forced))

    def _items(self) -> Iterator[Item]:
        name = str(self._source.path)
        number = lines = 0
        end: Any = None
        while raw := self._source.read_line(MAX_LINE + 2):
            number += 1
            if number == 1:
                continue
            if end is not None and not raw.isspace():
                raise ExchangeError(
                    f"{name}: expected nothing after the last line, got line {number}"
                )
            if not raw.endswith(b"\n") and len(raw) > MAX_LINE:
                self._skip_line()
                lines += 1
                yield Reject(number, None, "record too large", _raw(raw), True)
                continue
            if raw.isspace():
                self.warnings["blank line"] += 1
                continue
            reason = too_large(raw)
            value = parse_line(raw) if reason is None else reason
            if isinstance(value, dict) and value.get("schema") == END:
                end = value.get("lines")
                self._keep_facts(value.get("facts"))
                continue
            if isinstance(value, str) and not raw.endswith(b"\n"):
                break  # cut in the middle: not a record that was refused
            lines += 1
            if isinstance(value, str):
                yield Reject(number, None, value, _raw(raw), True)
            else:
                yield decode_item(value, number, self._classifier, self.warnings)
        self._check_end(end, lines)

    def _keep_facts(self, facts: Any) -> None:
        for name, text in facts.items() if isinstance(facts, dict) else ():
            if isinstance(text, str):
                self.info.facts[name] = text

    def _check_end(self, end: Any, lines: int) -> None:
        if end is None:
            problem = f"cut short: expected a last line with the schema {END!r}, got none"
        elif end != lines:
            problem = f"expected {end!r} lines between the first and the last, got {lines}"
        else:
            return
        if not self._options.salvage:
            raise ExchangeError(f"{self._source.path}: {problem}")
        self.info.facts[INCOMPLETE] = problem

    def _skip_line(self) -> None:
        while (rest := self._source.read_line(MAX_LINE)) and not rest.endswith(b"\n"):
            pass


def _raw(line: bytes) -> str:
    return line[:MAX_RAW].decode("utf-8", "replace")


def _info(origin: Any, forced: str | None) -> ListInfo:
    said = origin if isinstance(origin, dict) else {}
    format, document, context, scheme = (
        text if isinstance(text, str) else ""
        for text in map(said.get, ("format", "document", "context", "scheme"))
    )
    return ListInfo(
        FORMAT,
        _DOCUMENTS.get(document, "hash-set"),
        context,
        forced or scheme or UNMAPPED,
        {MADE_FROM: format} if format else {},
    )
