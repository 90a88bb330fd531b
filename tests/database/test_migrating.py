"""Databases of older releases are opened for ever, and say the same afterwards."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from database.samples import digests, pdq, photodna, record
from sqlalchemy import Connection

from hashmatch.database import open_database
from hashmatch.errors import DatabaseError, SchemaVersionError
from hashmatch.facts import Age, Facts
from hashmatch.store import SCHEMA_VERSION, migrations
from hashmatch.store.migrations import MIGRATIONS, Migration
from hashmatch.types import HashRecord, Label, MediaKind, Reject

VERSION_1 = Path(__file__).parents[1] / "golden" / "database" / "version_1.sql"

HOTLINE: list[HashRecord | Reject] = [
    record(
        "a",
        hashes=(pdq(1, 90), pdq(2, None), photodna(3)),
        kind=MediaKind.VIDEO,
        mime="video/mp4",
        size=7,
        opinion={
            "baseline": True,
            "victim_identified": False,
            "submissions": 2,
            "series": ("S, 1",),
            "tags": ("t", "u\0"),
            "updated_raw": "2023-06-07",
        },
        extra={"Vendor": '"v"'},
    ),
    record("b", of=digests(), hashes=(pdq(4), pdq(5, 10))),
    record(
        "c",
        of=digests(sha256=6),
        label=Label.KNOWN_IGNORABLE,
        rejects=(Reject(3, "MD5", "md5 length", "12", False),),
    ),
    Reject(4, None, "no usable hash", "x", True),
]
"""The list that is in the old database, without the entry that was withdrawn from it."""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A database of schema version 1."""
    path = tmp_path / "old.db"
    connection = sqlite3.connect(path)
    connection.executescript(VERSION_1.read_text(encoding="utf-8"))
    connection.close()
    return path


def structure(path: Path) -> dict[str, list[Any]]:
    """Columns of every table, and every index as it was declared."""
    connection = sqlite3.connect(path)
    tables = [r[0] for r in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")]
    found: dict[str, list[Any]] = {
        name: connection.execute(f"PRAGMA table_info({name})").fetchall() for name in tables
    }
    found["indexes"] = sorted(
        " ".join(row[0].split())
        for row in connection.execute(
            "SELECT sql FROM sqlite_master WHERE type='index' AND sql > ''"
        )
    )
    connection.close()
    return found


def test_the_old_one_is_what_it_says(old: Path) -> None:
    columns = {row[1] for row in structure(old)["hash"]}
    assert columns == {"id", "opinion_id", "algorithm", "value", "quality", "matchable", "reason"}


def test_a_migrated_database_has_the_schema_of_a_new_one(old: Path, tmp_path: Path) -> None:
    open_database(old).close()
    open_database(tmp_path / "new.db", create=True).close()
    assert structure(old) == structure(tmp_path / "new.db")


def test_read_only_migrates_nothing(old: Path) -> None:
    before = old.read_bytes()
    with pytest.raises(
        SchemaVersionError, match=f"expected schema version {SCHEMA_VERSION}, got 1"
    ):
        open_database(old, read_only=True)
    assert old.read_bytes() == before


def test_an_old_list_again_changes_nothing(old: Path) -> None:
    with open_database(old) as db:
        before = db.content_digest()
        assert (db.revision, db.verify_audit()) == (3, 4)
        report = db.import_records(HOTLINE, source="hotline", complete=True)
        assert (report.seen, report.unchanged, report.rejected) == (4, 3, 1)
        assert (report.added, report.superseded, report.withdrawn, report.revision) == (0, 0, 0, 3)
        assert db.content_digest() == before
        assert db.verify_audit() == 5
        with db.snapshot() as view:
            (media,) = view.media_by_digests(digests(md5=1))
            hashes = view.hashes_of([media.media_id])[media.media_id]
    assert media.sources == ("hotline", "police")
    assert not media.opinions[0].opinion.facts
    assert {h for _, h in hashes} == {pdq(1, 90), pdq(2, None), photodna(3)}


def test_a_migrated_database_takes_what_is_new(old: Path) -> None:
    new = record("a", opinion={"facts": Facts(age=Age.INFANT)})
    with open_database(old) as db:
        report = db.import_records([new], source="hotline")
        assert (report.added, report.superseded, report.revision) == (1, 1, 4)
    with open_database(old) as db, db.snapshot() as view:
        (media,) = view.media_by_digests(digests(md5=1))
        assert {s.opinion.facts for s in media.opinions} == {Facts(), Facts(age=Age.INFANT)}


def test_several_programs_open_an_old_one_at_once(old: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        for db in pool.map(lambda _: open_database(old), range(4)):
            assert db.revision == 3
            db.close()


def test_a_migration_that_fails_leaves_the_old_one(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(connection: Connection) -> None:
        connection.exec_driver_sql("ALTER TABLE hash ADD COLUMN other TEXT")
        raise DatabaseError("no")

    before = structure(old)
    broken = (*MIGRATIONS, Migration(SCHEMA_VERSION + 1, "broken", fail))
    with monkeypatch.context() as patched:
        patched.setattr(migrations, "MIGRATIONS", broken)
        with pytest.raises(DatabaseError, match=r"^no$"):
            open_database(old)
    assert structure(old) == before
    with open_database(old) as db:
        assert db.stats().opinions == 4
