"""Where cases saw a medium: kept apart from what is said of it, and never part of an identity."""

from __future__ import annotations

from pathlib import Path

import pytest
from database.samples import digests, record

from hashmatch.database import Database
from hashmatch.exchange import write_list
from hashmatch.store import run
from hashmatch.types import Sighting

FIRST = Sighting(
    case="Operation Example",
    file_name="a.jpg",
    file_path="C:\\x\\a.jpg",
    parent_path="arch.zip",
    created_raw="2020",
    written_raw="",
    accessed_raw=None,
    extra={"Unallocated": "true", "\ud800": "\x00"},
)
SECOND = Sighting(case="B", file_name="=cmd|'/C calc'!A0")


def rows(db: Database) -> list[tuple[object, ...]]:
    with db.snapshot() as view:
        sql = (
            "SELECT opinion_id, first_revision, case_key, file_name, file_path, parent_path, "
            "created_raw, written_raw, accessed_raw FROM sighting ORDER BY opinion_id, case_key"
        )
        return [tuple(row) for row in run(view.connection, sql)]


def test_each_place_is_kept_once(db: Database) -> None:
    report = db.import_records([record("a", seen_at=(FIRST, SECOND, FIRST))], source="s")
    assert (report.sightings, report.warnings, report.revision) == (2, {}, 1)
    assert rows(db) == [
        (1, 1, "B", "=cmd|'/C calc'!A0", *[None] * 5),
        (1, 1, "Operation Example", "a.jpg", "C:\\x\\a.jpg", "arch.zip", "2020", "", None),
    ]
    again = db.import_records([record("a", seen_at=(SECOND, FIRST))], source="s")
    assert (again.sightings, again.unchanged, again.revision) == (0, 1, 1)


def test_a_new_place_of_a_known_statement_is_a_change(db: Database) -> None:
    db.import_records([record("a", seen_at=(FIRST,))], source="s")
    report = db.import_records([record("a", seen_at=(SECOND,))], source="s")
    assert (report.sightings, report.added, report.unchanged, report.revision) == (1, 0, 1, 2)
    assert [row[:3] for row in rows(db)] == [(1, 2, "B"), (1, 1, "Operation Example")]


@pytest.mark.parametrize("filled", [False, True])
def test_records_of_one_list_that_say_the_same_share_their_places(
    db: Database, filled: bool
) -> None:
    if filled:
        db.import_records([record("z", of=digests(md5=9))], source="z")
    twice = [record("a", seen_at=(FIRST,)), record("a", seen_at=(SECOND, FIRST))]
    report = db.import_records(twice, source="s")
    assert (report.added, report.unchanged, report.sightings) == (1, 1, 2)
    assert len({row[0] for row in rows(db)}) == 1


def test_places_are_no_part_of_what_is_stated(db: Database) -> None:
    db.import_records([record("a", seen_at=(FIRST,))], source="s")
    report = db.import_records([record("a")], source="s")
    assert (report.unchanged, report.superseded, report.revision) == (1, 0, 1)


def test_a_list_with_places(db: Database, tmp_path: Path) -> None:
    listed = [record("a", seen_at=(FIRST,)), record("b", of=digests(md5=2))]
    write_list(listed, tmp_path / "list", format="jsonl")
    report = db.import_file(tmp_path / "list", source="s")
    assert (report.sightings, report.added) == (1, 2)
    assert "places in cases are not stored" not in report.warnings
