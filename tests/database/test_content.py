"""The content digest: equal exactly where two databases say the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from database.samples import digests, pdq, record

from hashmatch.database import Database, open_database
from hashmatch.store import run
from hashmatch.types import Label, Sighting

PLACE = Sighting(case="B", file_name="x.jpg")


@pytest.fixture
def db(database: Database) -> Database:
    """On each backend; what it is compared with is an SQLite file."""
    return database


@pytest.fixture
def other(tmp_path: Path) -> Database:
    return open_database(tmp_path / "other.db", create=True)


def test_the_way_to_what_is_said_does_not_count(db: Database, other: Database) -> None:
    with other:
        assert db.content_digest() == other.content_digest()
        one, two = record("a", seen_at=(PLACE,)), record("b", of=digests(md5=2), hashes=(pdq(1),))
        db.import_records([one, two], source="s")
        other.import_records([record("gone", of=digests(md5=1))], source="t")
        other.import_records([two], source="s")
        assert db.content_digest() != other.content_digest()
        other.withdraw(source="t", record_key="gone")
        other.import_records([one], source="s")
        assert other.revision == 4
        assert db.content_digest() == other.content_digest()


@pytest.mark.parametrize(
    "records",
    [
        [],
        [record("b", seen_at=(PLACE,))],
        [record("a")],
        [record("a", seen_at=(Sighting(case="C"),))],
        [record("a", seen_at=(PLACE, Sighting(case="C")))],
        [record("a", label=Label.CGI, seen_at=(PLACE,))],
        [record("a", of=digests(md5=1), seen_at=(PLACE,))],
        [record("a", hashes=(pdq(1),), seen_at=(PLACE,))],
        [record("a", seen_at=(PLACE,)), record("b")],
    ],
)
def test_whatever_is_said_counts(db: Database, other: Database, records: list[object]) -> None:
    with other:
        db.import_records([record("a", seen_at=(PLACE,))], source="s")
        other.import_records(records, source="s")  # type: ignore[arg-type]
        assert db.content_digest() != other.content_digest()


def test_who_says_it_counts(db: Database, other: Database) -> None:
    with other:
        db.import_records([record("a")], source="s")
        other.import_records([record("a")], source="t")
        assert db.content_digest() != other.content_digest()


def test_many_keys_of_one_content_have_one_order(db: Database, other: Database) -> None:
    records = [record(f"{number}") for number in range(300)]
    with other:
        db.import_records(records, source="s")
        for part in (records[150:][::-1], records[:150]):
            other.import_records(part, source="s")
        assert db.content_digest() == other.content_digest()


def test_which_media_a_statement_is_of_counts(db: Database) -> None:
    """It follows from the statements: a database in which it does not is not the same."""
    db.import_records([record("a", of=digests(md5=1)), record("b", of=digests(md5=2))], source="s")
    before = db.content_digest()
    with db._store.writing() as connection:
        run(connection, "UPDATE opinion SET media_id = 1")
    assert db.content_digest() != before
