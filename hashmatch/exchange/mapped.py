"""Readers of tables and JSON documents that a mapping file describes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from hashmatch.errors import ExchangeError, InputError
from hashmatch.exchange.base import ListInfo, ReadOptions
from hashmatch.exchange.csv_table import Table, TableRow
from hashmatch.exchange.fields import MAX_RAW
from hashmatch.exchange.icse_rows import MAX_LINE, Line, read_lines
from hashmatch.exchange.json_feed import show
from hashmatch.exchange.json_items import MEMBER_TWICE, JsonItems
from hashmatch.exchange.json_text import to_json
from hashmatch.exchange.last_line import KnowsLast
from hashmatch.exchange.mapped_record import (
    MappedRecords,
    classifier_of,
)
from hashmatch.exchange.mapping import ListMapping, Place
from hashmatch.exchange.mapping_places import field_rules, getter, used_names
from hashmatch.exchange.one_pass import Item, OnePassReader
from hashmatch.exchange.source import Source
from hashmatch.exchange.tallies import NamedCounts
from hashmatch.types import HashRecord, Reject

_PICTURES = frozenset(("miniature", "thumbnail", "thumb", "preview"))


def open_mapped(source: Source, options: ReadOptions) -> OnePassReader:
    """The reader of the mapping's layout.

    Raises:
        InputError: there is no mapping, or one of another format than the caller forced.
        ExchangeError: the table has no column that the mapping names.
    """
    mapping = options.mapping
    if mapping is None:
        raise InputError("mapping: expected a mapping file for this format, got none (--mapping)")
    if options.format not in (None, "mapped", mapping.format):
        raise InputError(
            f"format: expected {mapping.format}, which {mapping.path} describes, "
            f"got {options.format!r}"
        )
    if mapping.layout == "csv":
        return MappedTableReader(source, options, mapping)
    return MappedJsonReader(source, options, mapping)


class _MappedReader(OnePassReader):
    def __init__(
        self, source: Source, options: ReadOptions, mapping: ListMapping, name: str | None = None
    ) -> None:
        name = name or mapping.format
        classifier = classifier_of(mapping, options, name)
        info = ListInfo(name, "table", mapping.title, classifier.default_id)
        super().__init__(source, options, info)
        self._dropped = NamedCounts()
        self.warnings = self._dropped
        self._mapping = mapping
        self._records = MappedRecords(mapping, classifier, options.schemes.labels, self.warnings)
        self._used = used_names(mapping)

    def _is_dropped(self, name: str) -> bool:
        """Whether a column or member is never kept."""
        return name.lower() in self._mapping.drop or name.lower() in _PICTURES

    def _note_dropped(self, name: str) -> None:
        self._dropped.add(f"dropped {name}")


class MappedTableReader(_MappedReader):
    """Reader of a table, see ``hashmatch.exchange.base.Reader``; ``position`` is the line."""

    def __init__(
        self, source: Source, options: ReadOptions, mapping: ListMapping, name: str | None = None
    ) -> None:
        super().__init__(source, options, mapping, name)
        lines = None
        if mapping.encoding is not None:
            lines = _lines_in(source, mapping.encoding, self.warnings)
        self._table = Table(
            source,
            self.warnings,
            mapping.delimiter,
            header=mapping.header,
            names=mapping.columns,
            skip=mapping.skip_lines,
            lines=lines,
        )
        self._columns: dict[Place, int] = {}
        for key, place in field_rules(mapping):
            position = self._table.columns.get(place[0].lower())
            if position is None:
                raise ExchangeError(
                    f"{source.path}: {mapping.path}: {key}: expected a column {place[0]!r}, "
                    f"got {self._table.header[:300]!r}"
                )
            self._columns[place] = position
        self._kept: list[tuple[int, str]] = []
        self._never: list[tuple[int, str]] = []
        used = set(self._columns.values())
        for n, name in enumerate(self._table.names):
            if self._is_dropped(name):
                self._never.append((n, name))
            elif n not in used and mapping.keep:
                is_first = self._table.columns[name.lower()] == n
                self._kept.append((n, name if name and is_first else f"{name} [{n + 1}]".strip()))

    def _items(self) -> Iterator[Item]:
        for row in self._table.rows():
            yield row if isinstance(row, Reject) else self._record(row)

    def _record(self, row: TableRow) -> HashRecord | Reject:
        cells, columns = row.cells, self._columns
        extra = {name: cells[n] for n, name in self._kept if cells[n]}
        for n, name in self._never:
            if cells[n]:
                self._note_dropped(name)
        return self._records.record(
            row.number,
            lambda place: cells[columns[place]] or None,
            extra,
            row.text[:MAX_RAW],
        )


class MappedJsonReader(_MappedReader):
    """Reader of a JSON document or of JSON lines, see ``hashmatch.exchange.base.Reader``."""

    def _items(self) -> Iterator[Item]:
        for number, value, refusal in self._objects():
            if refusal is not None:
                yield Reject(number, None, refusal, "" if value is None else show(value), True)
            elif not isinstance(value, dict):
                yield Reject(number, None, "record is no object", show(value), True)
            else:
                yield self._records.record(number, getter(value), self._extra(value), show(value))

    def _extra(self, value: Mapping[str, Any]) -> dict[str, str]:
        extra: dict[str, str] = {}
        taken: set[str] = set()
        for name, member in value.items():
            lowered = name.lower()
            exact = self._used.get(lowered)
            # Of two members whose names differ in case one was read, as ``getter`` chose.
            if exact == name or (exact is not None and exact not in value and lowered not in taken):
                taken.add(lowered)
            elif member is None or member == "":
                continue
            elif self._is_dropped(name):
                self._note_dropped(name)
            elif self._mapping.keep:
                extra[name] = to_json(member)
        return extra

    def _objects(self) -> Iterator[tuple[int, Any, str | None]]:
        if self._mapping.layout == "jsonl":
            yield from self._lines()
            return
        place = self._mapping.records
        for item in JsonItems(self._source, arrays=(place,), whole=place == ()):
            yield item.number, item.value, item.refusal

    def _lines(self) -> Iterator[tuple[int, Any, str | None]]:
        lines = KnowsLast(read_lines(self._source, self.warnings), self._source)
        for line in lines:
            if line.text is None:
                yield line.number, None, "line too long"
                continue
            try:
                value = json.loads(
                    line.text,
                    parse_float=Decimal,
                    parse_constant=_no_constant,
                    object_pairs_hook=_members,
                )
            except _MemberTwiceError:
                yield line.number, line.text[:MAX_RAW], MEMBER_TWICE
            except (ValueError, RecursionError, ArithmeticError):
                lines.require(False, line.number, line.text)
                yield line.number, line.text[:MAX_RAW], "line is no JSON"
            else:
                yield line.number, value, None


class _MemberTwiceError(Exception):
    pass


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        known = members.get(name)
        if known in (None, "") or value == known:
            members[name] = value
        elif value is not None and value != "":
            raise _MemberTwiceError
    return members


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _lines_in(source: Source, encoding: str, warnings: Counter[str]) -> Iterator[Line]:
    """As ``read_lines``, for an encoding that the mapping declares."""
    number = 0
    while raw := source.read_line(MAX_LINE):
        number += 1
        if len(raw) == MAX_LINE and not raw.endswith(b"\n"):
            while (rest := source.read_line(MAX_LINE)) and not rest.endswith(b"\n"):
                pass
            yield Line(number, None)
            continue
        text = raw.decode(encoding, "replace")
        if "\ufffd" in text:
            warnings[f"characters that are not {encoding}"] += 1
        text = text.replace("\0", "").rstrip("\r\n")
        if text and not text.isspace():
            yield Line(number, text)
