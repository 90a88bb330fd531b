"""A purge deletes what the rule names and nothing else, and what it deleted is gone."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from database.histories import HISTORIES, Act, everything
from database.samples import digest, digests, many_records, pdq, record
from hypothesis import HealthCheck, given, settings

from hashmatch.database import Database, SnapshotView, open_database
from hashmatch.errors import DatabaseBusyError, DatabaseError, InputError, InputTypeError
from hashmatch.store import run
from hashmatch.types import HashRecord, Reject, Sighting

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
TABLES = ("opinion", "hash", "sighting", "media", "media_history", "opinion_history", "reject")


def now() -> datetime:
    return datetime.now(UTC)


def rows(db: Database) -> dict[str, int]:
    with db.snapshot() as view:
        return {
            table: run(view.connection, f"SELECT count(*) FROM {table}").scalar_one()  # noqa: S608
            for table in TABLES
        }


def withdrawn_long_ago(db: Database, revision: int) -> None:
    """Pretend that what was withdrawn up to a revision was so in the year 1999."""
    with db._store.writing() as connection:
        run(
            connection,
            "UPDATE opinion SET withdrawn_at = '1999-12-31T23:59:59.000000+00:00' "
            "WHERE withdrawn_revision <= ?",
            (revision,),
        )


def fill(db: Database) -> None:
    seen = (Sighting(case="secret-case"),)
    old: list[HashRecord | Reject] = [
        record("a", of=digests(sha1=1), hashes=(pdq(1),), seen_at=seen, opinion={"tags": ("t1",)}),
        record("b", of=digests(md5=2)),
        Reject(3, None, "md5 length", "secret-reject", True),
    ]
    db.import_records(old, source="one")
    db.import_records([record("c", of=digests(md5=2, sha1=2))], source="two")
    db.import_records([record("b", of=digests(md5=2))], source="one", complete=True)


def test_what_goes_and_what_stays(database: Database) -> None:
    db = database
    fill(db)
    said = db.content_digest()
    db.import_records([record("x", of=digests(sha1=7))], source="two")
    db.withdraw(source="two", record_key="x")
    withdrawn_long_ago(db, 3)
    before = rows(db)
    would = db.purge(withdrawn_before=LONG_AGO, dry_run=True)
    assert rows(db) == before
    report = db.purge(withdrawn_before=LONG_AGO)
    assert {**would.to_dict(), "dry_run": False, "compacted": report.compacted} == report.to_dict()
    assert report.by_source == {"one": 1}
    counts = (report.opinions, report.hashes, report.sightings, report.media, report.rejects)
    assert counts == (1, 1, 1, 1, 0)
    assert (report.revision, report.history_from, db.revision) == (5, 3, 5)
    assert report.content_digest == said == db.content_digest()
    assert rows(db)["opinion"] == before["opinion"] - 1
    # What was withdrawn after the time is there still, and its revision can be asked for.
    with db.snapshot(as_of=4) as view:
        assert [m.sources for m in view.media_by_digests(digests(sha1=7))] == [("two",)]
    with pytest.raises(InputError, match=r"from 3 \(what was before it was purged.*got 2"):
        db.snapshot(as_of=2).__enter__()
    with db.snapshot() as view:
        sql = "SELECT details FROM audit WHERE action = 'purge'"
        (details,) = run(view.connection, sql).scalars()
    assert json.loads(details) == report.counts()
    db.verify_audit()
    again = db.purge(withdrawn_before=LONG_AGO)
    assert (again.opinions, again.media, again.history_from) == (0, 0, 3)


def test_refused_records_of_old_imports_go(database: Database) -> None:
    fill(database)
    assert rows(database)["reject"] == 1
    assert database.purge(withdrawn_before=LONG_AGO).rejects == 0
    assert database.purge(withdrawn_before=now()).rejects == 1
    assert rows(database)["reject"] == 0


@settings(max_examples=25)
@given(history=HISTORIES)
def test_any_history_of_a_file(history: list[Act]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        purge_keeps_the_rest(open_database(Path(folder) / "a.db", create=True), history)


@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=HISTORIES)
def test_any_history(open_new: Callable[..., Database], history: list[Act]) -> None:
    purge_keeps_the_rest(open_new(), history)


def live(view: SnapshotView) -> dict[str, Any]:
    """All that a view answers of media that somebody says something about."""
    said = everything(view)
    return {**said, "media": {k: v for k, v in said["media"].items() if "opinions=()" not in v}}


def purge_keeps_the_rest(opened: Database, history: list[Act]) -> None:
    with opened as db:
        for act in history:
            act(db)
        withdrawn_long_ago(db, db.revision // 2)
        then: dict[int, Any] = {}
        for revision in range(db.revision + 1):
            with db.snapshot(as_of=revision) as view:
                then[revision] = live(view)
        report = db.purge(withdrawn_before=LONG_AGO, vacuum=False)
        assert report.history_from <= db.revision // 2
        for revision in range(report.history_from, db.revision + 1):
            with db.snapshot(as_of=revision) as view:
                assert live(view) == then[revision]
        # Ids are not given again, and imports go on.
        taken = then[db.revision]["media"].keys() | {0}
        db.import_records([record("new", of=digests(sha256=8), hashes=(pdq(8),))], source="new")
        with db.snapshot() as view:
            (media,) = view.media_by_digests(digests(sha256=8))
        assert media.media_id > max(taken)
        report = db.purge(withdrawn_before=now(), vacuum=False)
        with db.snapshot() as view:
            sql = "SELECT count(*) FROM opinion WHERE withdrawn_revision IS NOT NULL"
            assert run(view.connection, sql).scalar_one() == 0
            dead = "SELECT count(*) FROM media WHERE retired_revision IS NOT NULL"
            assert run(view.connection, dead).scalar_one() == 0


def test_ids_are_never_given_again(database: Database) -> None:
    db = database
    db.import_records([record("a", of=digests(sha1=1), hashes=(pdq(1),))], source="s")
    db.withdraw(source="s", record_key="a")
    db.purge(withdrawn_before=now())
    assert set(rows(db).values()) == {0}
    db.import_records([record("b", of=digests(sha1=2), hashes=(pdq(2),))], source="s")
    with db.snapshot() as view:
        assert list(view.media_by_hash_ids([1, 2])) == [2]
        assert [m.media_id for m in view.media_by_digests(digests(sha1=2))] == [2]
    with db.diff(2, 3) as diff:
        assert [change.what.value for change in diff] == ["added", "appeared"]


@pytest.mark.parametrize("vacuum", [True, False])
def test_the_bytes_are_gone(db: Database, path: Path, vacuum: bool) -> None:
    fill(db)
    secret = [bytes.fromhex(digest("sha1", 1)), pdq(1).value, b"secret-case", b"secret-reject"]
    assert db.purge(withdrawn_before=now(), vacuum=vacuum).compacted is vacuum
    db.close()
    for file in path.parent.iterdir():
        content = file.read_bytes()
        assert [value for value in secret if value in content] == []


def test_a_reader_in_the_way_is_told(path: Path) -> None:
    with open_database(path, create=True, busy_timeout_s=0.1) as db:
        fill(db)
        with db.snapshot() as view:
            report = db.purge(withdrawn_before=now())
            assert view.media_by_digests(digests(sha1=1)) == []
        assert (report.compacted, report.opinions) == (False, 1)
        assert report.not_compacted is not None
        assert "reader" in report.not_compacted
        assert db.purge(withdrawn_before=now()).compacted
        with db._store.writing(), pytest.raises(DatabaseBusyError):
            db.purge(withdrawn_before=now())


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        (datetime(2000, 1, 1), InputError, "zone"),
        (datetime(9999, 1, 1, tzinfo=UTC), InputError, "that has been"),
        ("2000-01-01", InputTypeError, "datetime"),
    ],
)
def test_wrong_times(db: Database, given: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        db.purge(withdrawn_before=given)


def test_a_read_only_database_is_not_purged(db: Database, path: Path) -> None:
    with (
        open_database(path, read_only=True) as reader,
        pytest.raises(DatabaseError, match="read-only"),
    ):
        reader.purge(withdrawn_before=LONG_AGO)


PURGE = """
import sys
from datetime import datetime, UTC
from hashmatch.database import open_database
with open_database(sys.argv[1]) as db:
    print("ready", flush=True)
    db.purge(withdrawn_before=datetime.now(UTC))
