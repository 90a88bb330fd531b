"""``check_integrity``: a whole database is whole, and every kind of damage is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from database.samples import digests, many_records, pdq, record

from hashmatch.database import Database, open_database
from hashmatch.errors import DatabaseError


@pytest.fixture
def filled(tmp_path: Path) -> Database:
    db = open_database(tmp_path / "x.db", create=True)
    db.import_records(many_records(200), source="large")
    # Merged media, split media, withdrawn statements, media by their hashes alone.
    db.import_records(
        [
            record("a", of=digests(md5=1000)),
            record("b", of=digests(sha1=1000)),
            record("c", of=digests(md5=1000, sha1=1000)),
            record("d", of=digests(md5=1001, sha1=1001)),
            record("e", of=digests(md5=1001, sha1=1002)),
            record("f", of=digests(), hashes=(pdq(7),)),
        ],
        source="s",
    )
    db.withdraw(source="s", record_key="c")
    db.import_records([record("d", of=digests(md5=1003))], source="s", complete=True)
    return db


def test_a_whole_database(filled: Database) -> None:
    report = filled.check_integrity()
    assert report.problems == ()
    assert report.sound
    assert (report.revision, report.audit_entries) == (filled.revision, 5)
    assert len(report.checks) > 10
    filled.close()


def test_an_empty_database(open_new: Callable[..., Database]) -> None:
    report = open_new().check_integrity()
    assert (report.problems, report.revision, report.audit_entries) == ((), 0, 1)


def test_both_systems(open_new: Callable[..., Database]) -> None:
    db = open_new()
    db.import_records(many_records(50), source="s")
    db.withdraw(source="s", record_key="md5:3")
    assert db.check_integrity().problems == ()
    with db._store.writing() as connection:
        connection.exec_driver_sql("UPDATE media SET retired_revision = 1 WHERE id = 2")
    (problem,) = db.check_integrity().problems
    assert problem.startswith("active statements whose media is not live: 1, the first has")


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        ("UPDATE media SET retired_revision = 1 WHERE id = 5", "media is not live: 1"),
        ("UPDATE opinion SET media_id = 6 WHERE media_id = 5", "without an active statement: 1"),
        ("UPDATE media SET merged_into = 9 WHERE id = 5", "merged into others: 1"),
        ("UPDATE media SET md5 = NULL WHERE id = 5", "another md5 than their media: 1"),
        ("UPDATE media SET sha1 = x'00' WHERE id = 5", "another sha1 than their media: 1"),
        ("UPDATE media SET sha256 = x'00' WHERE id < 5", "sha256 no active statement states: 4"),
        ("UPDATE opinion SET stated_md5 = NULL WHERE id = 5", "md5 no active statement states: 1"),
        (
            "UPDATE media SET since_revision = 99 WHERE id = 5",
            "since_revision is later",
        ),
        ("UPDATE opinion SET withdrawn_revision = 99 WHERE id = 5", "withdrawn_revision is later"),
        ("UPDATE hash SET value = x'00' WHERE id = 3", "hashes of 1 bytes, expected"),
        ("DELETE FROM revision_log WHERE revision = 2", "expected 4 changes since 0, got 3"),
        ("UPDATE audit SET actor = 'x' WHERE seq = 3", "audit entry 3: its content"),
        ("UPDATE meta SET value = '9' WHERE key = 'revision'", "up to the database's revision 9"),
    ],
)
def test_rows_that_disagree(filled: Database, damage: str, named: str) -> None:
    with filled._store.writing() as connection:
        connection.exec_driver_sql(damage)
    report = filled.check_integrity()
    assert not report.sound
    assert any(named in problem for problem in report.problems), report.problems
    assert (report.audit_entries is None) == ("audit" in named or "'revision'" in damage)
    filled.close()


def test_a_reference_to_nothing(filled: Database) -> None:
    raw = filled._store.connect()  # type: ignore[attr-defined]
    raw.execute("PRAGMA foreign_keys = OFF")
    raw.execute("DELETE FROM media WHERE id = 5")
    raw.close()
    report = filled.check_integrity()
    assert report.problems[0].startswith("foreign_key_check: row ")
    assert report.revision is None
    filled.close()


def test_an_index_that_lost_an_entry_and_pages_that_are_noise(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with open_database(path, create=True) as db:
        db.import_records(many_records(500), source="s")
    content = bytearray(path.read_bytes())
    size = int.from_bytes(content[16:18], "big")  # of a page, as the file's header says
    found = 0
    for page in range(2, len(content) // size, 9):  # not the first: that would not open
        noisy = bytearray(content)
        noisy[page * size : page * size + 512] = b"\xa5" * 512
        path.write_bytes(noisy)
        try:
            with open_database(path, read_only=True) as db:
                report = db.check_integrity()
        except DatabaseError:  # a page that opening reads
            continue
        assert not report.sound, page
        assert (report.checks, report.revision) == (("engine",), None)
        found += 1
    assert found >= 5


@pytest.mark.parametrize("place", [4096 * 5 + 100, -100])
def test_an_encrypted_page_that_was_changed(tmp_path: Path, place: int) -> None:
    path, key = tmp_path / "x.db", tmp_path / "key"
    key.write_text("5a" * 32)
    key.chmod(0o600)
    url = f"sqlite+cipher:///{path}"
    with open_database(url, create=True, key_file=key) as db:
        db.import_records(many_records(200), source="s")
        assert db.check_integrity().problems == ()
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    with open_database(url, read_only=True, key_file=key) as db:
        assert not db.check_integrity().sound
