"""ICSE tables that were cut, quoted in odd ways, or made to cost time; what is not written."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from hashmatch.errors import ExchangeError
from hashmatch.exchange import open_reader, write_list
from hashmatch.exchange.base import INCOMPLETE
from hashmatch.exchange.icse_header import COLUMNS
from hashmatch.exchange.icse_rows import Line, RowSplitter
from hashmatch.types import Digests, HashRecord, Label, Opinion

HEADER = ";".join(COLUMNS)
MD5, SHA1 = "477dab6fc5dff588410cd697abd3d3e2", "e9efc060ec30f65a6c0efb4fdcfe7afe4e0817ed"


def row(end: str = ";") -> str:
    return f"{MD5};{SHA1};;;;IMG-1;Y;N;N;SERIES-A;;;3;True;Image;Yes{end}"


def read(path: Path, text: str, **options: Any) -> tuple[list[Any], Any]:
    path.write_text(text, newline="")
    with open_reader(path, format="icse-csv", **options) as reader:
        items = list(reader)
        return items, reader


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_cut_at_every_place_is_seen(end: str, tmp_path: Path) -> None:
    """A cut table must not pass for a whole one, and half a row is no row."""
    text = HEADER + end + row() + end + row()
    whole = len(HEADER + end + row() + end)
    # Of a single row nobody can tell whether it lacks the end that others have.
    for cut in (*range(len(HEADER), len(HEADER) + 9), *range(whole, len(text))):
        given = text[:cut]
        items: list[Any] = []
        reader = None
        try:
            items, reader = read(tmp_path / "list", given)
        except ExchangeError as error:
            assert "cut short" in str(error) or "expected" in str(error)  # noqa: PT017 - most cuts raise, some do not
            if cut > whole:
                kept, reader = read(tmp_path / "list", given, salvage=True)
                assert len(kept) == 1
                assert "cut short" in reader.info.facts[INCOMPLETE]
            continue
        # What is left is whole: nothing but line ends, or the empty cell at the end, is gone.
        said = [item.opinion.baseline for item in items if isinstance(item, HashRecord)]
        assert said == [True] * len(items), given[-40:]
        assert reader is not None


def test_the_last_line_may_lack_its_end(tmp_path: Path) -> None:
    for line in (row(), row("")):
        items, _ = read(tmp_path / "list", f"{HEADER}\n{line}\n{line}")
        assert len(items) == 2


@pytest.mark.parametrize("word", ["", "Y", "Ye", "N", "Tru"])
def test_half_a_word_at_the_end_is_a_cut(word: str, tmp_path: Path) -> None:
    """Without it a record would lose its Baseline, or keep it by luck."""
    text = f"{HEADER}\n{row('')}\n{row('')[:-3]}{word}"
    with pytest.raises(ExchangeError, match="cut short"):
        read(tmp_path / "list", text)
    items, _ = read(tmp_path / "list", text, salvage=True)
    assert len(items) == 1
    assert len(read(tmp_path / "list", text + "\n")[0]) == 2


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_blanks_before_quotes(delimiter: str, tmp_path: Path) -> None:
    cells = [f'"{cell}"' for cell in row("").split(";")]
    text = HEADER.replace(";", delimiter) + "\n" + f"{delimiter} ".join(cells) + "\n"
    (record,), _ = read(tmp_path / "list", text)
    assert (record.digests, record.opinion.baseline) == (Digests(MD5, SHA1), True)


@pytest.mark.parametrize("line", ['"x', 'a;"x', '"x;y', ';;"'])
def test_quotes_that_never_close_cost_little(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks for their end are counted: each costs as much as many rows."""
    looks = Counter[str]()
    joined = RowSplitter._joined

    def counted(self: RowSplitter, text: str) -> list[str] | None:
        looks["looks"] += 1
        return joined(self, text)

    monkeypatch.setattr(RowSplitter, "_joined", counted)
    lines = (Line(number, line) for number in range(5000))
    rows = list(RowSplitter(lines, ";", 16, Counter()))
    assert len(rows) == 5000
    assert looks["looks"] <= 64


def test_a_cell_of_several_lines_is_found_after_many_stray_quotes() -> None:
    stray = [Line(n, 'a"b;"c;d') for n in range(200)]
    good = [Line(n, "a;b;c") for n in range(200, 400)]
    cell = [Line(400, 'a;"b'), Line(401, 'b";c')]
    *_, last = RowSplitter(iter([*stray, *good, *cell]), ";", 3, Counter())
    assert last.cells == ["a", "b\nb", "c"]


@pytest.mark.parametrize("label", [Label.KNOWN_IGNORABLE, Label.NON_PERTINENT, Label.COMPARISON])
def test_what_is_no_abuse_material_is_not_written(label: Label, tmp_path: Path) -> None:
    """A reader would take everything in such a table for material that alerts."""
    record = HashRecord("k", 1, Digests(MD5), Opinion("x", None, label))
    ledger = write_list([record], tmp_path / "list", format="icse-csv")
    assert (ledger.done, ledger.rejected) == (0, 1)
    assert list(ledger.reasons) == [("rejected", f"{label} is not for a table of abuse material")]


@pytest.mark.parametrize(
    "value", ["=1+1", "+1", "-1", "@x", "\tx", "'=1", "''@x", "a\nb", 'a"b', "'x"]
)
def test_cells_are_safe_for_spreadsheets_and_come_back(value: str, tmp_path: Path) -> None:
    record = HashRecord(
        "k", 1, Digests(MD5), Opinion("icse-baseline", "Yes", Label.CSAM, True, series=(value,))
    )
    write_list([record], tmp_path / "list", format="icse-csv")
    text = (tmp_path / "list").read_text()
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in text.split(";"))
    with open_reader(tmp_path / "list") as reader:
        (found,) = reader
    assert isinstance(found, HashRecord)
    assert found.opinion.series == (value.strip(),)
