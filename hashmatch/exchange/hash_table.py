"""Reads tables whose header names a column of hashes, whatever the delimiter: no mapping needed.

What the names of columns leave no doubt about is read; everything else is kept as text, and file
names are not. A category has no meaning until the caller forces a scheme.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from hashmatch.errors import ExchangeError
from hashmatch.exchange.base import ReadOptions
from hashmatch.exchange.csv_table import split_cells
from hashmatch.exchange.hash_text import UNDECLARED, checked_type, looks_damaged, type_of
from hashmatch.exchange.list_sample import column_type, is_hash_column
from hashmatch.exchange.mapped import MappedTableReader
from hashmatch.exchange.mapping import FieldRule, HashRule, ListMapping
from hashmatch.exchange.source import Source

FORMAT = "hash-csv"
_DELIMITERS = (";", "\t", ",", "|")
_CATEGORIES = ("category", "cat", "grade", "class")
_NAMES = frozenset(("filename", "file_name", "file name", "filepath", "file_path", "path", "name"))
_SEPARATOR = re.compile(r"sep=(.)\s*").fullmatch
_MAX_ROWS = 50


def looks_like_hash_table(head: bytes) -> bool:
    """A header with a column of hashes and another one, over rows that have hashes there."""
    return _read_head(head, None) is not None


def open_hash_table(source: Source, options: ReadOptions) -> MappedTableReader:
    """The reader of such a table.

    Raises:
        ExchangeError: no column is named as one of hashes, or a column "hash" holds values that
            are SHA-256 or PDQ, and nothing says which.
        InputError: the declared hash type is unknown.
    """
    declared = checked_type(options.hash_type)
    mapping = _read_head(source.head(), declared, source.path)
    if mapping is None:
        raise ExchangeError(
            f"{source.path}: expected a header line with a column such as MD5 or SHA-1 and rows "
            "with such hashes; any other table can be described by a mapping (--mapping)"
        )
    return MappedTableReader(source, options, mapping, FORMAT)


def _read_head(head: bytes, declared: str | None, path: Path | None = None) -> ListMapping | None:
    if b"\0" in head:
        return None
    lines = head.decode("utf-8", "replace").removeprefix("\ufeff").splitlines()
    if len(lines) > 1 and not head.endswith(b"\n"):
        lines.pop()  # cut in two by the end of the head, perhaps
    lines = [line for line in lines if line.strip()]
    separator = _SEPARATOR(lines[0]) if lines else None
    skip = 0 if separator is None else 1
    if len(lines) <= skip + 1:
        return None
    for delimiter in (separator[1],) if separator is not None else _DELIMITERS:
        names = [name.strip().lower() for name in split_cells(lines[skip], delimiter)]
        found = [name for name in dict.fromkeys(names) if is_hash_column(name)]
        if found and len(names) > 1:
            for rows in _rows(lines[skip + 1 :], delimiter):
                given = [row for row in rows if [cell.lower() for cell in row] != names]
                values = {
                    n: [r[names.index(n)] for r in given if len(r) > names.index(n)] for n in found
                }
                if any(map(_are_hashes, values.values())):
                    _require_meaning(values, declared, path)
                    return _mapping(names, found, delimiter, skip, declared, path)
            return None
    return None


def _rows(lines: list[str], delimiter: str) -> Iterator[list[list[str]]]:
    """The first rows: a line each, or as quotes that run over lines make them."""
    yield [split_cells(line, delimiter) for line in lines[:_MAX_ROWS]]
    joined = csv.reader((f"{line}\n" for line in lines), delimiter=delimiter)
    with suppress(csv.Error):
        yield [[cell.strip() for cell in row] for row in islice(joined, _MAX_ROWS)]


def _are_hashes(column: list[str]) -> bool:
    """Whether most cells that are not empty are hashes, or were before a spreadsheet had them."""
    given = [value for value in column if value]
    good = [value for value in given if type_of(value) is not None]
    damaged = sum(looks_damaged(value) for value in given)
    return bool(good) and (len(good) + damaged) * 10 >= len(given) * 9


def _require_meaning(values: dict[str, list[str]], declared: str | None, path: Path | None) -> None:
    bare = [
        value for name, column in values.items() if column_type(name) is None for value in column
    ]
    if path is not None and declared is None and any(type_of(v) == UNDECLARED for v in bare):
        raise ExchangeError(
            f"{path}: expected hashes of one meaning, got 64 hex digits in a column 'hash', which "
            "are SHA-256 or PDQ: say which with hash_type='sha256' or hash_type='pdq' (--hash-type)"
        )


def _mapping(
    names: list[str],
    found: list[str],
    delimiter: str,
    skip: int,
    declared: str | None,
    path: Path | None,
) -> ListMapping:
    rules = tuple(
        HashRule(
            where=f"column {name}",
            each=None,
            value=(name,),
            type=column_type(name) or declared,
            type_from=None,
            types={},
            encoding="auto",
            quality=None,
            frame=None,
            time=None,
        )
        for name in found
    )
    category = next((name for name in _CATEGORIES if name in names), None)
    fields = {}
    if category is not None:
        fields["category"] = FieldRule("category", (category,), None, {}, None)
    return ListMapping(
        path=path or Path(),
        title=delimiter.join(names)[:500],
        layout="csv",
        encoding=None,
        delimiter=delimiter,
        header=True,
        columns=(),
        skip_lines=skip,
        records=(),
        hashes=rules,
        fields=fields,
        constants={},
        key=(),
        scheme=None,
        codes=None,
        keep=True,
        drop=_NAMES,
    )
