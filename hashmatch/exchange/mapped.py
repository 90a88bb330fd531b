"""Readers of tables and JSON documents that a mapping file describes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from hashmatch.errors import ExchangeError, InputError
from hashmatch.exchange.base import ListInfo, ReadOptions
from hashmatch.exchange.csv_table import Table, TableRow
from hashmatch.exchange.fields import MAX_RAW
from hashmatch.exchange.icse_rows import MAX_LINE, Line, read_lines
from hashmatch.exchange.json_feed import show
from hashmatch.exchange.json_items import JsonItems
from hashmatch.exchange.json_text import to_json
from hashmatch.exchange.mapped_record import (
    MappedRecords,
    classifier_of,
    field_rules,
    getter,
    used_names,
)
from hashmatch.exchange.mapping import ListMapping, Place
from hashmatch.exchange.one_pass import Item, OnePassReader
from hashmatch.exchange.source import Source
from hashmatch.exchange.tallies import NamedCounts
from hashmatch.types import HashRecord, Reject

_PICTURES = frozenset(("miniature", "thumbnail", "thumb", "preview"))
_KEPT = "dropped"


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
    def __init__(self, source: Source, options: ReadOptions, mapping: ListMapping) -> None:
        classifier = classifier_of(mapping, options)
        info = ListInfo(mapping.format, "table", mapping.title, classifier.default_id)
        super().__init__(source, options, info)
        self._dropped = NamedCounts()
        self.warnings = self._dropped
        self._mapping = mapping
        self._records = MappedRecords(mapping, classifier, self.warnings)
        self._used = used_names(mapping)

    def _keeps(self, name: str) -> bool:
        """Whether a column or member that the mapping does not name stays with the record."""
        lowered = name.lower()
        if lowered in self._used:
            return False
        if lowered in self._mapping.drop or lowered in _PICTURES:
            self._dropped.add(f"{_KEPT} {name}")
            return False
        return self._mapping.keep


class MappedTableReader(_MappedReader):
    """Reader of a table, see ``hashmatch.exchange.base.Reader``; ``position`` is the line."""

    def __init__(self, source: Source, options: ReadOptions, mapping: ListMapping) -> None:
        super().__init__(source, options, mapping)
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
        self._others = [(n, name) for n, name in enumerate(self._table.names) if name]

    def _items(self) -> Iterator[Item]:
        for row in self._table.rows():
            yield row if isinstance(row, Reject) else self._record(row)

    def _record(self, row: TableRow) -> HashRecord | Reject:
        cells, columns = row.cells, self._columns
        extra = {name: cells[n] for n, name in self._others if cells[n] and self._keeps(name)}
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
                extra = {
                    name: to_json(member)
                    for name, member in value.items()
                    if member is not None and member != "" and self._keeps(name)
                }
                yield self._records.record(number, getter(value), extra, show(value))

    def _objects(self) -> Iterator[tuple[int, Any, str | None]]:
        if self._mapping.layout == "jsonl":
            yield from self._lines()
            return
        place = self._mapping.records
        for item in JsonItems(self._source, arrays=(place,), whole=place == ()):
            yield item.number, item.value, item.refusal

    def _lines(self) -> Iterator[tuple[int, Any, str | None]]:
        for line in read_lines(self._source, self.warnings):
            if line.text is None:
                yield line.number, None, "line too long"
                continue
            try:
                value = json.loads(line.text, parse_float=Decimal)
            except (ValueError, RecursionError, ArithmeticError):
                yield line.number, line.text[:MAX_RAW], "line is no JSON"
            else:
                yield line.number, value, None


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
