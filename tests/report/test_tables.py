"""matches, groups and review as JSON lines and CSV: stable, guarded, lossless."""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.errors import InputError
from hashmatch.report import (
    GROUP_COLUMNS,
    MATCH_COLUMNS,
    REVIEW_COLUMNS,
    FileEntry,
    MatchEntry,
    OpinionEntry,
    Review,
    TriageClass,
    path_of,
    write_report,
)
from hashmatch.report.row_files import csv_row, json_line
from hashmatch.report.rows import review_row

TABLES = {"groups": GROUP_COLUMNS, "matches": MATCH_COLUMNS, "review": REVIEW_COLUMNS}
BYTES = st.binary(min_size=1, max_size=40).map(lambda b: b.decode("utf-8", "surrogateescape"))
NAMES = BYTES | st.sampled_from(
    ["=cmd|' /C calc'!A0", "@SUM(1)", "-rf", "a\nb", 'q"uo,te', "\u202egpj.exe", "'=x", "=x", "\r"]
)


def json_rows(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_bytes().splitlines()]


def csv_rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture
def folder(make_model: Callable[..., Any], tmp_path: Path) -> Path:
    write_report(make_model(), tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", TABLES)
def test_both_forms_have_the_documented_columns(folder: Path, name: str, root: Path) -> None:
    columns = TABLES[name]
    for rows in (json_rows(folder, name), csv_rows(folder, name)):
        assert rows
        assert all(tuple(row) == columns for row in rows)
    told = set(re.findall(r"`(\w+)`", (root / "docs" / "report.md").read_text(encoding="utf-8")))
    assert set(columns) <= told


def test_groups_have_a_row_a_file(folder: Path) -> None:
    rows = json_rows(folder, "groups")
    assert [(r["group"], r["member"], r["path"]) for r in rows] == [
        (1, 1, "photos/1.jpg"),
        (1, 2, "photos/2.jpg"),
        (2, 1, "photos/3.jpg"),
        (2, 2, "photos/4.jpg"),
    ]
    assert [r["representative"] for r in rows] == [True, False, True, False]
    assert rows[1]["distance"] == 8
    assert rows[1]["variant"] == "rotate90"
    assert (rows[0]["linkage"], rows[0]["max_distance"], rows[0]["diameter"]) == ("complete", 20, 8)
    assert (rows[2]["kind"], rows[2]["linkage"]) == ("exact", None)
    assert [r["representative"] for r in csv_rows(folder, "groups")] == ["yes", "no", "yes", "no"]


def test_a_match_has_its_opinions(folder: Path) -> None:
    (row,) = json_rows(folder, "matches")
    assert row["sources"] == ["INTERPOL ICSE", "National"]
    assert row["opinions"][0]["series"] == ["S 1", "S 2"]
    assert row["opinions"][1]["baseline"] is None
    (cells,) = csv_rows(folder, "matches")
    assert cells["sources"] == "INTERPOL ICSE; National"
    assert cells["baseline"] == "yes"
    assert json.loads(cells["opinions"]) == row["opinions"]


def test_a_file_to_look_at_says_what_it_settles(folder: Path) -> None:
    rows = json_rows(folder, "review")
    assert [(r["rank"], r["n_copies"], r["group"]) for r in rows] == [(1, 1, 1), (2, 1, 2)]


@given(NAMES)
def test_paths_come_back_from_both_forms(path: str) -> None:
    row = review_row(1, Review(FileEntry(path, TriageClass.UNKNOWN), "x"))
    line = json_line(row)
    assert line.count(b"\n") == 1
    assert path_of(json.loads(line.decode("utf-8"))) == path
    text = csv_row(row, REVIEW_COLUMNS)
    text.encode()  # strictly
    (cells,) = csv.reader(io.StringIO(text, newline=""))
    assert cells[1][:1] not in {"=", "+", "-", "@", "\t", "\r"}
    assert path_of(dict(zip(REVIEW_COLUMNS, cells, strict=True))) == path


def test_an_ordinary_path_is_itself_and_has_no_hex() -> None:
    row = review_row(1, Review(FileEntry("dir/naïve.jpg", TriageClass.UNKNOWN), "x"))
    assert json.loads(json_line(row))["path_hex"] is None
    assert '"dir/naïve.jpg"'.encode() in json_line(row)
    assert ",dir/naïve.jpg,," in csv_row(row, REVIEW_COLUMNS)


def test_a_path_hex_that_is_none() -> None:
    with pytest.raises(InputError, match="path_hex"):
        path_of({"path": "a", "path_hex": "zz"})


def test_a_lists_hostile_texts(match: MatchEntry, make_model: Callable[..., Any]) -> None:
    opinion = OpinionEntry("=HYPERLINK(1)", "csam", "\udcff", "@1", None, ("\ud800",))
    hostile = replace(match, opinions=(opinion,), how="+1", reason="\x1b[31m\r")
    with tempfile.TemporaryDirectory() as name:
        write_report(make_model(matches=[hostile]), name)
        (row,) = json_rows(Path(name), "matches")
        (cells,) = csv_rows(Path(name), "matches")
    assert row["opinions"][0]["scheme"] == "\\xff"
    assert row["reason"] == "\x1b[31m\r"
    assert (cells["sources"], cells["how"]) == ("'=HYPERLINK(1)", "'+1")
    assert cells["reason"] == "\\x1b[31m\\r"
