"""Lines of a delimited text file to rows of cells, in bounded memory and without losing step.

A stray quote must not swallow the rows after it: a quoted cell may run over several lines only
while none of those lines has a row's number of delimiters itself. Otherwise the first line stands
alone, and is refused if it makes no row.
"""

from __future__ import annotations

import csv
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass

from hashmatch.exchange.source import Source

MAX_LINE = 1 << 20
MAX_CELL_LINES = 64
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Line:
    """One physical line. ``number`` is 1-based; ``text`` is None where it was too long."""

    number: int
    text: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """One row, or the reason why there is none.

    Attributes:
        number: 1-based line on which it begins.
        cells: the cells; None where the row is refused.
        text: its first line.
        reason: why it is refused.
    """

    number: int
    cells: list[str] | None
    text: str
    reason: str = ""


def read_lines(source: Source, warnings: Counter[str]) -> Iterator[Line]:
    """Lines without their ends, blank ones left out but counted in the numbers."""
    number = 0
    while raw := source.read_line(MAX_LINE):
        number += 1
        if len(raw) == MAX_LINE and not raw.endswith(b"\n"):
            while (rest := source.read_line(MAX_LINE)) and not rest.endswith(b"\n"):
                pass
            yield Line(number, None)
            continue
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            text = raw.decode("iso-8859-1")
            warnings["line is not UTF-8, read as ISO-8859-1"] += 1
        if "\0" in text:
            text = text.replace("\0", "")
            warnings["NUL characters left out"] += 1
        text = text.rstrip("\r\n")
        if number == 1:
            text = text.removeprefix(_BOM)
        if text and not text.isspace():
            yield Line(number, text)


class RowSplitter:
    """Splits lines into rows of ``width`` cells.

    Args:
        lines: what ``read_lines`` gives, after the header.
        delimiter: the character between cells.
        width: number of columns of the header.
        warnings: counts the tolerated defects.
    """

    def __init__(
        self, lines: Iterator[Line], delimiter: str, width: int, warnings: Counter[str]
    ) -> None:
        self._lines = lines
        self._ahead: deque[Line] = deque()
        self._delimiter = delimiter
        self._width = width
        self._warnings = warnings

    def __iter__(self) -> Iterator[Row]:
        while (line := self._next()) is not None:
            if line.text is None:
                yield Row(line.number, None, "", "line too long")
            elif '"' not in line.text:
                yield self._checked(line, line.text.split(self._delimiter))
            else:
                yield self._quoted(line, line.text)

    def _next(self) -> Line | None:
        return self._ahead.popleft() if self._ahead else next(self._lines, None)

    def _quoted(self, line: Line, text: str) -> Row:
        cells = self._parse(text)
        if cells is not None:
            return self._checked(line, cells)
        joined = self._joined(text)
        if joined is not None:
            return self._checked(line, joined)
        # A stray quote. The row counts if it has its columns, first with quotes that still hide
        # delimiters, then with quotes as characters like any other.
        for cells in (self._lenient(text), text.split(self._delimiter)):
            if len(cells) >= self._width and self._fits(cells):
                self._warnings["stray quote in a cell"] += 1
                return self._checked(line, cells)
        return Row(line.number, None, text, "quotes")

    def _joined(self, text: str) -> list[str] | None:
        """The cells of a row whose quoted cell runs over the next lines; None if it does not."""
        taken: list[Line] = []
        size = len(text)
        result = None
        while len(taken) < MAX_CELL_LINES and (line := self._next()) is not None:
            taken.append(line)
            if line.text is None or line.text.count(self._delimiter) >= self._width - 1:
                break
            size += len(line.text)
            if size > MAX_LINE:
                break
            if '"' not in line.text:
                continue
            result = self._parse("\n".join([text, *(t.text or "" for t in taken)]))
            if result is not None:
                break
        if result is not None and self._fits(result) and len(result) >= self._width:
            return result
        self._ahead.extendleft(reversed(taken))
        return None

    def _parse(self, text: str) -> list[str] | None:
        """Cells of one whole row under strict quoting; None where the quotes do not close."""
        try:
            rows = list(csv.reader([text], delimiter=self._delimiter, strict=True))
        except csv.Error:
            return None
        return rows[0] if len(rows) == 1 else None

    def _lenient(self, text: str) -> list[str]:
        try:
            return next(csv.reader([text], delimiter=self._delimiter))
        except csv.Error:
            return []

    def _fits(self, cells: list[str]) -> bool:
        return not any(cell.strip() for cell in cells[self._width :])

    def _checked(self, line: Line, cells: list[str]) -> Row:
        text = line.text or ""
        if not self._fits(cells):
            return Row(line.number, None, text, "more cells than columns")
        cells = cells[: self._width]
        cells.extend([""] * (self._width - len(cells)))
        return Row(line.number, cells, text)
