"""A database of schema version 2, which knew no history: what it says stays, and history begins."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from database.samples import digests, pdq_value, record

from hashmatch.database import open_database
from hashmatch.errors import InputError, SchemaVersionError
from hashmatch.facts import Age, Facts, Nature
from hashmatch.store import SCHEMA_VERSION

VERSION_2 = Path(__file__).parents[1] / "golden" / "database" / "version_2.sql"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "old.db"
    connection = sqlite3.connect(path)
    connection.executescript(VERSION_2.read_text(encoding="utf-8"))
    connection.close()
    return path


def tables(path: Path) -> dict[str, object]:
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT type, name, tbl_name FROM sqlite_master").fetchall()
    found: dict[str, object] = {
        name: sorted(row[1:3] for row in connection.execute(f"PRAGMA table_info({name})"))
        for kind, name, _ in rows
        if kind == "table"
    }
    found["indexes"] = sorted(row[1:] for row in rows if row[0] == "index")
    connection.close()
    return found


def test_it_becomes_what_a_new_one_is(old: Path, tmp_path: Path) -> None:
    with pytest.raises(SchemaVersionError, match=f"version {SCHEMA_VERSION}, got 2"):
        open_database(old, read_only=True)
    open_database(old).close()
    open_database(tmp_path / "new.db", create=True).close()
    assert tables(old) == tables(tmp_path / "new.db")


def test_it_says_what_it_said(old: Path) -> None:
    with open_database(old) as db:
        stats = db.stats()
        assert (db.revision, stats.media, stats.opinions, stats.withdrawn) == (6, 4, 7, 2)
        assert (stats.conflicts, stats.hashes["pdq"].matchable) == (1, 5)
        assert db.verify_audit() == 7
        with db.snapshot() as view:
            (joined,) = view.media_by_digests(digests(sha256=7))
            hashes = view.hashes_of([joined.media_id])[joined.media_id]
        assert joined.sources == ("frames", "hotline", "joiner", "police")
        facts = Facts(nature=Nature.REAL, age=Age.INFANT)
        assert facts in {stored.opinion.facts for stored in joined.opinions}
        frames = {(h.frame, h.time_s) for _, h in hashes if h.value == pdq_value(9)}
        assert frames == {(3, 0.125), (4, 0.25)}


def test_history_begins_with_the_migration(old: Path) -> None:
    with open_database(old) as db:
        before = db.content_digest()
        db.import_records([record("new", of=digests(md5=8, sha1=8))], source="later")
        db.withdraw(source="joiner", record_key="j")
        assert db.revision == 8
        with db.snapshot(as_of=6) as view:
            (joined,) = view.media_by_digests(digests(sha256=7))
            assert "joiner" in joined.sources
            (other,) = view.media_by_digests(digests(sha1=8))
            assert other.sources == ("frames",)
        with db.snapshot() as view:
            (apart,) = view.media_by_digests(digests(sha256=7))
            assert apart.sources == ("frames",)
        with pytest.raises(InputError, match="5"), db.snapshot(as_of=5) as view:
            pass
        assert db.content_digest() != before
