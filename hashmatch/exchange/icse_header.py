"""The header line of an ICSE table: which column holds what, whatever the order and case."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hashmatch.errors import ExchangeError

COLUMNS = (
    "MD5",
    "SHA1",
    "ZZ40",
    "PhotoDNA",
    "Lace",
    "Image ID",
    "Is distributed",
    "Victim identified",
    "Offender identified",
    "Series name",
    "Investigation name",
    "Agency",
    "Number of submissions",
    "File Available",
    "Media Type",
    "Baseline",
)
"""Column names of the hash export of 2022, in its order."""

FORMULA = re.compile(r"'*[=+@\t-]").match
"""What a spreadsheet runs as a formula, apostrophes that protect it included."""

OPAQUE = ("ZZ40", "Lace", "Investigation name", "Agency")
"""Columns that are kept as they stand there: the algorithms of the first two are not public."""
HASH_COLUMNS = ("MD5", "SHA1", "PhotoDNA")
DELIMITERS = (";", "\t", ",")
_CANONICAL = {name.casefold(): name for name in COLUMNS}
_KEY_COLUMNS = ("Image ID", "Baseline")


@dataclass(frozen=True, slots=True)
class Header:
    """One header line.

    Attributes:
        delimiter: the character between cells.
        cells: the names as they stand there, stripped.
        columns: known column to index.
        others: index to name of each column that is not known; empty names left out.
    """

    delimiter: str
    cells: tuple[str, ...]
    columns: Mapping[str, int]
    others: Mapping[int, str]

    @property
    def is_icse(self) -> bool:
        return self.has_hash and all(name in self.columns for name in _KEY_COLUMNS)

    @property
    def has_hash(self) -> bool:
        return any(name in self.columns for name in HASH_COLUMNS)

    def is_repeated(self, cells: list[str]) -> bool:
        """Whether a row is this header once more, as where files were joined."""
        return [c.casefold() for c in cells[: len(self.cells)]] == [
            c.casefold() for c in self.cells
        ]

    @property
    def text(self) -> str:
        return self.delimiter.join(self.cells)


def parse_header(line: str, delimiter: str | None = None) -> Header:
    """Read a header line; without ``delimiter``, the one that yields the most known columns.

    Raises:
        ExchangeError: a known column stands there twice: which one is meant can't be known.
    """
    choices = DELIMITERS if delimiter is None else (delimiter,)
    split = [(character, _cells(line, character)) for character in choices]
    chosen, cells = max(split, key=lambda pair: sum(c.casefold() in _CANONICAL for c in pair[1]))
    columns: dict[str, int] = {}
    others: dict[int, str] = {}
    for index, cell in enumerate(cells):
        name = _CANONICAL.get(" ".join(cell.casefold().split()))
        if name is None:
            if cell:
                others[index] = cell if cell not in others.values() else f"{cell} ({index + 1})"
        elif name in columns:
            raise ExchangeError(f"header: expected column {name!r} once, got it twice")
        else:
            columns[name] = index
    return Header(chosen, cells, columns, others)


def separator_line(line: str) -> str | None:
    """The delimiter that a spreadsheet's ``sep=;`` first line declares."""
    word = line.strip()
    return word[4] if len(word) == 5 and word.lower().startswith("sep=") else None


def find_header(head: bytes) -> Header | None:
    """The header in a file's first bytes, if its first line is one."""
    delimiter = None
    for line in _lines(head):
        if not line.strip():
            continue
        found = separator_line(line)
        if found is None:
            try:
                return parse_header(line, delimiter)
            except ExchangeError:
                return None
        delimiter = found
    return None


def _lines(head: bytes) -> Iterator[str]:
    return iter(head.decode("utf-8-sig", errors="replace").splitlines())


def _cells(line: str, delimiter: str) -> tuple[str, ...]:
    try:
        row = next(csv.reader([line], delimiter=delimiter))
    except (csv.Error, StopIteration):
        row = line.split(delimiter)
    return tuple(cell.strip() for cell in row)
