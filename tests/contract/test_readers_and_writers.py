"""One writer, any readers, on both systems: who waits for whom, and what each of them sees."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from database.samples import digests, many_records, pdq, record

from hashmatch.database import Database, open_database
from hashmatch.errors import DatabaseBusyError, DatabaseError
from hashmatch.store import run
from hashmatch.types import HashRecord


def test_a_snapshot_does_not_see_later_commits(new_url: Callable[[], str]) -> None:
    url = new_url()
    with open_database(url, create=True) as db, open_database(url) as other:
        db.import_records([record("a", of=digests(md5=1), hashes=(pdq(1),))], source="s")
        with db.snapshot() as view:
            before = view.media([1, 2, 3])
            other.import_records([record("b", of=digests(md5=2))], source="s")
            other.withdraw(source="s", record_key="a")
            assert view.media([1, 2, 3]) == before
            assert view.revision == 1
            assert list(view.live_media(block=10)) == [[1]]
            assert other.revision == db.revision == db._store.current_revision() == 3
        with db.snapshot() as view:
            assert list(view.live_media(block=10)) == [[2]]


def test_readers_do_not_wait_for_a_writer(new_url: Callable[[], str]) -> None:
    url = new_url()
    with (
        open_database(url, create=True, busy_timeout_s=0.05) as db,
        open_database(url, busy_timeout_s=0.05) as other,
    ):
        db.import_records([record("a")], source="s")
        with db._store.writing() as connection:
            run(connection, "UPDATE opinion SET withdrawn_revision = 9")
            assert other.stats().opinions == 1
            assert other._store.current_revision() == 1


def test_a_second_writer_waits_and_says_so(new_url: Callable[[], str]) -> None:
    url = new_url()
    with (
        open_database(url, create=True) as db,
        open_database(url, busy_timeout_s=0.05) as hasty,
        open_database(url, busy_timeout_s=30) as patient,
        ThreadPoolExecutor(1) as pool,
    ):
        with db._store.writing():
            with pytest.raises(DatabaseBusyError, match="write lock"):
                hasty.import_records([record("a")], source="s")
            waiting = pool.submit(patient.import_records, [record("b")], source="s")
        assert waiting.result().added == 1
        hasty.import_records([record("a", of=digests(md5=7))], source="s")
        assert db.revision == 2
        assert db.verify_audit() == 3


def test_no_update_of_many_writers_is_lost(new_url: Callable[[], str]) -> None:
    url = new_url()
    with open_database(url, create=True):
        pass

    def write(number: int) -> None:
        with open_database(url) as db:
            for step in range(5):
                key = f"{number}-{step}"
                db.import_records([record(key, of=digests(md5=50 * number + step))], source="s")
                db.record_audit("check", {})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    with open_database(url) as db:
        assert (db.revision, db.stats().opinions, db.verify_audit()) == (20, 20, 41)


def test_a_failed_import_leaves_nothing(database: Database) -> None:
    database.import_records([record("a")], source="s")

    def breaks() -> Iterator[HashRecord]:
        yield from many_records(5_000)
        raise OSError("the disk went away")

    with pytest.raises(OSError, match="went away"):
        database.import_records(breaks(), source="t", complete=True)
    assert (database.revision, database.stats().opinions) == (1, 1)
    assert list(database.stats().by_source) == ["s"]
    assert database.import_records(many_records(3), source="t").added == 3
    assert database.verify_audit() == 3


def test_one_handle_serves_many_threads(database: Database) -> None:
    database.import_records(many_records(40), source="s")
    started = Event()

    def read(_: int) -> int:
        started.wait()
        with database.snapshot() as view:
            return len(view.media(range(1, 100)))

    with ThreadPoolExecutor(12) as pool:
        reading = [pool.submit(read, number) for number in range(24)]
        started.set()
        assert {future.result() for future in reading} == {40}


def test_closing_ends_everything(open_new: Callable[..., Database]) -> None:
    db = open_new()
    db.close()
    db.close()
    for call in (lambda: db.revision, lambda: db._store.current_revision(), lambda: db.stats()):
        with pytest.raises(DatabaseError, match="closed"):
            call()


def test_statements_are_spelled_for_both(database: Database) -> None:
    database.import_records([record("a%_b")], source="s")
    with database.snapshot() as view:
        like = "SELECT record_key FROM opinion WHERE record_key LIKE 'a%' AND id = ?"
        assert run(view.connection, like, (1,)).scalar_one() == "a%_b"
        assert run(view.connection, "SELECT 100 % 7").scalar_one() == 2
        for condition, value, count in (
            ("mime IS ?", None, 1),
            ("mime IS NOT ?", None, 0),
            ("mime IS ?", "x", 0),
            ("mime IS NOT ?", "x", 1),
            ("record_key IS ?", "a%_b", 1),
        ):
            sql = f"SELECT count(*) FROM opinion WHERE {condition}"  # noqa: S608
            assert run(view.connection, sql, (value,)).scalar_one() == count
