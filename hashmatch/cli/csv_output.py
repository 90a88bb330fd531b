"""Tables for spreadsheets on stdout: names in them come from lists, and none may be run."""

from __future__ import annotations

from collections.abc import Iterable

from hashmatch.cli.output import stdout
from hashmatch.fingerprinting import csv_line

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(cells: Iterable[object]) -> None:
    """One row: None is an empty cell, and a text that a spreadsheet would run gets an apostrophe.

    A number is written as it is.
    """
    stdout().write(csv_line([_cell(cell) for cell in cells]))


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return str(value)
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
