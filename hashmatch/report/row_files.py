"""One table in two forms: JSON, a row a line, which is exact, and CSV for spreadsheets.

Both are UTF-8 that every reader takes. Where that costs a path something, ``path_hex`` has its
bytes; ``path_of`` gives them back from either.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from hashmatch.errors import InputError
from hashmatch.fingerprinting import csv_line
from hashmatch.report.rows import Row
from hashmatch.report.staging import Staging
from hashmatch.report.text import cell, path_bytes, unicode_text

_BOM = "\ufeff"  # without it a spreadsheet takes UTF-8 for the code page of its country


class RowFiles:
    """``name.jsonl`` and ``name.csv`` in a staging folder."""

    def __init__(self, staging: Staging, name: str, columns: Sequence[str]) -> None:
        self._columns = tuple(columns)
        self._json = staging.open(f"{name}.jsonl")
        self._csv = staging.open(f"{name}.csv")
        self._csv.write((_BOM + csv_line(self._columns)).encode())

    def write(self, row: Row) -> None:
        self._json.write(json_line(row))
        self._csv.write(csv_row(row, self._columns).encode())

    def close(self) -> None:
        self._json.close()
        self._csv.close()


def json_line(row: Row) -> bytes:
    """A row as one object on one line."""
    path = row["path"]
    safe = {**row, "path": unicode_text(path)}
    if safe["path"] != path:
        safe["path_hex"] = path_bytes(path).hex()
    try:
        return orjson.dumps(safe, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:  # a lone surrogate in another text
        return orjson.dumps(_with_unicode(safe), option=orjson.OPT_APPEND_NEWLINE)


def csv_row(row: Row, columns: Sequence[str]) -> str:
    """A row as one line of CSV."""
    cells = [_cell(row[name]) for name in columns]
    path = row["path"]
    if cells[columns.index("path")] != path:
        cells[columns.index("path_hex")] = path_bytes(path).hex()
    return csv_line(cells)


def path_of(row: Mapping[str, Any]) -> str:
    """The path of a row that was read from either form, exactly as the model had it.

    Raises:
        InputError: ``path_hex`` is no hex.
    """
    if not row.get("path_hex"):
        return str(row["path"])
    try:
        return bytes.fromhex(row["path_hex"]).decode("utf-8", "surrogateescape")
    except ValueError as error:
        raise InputError(f"path_hex: {error}") from error


def _cell(value: object) -> str:
    if not isinstance(value, list):
        return cell(value)
    if all(isinstance(item, str) for item in value):
        return cell("; ".join(value))
    return cell(json.dumps(value, ensure_ascii=True, separators=(",", ":")))


def _with_unicode(value: Any) -> Any:
    if isinstance(value, str):
        return unicode_text(value)
    if isinstance(value, list):
        return [_with_unicode(item) for item in value]
    if isinstance(value, dict):
        return {key: _with_unicode(item) for key, item in value.items()}
    return value
