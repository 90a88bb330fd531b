"""Every golden file has its row in the manifest, and reads as the row says, for ever."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from golden_lists import FOLDER, GOLDEN_LISTS, MANIFEST, GoldenList, read_manifest

from hashmatch.exchange import inspect_list
from hashmatch.exchange.formats import FAMILIES
from hashmatch.exchange.list_titles import TITLES

BY_PATH = [pytest.param(row, id=row.path) for row in GOLDEN_LISTS]


def test_the_manifest_is_whole() -> None:
    rows = read_manifest()
    assert rows["licence"] == "synthetic, written for these tests"
    listed = [row.path for row in GOLDEN_LISTS]
    assert len(set(listed)) == len(listed)
    told = {*listed, *(row.reading["mapping"] for row in GOLDEN_LISTS if "mapping" in row.reading)}
    there = {
        path.relative_to(FOLDER).as_posix()
        for path in FOLDER.rglob("*")
        if path.is_file() and path != MANIFEST
    }
    assert there == told


@pytest.mark.parametrize("row", BY_PATH)
def test_counts(row: GoldenList) -> None:
    assert row.what
    assert row.shows
    assert row.version
    found = inspect_list(row.file, **row.options)
    survey = found.survey
    assert found.complete, found.problem
    assert found.info.format == row.format
    counts = (survey["records"], survey["deletions"], survey["rejected"], survey["field_rejects"])
    assert counts == (row.records, row.deletions, row.rejected, row.field_rejects), survey


def test_every_format_that_is_read_has_a_golden_file() -> None:
    formats = {name for family in FAMILIES for name in family.formats}
    assert formats - {row.format for row in GOLDEN_LISTS} == set()


def test_every_format_has_words() -> None:
    formats = {name for family in FAMILIES for name in family.formats}
    assert {name for name in formats if not name.startswith("vics")} - TITLES.keys() == set()


@pytest.mark.parametrize("row", [row for row in BY_PATH if row.values[0].detected])  # type: ignore[union-attr]
def test_names_say_nothing(row: GoldenList, tmp_path: Path, read: Any) -> None:
    """The content alone says what a file is: under the name of any other format too."""
    for name in ("list.json", "list.csv", "list.db"):
        path = tmp_path / name
        path.write_bytes(row.file.read_bytes())
        assert read(path, **row.options).info.format == row.format