"""


def test_killed_it_is_done_or_not(path: Path) -> None:
    with open_database(path, create=True) as db:
        db.import_records(many_records(2_000), source="s")
        db.import_records(many_records(400), source="s", complete=True, max_withdrawn_share=1.0)
        said, withdrawn = db.content_digest(), db.stats().withdrawn
    chance = random.Random(7)
    whole_s: float | None = None
    copy = path.with_name("copy.db")
    for _ in range(7):
        copy.write_bytes(path.read_bytes())
        command = [sys.executable, "-c", PURGE, str(copy)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            child.stdout.readline()
            begun = time.monotonic()
            if whole_s is None:  # the first one is left alone
                assert child.wait() == 0
                whole_s = time.monotonic() - begun
                possible = [0]
            else:
                time.sleep(chance.uniform(0, whole_s))
                child.kill()
                possible = [0, withdrawn]
        with open_database(copy) as db:
            left = db.stats().withdrawn
            assert left in possible
            assert db.content_digest() == said
            assert db.verify_audit() == (4 if left == 0 else 3)
            assert engine_finds(db) == ["ok"]
        for file in path.parent.glob("copy.db*"):
            file.unlink()


def engine_finds(db: Database) -> list[str]:
    with db.snapshot() as view:
        found = view.connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
        assert view.connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    return list(found)


def test_only_what_is_old_enough_goes(db: Database) -> None:
    fill(db)
    assert db.purge(withdrawn_before=now() - timedelta(days=1)).opinions == 0
    assert db.purge(withdrawn_before=now()).opinions == 1
