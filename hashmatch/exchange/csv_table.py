"""Tables of delimited text whose header says what is where: rows by column name, any order."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from hashmatch.errors import ExchangeError
from hashmatch.exchange.fields import MAX_RAW
from hashmatch.exchange.icse_rows import Line, RowSplitter, read_lines
from hashmatch.exchange.last_line import KnowsLast
from hashmatch.exchange.source import Source
from hashmatch.types import Reject

_BOM = b"\xef\xbb\xbf"
_MAX_COLUMNS = 1000


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row.

    Attributes:
        number: 1-based line.
        cells: stripped text by position.
        text: its first line, for messages.
    """

    number: int
    cells: list[str]
    text: str


def split_cells(text: str, delimiter: str) -> list[str]:
    """The cells of one line, stripped; none where the line is no row."""
    try:
        rows = csv.reader([text], delimiter=delimiter, skipinitialspace=True)
        return [cell.strip() for cell in next(rows, [])]
    except csv.Error:
        return []


def head_names(head: bytes, delimiter: str = ",") -> frozenset[str]:
    """The cells of the first line that is not blank in lower case, if it is there as a whole."""
    line, end, _ = head.removeprefix(_BOM).lstrip().partition(b"\n")
    if not end or b"\0" in line:
        return frozenset()
    cells = split_cells(line.decode("utf-8", "replace").strip(), delimiter)
    return frozenset(cell.lower() for cell in cells)


class Table:
    """The header of a table, then its rows.

    Attributes:
        names: of the columns, as they stand there, or as given where there is no header line.
        columns: name in lower case to position; the first of several of one name.

    Raises:
        ExchangeError: there is no header, or it has too many columns.
    """

    def __init__(
        self,
        source: Source,
        warnings: Counter[str],
        delimiter: str,
        *,
        header: bool = True,
        skip: int = 0,
        names: tuple[str, ...] = (),
        lines: Iterator[Line] | None = None,
    ) -> None:
        self._source = source
        self._warnings = warnings
        self._delimiter = delimiter
        self._lines = read_lines(source, warnings) if lines is None else lines
        for _ in range(skip):
            next(self._lines, None)
        self.names = names
        if header:
            line = next(self._lines, None)
            if line is None or line.text is None:
                raise ExchangeError(f"{source.path}: expected a header line, got none")
            self.names = tuple(split_cells(line.text, delimiter))
        if not 0 < len(self.names) <= _MAX_COLUMNS:
            raise ExchangeError(
                f"{source.path}: expected a header line with 1 to {_MAX_COLUMNS} columns, "
                f"got {len(self.names)}"
            )
        self.columns: dict[str, int] = {}
        for position, name in enumerate(self.names):
            self.columns.setdefault(name.strip().lower(), position)

    @property
    def header(self) -> str:
        """The names in one line."""
        return self._delimiter.join(self.names)

    def rows(self) -> Iterator[TableRow | Reject]:
        """Every row once; what is no row of this table is refused."""
        repeated = [name.lower() for name in self.names]
        splitter = RowSplitter(self._lines, self._delimiter, len(self.names), self._warnings)
        number = 0
        rows = KnowsLast(splitter, self._source)
        for row in rows:
            number = row.number
            if rows.unfinished:
                rows.require(splitter.is_whole(row), number, row.text)
            if row.cells is None:
                yield Reject(row.number, None, row.reason, row.text[:MAX_RAW], True)
                continue
            cells = [cell.strip() for cell in row.cells]
            if not any(cells):
                self._warnings["empty row"] += 1
            elif [cell.lower() for cell in cells] == repeated:
                self._warnings["repeated header line"] += 1
            else:
                yield TableRow(row.number, cells, row.text)
        if not number and not self._source.ends_line:
            raise ExchangeError(f"{self._source.path}: cut short: expected rows, got half a header")
