"""Pages of a feed in turn: an entry replaces the one of its key, a withdrawal ends it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hashmatch.database import Database
from hashmatch.types import Deletion, Digests, HashRecord, Label, Opinion

PAGES = Path(__file__).parents[1] / "golden" / "exchange" / "ncmec"
RECORD = HashRecord("42/image/entry-0", 1, Digests(md5="ab" * 16), Opinion("s", "A1", Label.CSAM))
GONE = Deletion(RECORD.record_key, 1, "deletedImage", "2024-03-01T00:00:09Z")


def import_items(db: Database, *items: HashRecord | Deletion, source: str = "NCMEC") -> None:
    db.import_records(items, source=source)


def test_a_withdrawal_ends_what_an_earlier_page_said(db: Database) -> None:
    kept = replace(RECORD, record_key="42/video/entry-0", digests=Digests(md5="cd" * 16))
    import_items(db, RECORD, kept)
    import_items(db, RECORD, source="other")
    report = db.import_file(PAGES / "page_1.xml", source="NCMEC")
    assert (report.seen, report.accepted, report.rejected) == (4, 3, 1)
    assert report.superseded == 1
    assert report.warnings == {"entry withdrawn by the list": 1}
    assert db.withdraw(source="NCMEC", record_key=RECORD.record_key) == 0
    assert db.withdraw(source="NCMEC", record_key=kept.record_key) == 1
    assert db.withdraw(source="other", record_key=RECORD.record_key) == 1


def test_a_later_page_replaces_an_entry(db: Database) -> None:
    db.import_file(PAGES / "page_1.xml", source="NCMEC")
    report = db.import_file(PAGES / "page_last.xml", source="NCMEC")
    assert (report.added, report.superseded) == (1, 1)
    assert db.withdraw(source="NCMEC", record_key="42/image/entry-1") == 1


@pytest.mark.parametrize("items", [(RECORD, GONE), (GONE, RECORD)])
def test_the_order_within_a_page_does_not_decide(
    db: Database, items: tuple[HashRecord | Deletion, ...]
) -> None:
    import_items(db, *items)
    import_items(db, *items)
    assert db.withdraw(source="NCMEC", record_key=RECORD.record_key) == 1


def test_a_withdrawal_of_what_nobody_said_changes_nothing(db: Database) -> None:
    import_items(db, RECORD)
    before = db.revision
    import_items(db, replace(GONE, record_key="x"))
    import_items(db, GONE, source="new")
    assert db.revision == before
    assert db.withdraw(source="NCMEC", record_key=RECORD.record_key) == 1
