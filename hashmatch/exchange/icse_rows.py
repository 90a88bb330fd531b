"""Lines of a delimited text file to rows of cells, in bounded memory and without losing step.

A stray quote must not swallow the rows after it: a quoted cell may run over several lines only
while none of those lines has a row's number of delimiters itself. Otherwise the first line stands
alone, and is refused if it makes no row.
"""

from __future__ import annotations

import csv
from collections import Counter, deque
from collections.abc import Iterator
from typing import NamedTuple

from hashmatch.exchange.source import Source

MAX_LINE = 1 << 20
MAX_CELL_LINES = 64
_BLOCK = 1 << 18
# A look for the end of a quoted cell costs as much as a hundred rows. Where quotes are never closed
# it is given up, so that a list of nothing else takes no hours; rows that are well bring it back.
_MOST_CREDIT = 64.0
_CREDIT_A_ROW = 1 / 16
_BOM = "\ufeff"


class Line(NamedTuple):
    """One physical line. ``number`` is 1-based; ``text`` is None where it was too long."""

    number: int
    text: str | None


class Row(NamedTuple):
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
    for block in _blocks(source):
        lines = [None] if block is None else _texts(block, warnings)
        if number == 0 and lines[0] is not None:
            lines[0] = lines[0].removeprefix(_BOM)
        for text in lines:
            number += 1
            if text:
                if not text.isspace():
                    yield Line(number, text)
            elif text is None:
                yield Line(number, None)


def _blocks(source: Source) -> Iterator[bytes | None]:
    """Whole lines, many at once; None in place of a line that is too long."""
    rest = b""
    skipping = False
    while chunk := source.read(_BLOCK):
        end = chunk.rfind(b"\n") + 1
        if skipping:
            start = chunk.find(b"\n") + 1
            if start == 0:
                continue
            skipping = False
            yield None
        else:
            start = 0
        if end > start:
            yield rest + chunk[start:end]
            rest = chunk[end:]
        else:
            rest += chunk[start:]
        if len(rest) >= MAX_LINE:
            rest, skipping = b"", True
    if skipping:
        yield None
    elif rest:
        yield rest


def _texts(block: bytes, warnings: Counter[str]) -> list[str | None]:
    """The lines of a block; None for one that is too long."""
    if len(block) <= MAX_LINE and b"\0" not in block:
        try:
            text = block.decode()
        except UnicodeDecodeError:
            pass
        else:
            lines = text.removesuffix("\n").split("\n")
            return [line.rstrip("\r") for line in lines] if "\r" in text else [*lines]
    return [_text(line, warnings) for line in block.removesuffix(b"\n").split(b"\n")]


def _text(line: bytes, warnings: Counter[str]) -> str | None:
    if len(line) >= MAX_LINE:
        return None
    try:
        text = line.decode()
    except UnicodeDecodeError:
        text = line.decode("iso-8859-1")
        warnings["line is not UTF-8, read as ISO-8859-1"] += 1
    if "\0" in text:
        text = text.replace("\0", "")
        warnings["NUL characters left out"] += 1
    return text.rstrip("\r")


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
        self._credit: float = _MOST_CREDIT
        self._stray_at = 0
        self._ends_in_delimiter = False

    def __iter__(self) -> Iterator[Row]:
        delimiter, width, ahead, lines = self._delimiter, self._width, self._ahead, self._lines
        while (line := ahead.popleft() if ahead else next(lines, None)) is not None:
            number, text = line
            if text is None:
                yield Row(number, None, "", "line too long")
                continue
            if '"' in text:
                yield self._quoted(line, text)
                continue
            cells = text.split(delimiter)
            if len(cells) == width + 1 and not cells[-1]:
                cells.pop()  # the empty cell at the end that exports are known for
                self._ends_in_delimiter = True
            if len(cells) == width:
                yield Row(number, cells, text)
            else:
                yield self._checked(line, cells)

    def is_whole(self, row: Row) -> bool:
        """Whether a row has as many cells as others, with both quotes around the last one."""
        if row.cells is None:
            return False
        if any("\n" in cell for cell in row.cells):
            return True
        if row.text.count('"') % 2:
            return False
        return len(self._lenient(row.text)) >= self._width + self._ends_in_delimiter

    def has_more(self, row: Row) -> bool:
        """Whether something, empty as it is, stands behind a row's last cell."""
        return len(self._lenient(row.text)) > self._width

    def _next(self) -> Line | None:
        return self._ahead.popleft() if self._ahead else next(self._lines, None)

    def _quoted(self, line: Line, text: str) -> Row:
        cells = self._parse(text)
        if cells is not None:
            return self._checked(line, cells)
        rows_since = line.number - self._stray_at - 1
        self._credit = min(_MOST_CREDIT, self._credit + rows_since * _CREDIT_A_ROW)
        self._stray_at = line.number
        if self._credit >= 1:
            joined = self._joined(text)
            if joined is not None:
                return self._checked(line, joined)
            self._credit -= 1
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
            rows = list(
                csv.reader([text], delimiter=self._delimiter, skipinitialspace=True, strict=True)
            )
        except csv.Error:
            return None
        return rows[0] if len(rows) == 1 else None

    def _lenient(self, text: str) -> list[str]:
        try:
            return next(csv.reader([text], delimiter=self._delimiter, skipinitialspace=True))
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
