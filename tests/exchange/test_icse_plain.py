"""A row that is read in one go is what it is when it is read field by field."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashmatch.exchange import open_reader
from hashmatch.exchange.icse_header import COLUMNS
from hashmatch.exchange.icse_plain import PlainRows

COMMON = {
    "MD5": ["5a" * 16, "5A" * 16, "0" * 32, "f" * 32, "d41d8cd98f00b204e9800998ecf8427e"],
    "SHA1": ["a5" * 20, "A5" * 20, "0" * 40, "F" * 40],
    "PhotoDNA": ["", "01" * 144, "00" + "01" * 143, "0" * 288, "0g" * 144, "0" * 287, "٣" * 288],
    "Image ID": ["IMG-1", "", " IMG-2 ", "'=1+1", "'quoted'"],
    "Is distributed": ["Y", "N", "", "maybe"],
    "Victim identified": ["Y", "N", " n "],
    "Offender identified": ["Y", "N", "1"],
    "Series name": ["", "SERIES-A", " B ", "a, b"],
    "Number of submissions": ["", "3", "007", "-1", "9" * 18, "9" * 19, "9" * 30, "٣", "3.0", " 4"],
    "File Available": ["True", "False", ""],
    "Media Type": ["Image", "Video", "", "image", "VIDEO", "Document", " Image"],
    "Baseline": ["Yes", "No", "", "yes", "x"],
    "ZZ40": ["", "AB" * 16],
    "Lace": ["", " x "],
    "Agency": ["", "Example Agency"],
}
cells = st.fixed_dictionaries(
    {
        name: st.one_of(st.just(choices[0]), st.sampled_from(choices), st.text(max_size=4))
        if name not in ("MD5", "SHA1", "PhotoDNA")
        else st.sampled_from([choices[0], *choices, "", "x"])
        for name, choices in COMMON.items()
    }
)


def table(rows: list[dict[str, str]], columns: tuple[str, ...]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([[*(row.get(name, "") for name in columns), ""] for row in rows])
    return text.getvalue().encode("utf-8", "replace")


def read(path: Path) -> tuple[list[Any], dict[str, int]]:
    with open_reader(path, format="icse-csv") as reader:
        return list(reader), dict(reader.warnings)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(
    rows=st.lists(cells, min_size=1, max_size=6),
    columns=st.permutations([*COLUMNS, "Region"]) | st.just(COLUMNS),
    lacking=st.sampled_from(["", "Series name", "Image ID", "Lace"]),
)
def test_both_ways_give_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[dict[str, str]],
    columns: tuple[str, ...],
    lacking: str,
) -> None:
    path = tmp_path_factory.mktemp("icse") / "list.csv"
    path.write_bytes(table(rows, tuple(name for name in columns if name != lacking)))
    found = read(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PlainRows, "record", lambda *_: None)
        assert read(path) == found


def test_the_common_row_goes_the_short_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the test above would compare one way with itself."""
    short = 0
    record = PlainRows.record

    def counted(self: PlainRows, number: int, cells: list[str]) -> Any:
        nonlocal short
        found = record(self, number, cells)
        short += found is not None
        return found

    monkeypatch.setattr(PlainRows, "record", counted)
    common = {name: choices[0] for name, choices in COMMON.items()}
    rows = [
        {**common, "PhotoDNA": "01" * 144, "Lace": "QUJD"},
        {**common, "Series name": "SERIES-A", "MD5": "5A" * 16},
        {**common, "Number of submissions": "12", "Agency": "Example Agency"},
    ]
    path = tmp_path / "list.csv"
    path.write_bytes(table(rows, COLUMNS))
    items, _ = read(path)
    assert len(items) == 3
    assert short == 2  # the first row taught what the words mean
