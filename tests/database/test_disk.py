"""A full disk and a read-only one: a typed error, the old revision, a whole audit log."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from database.samples import digests, many_records, record

from hashmatch.database import Database, open_database
from hashmatch.errors import DatabaseError
from hashmatch.store import SqliteDriver, SqliteStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with some content, closed."""
    path = tmp_path / "data" / "x.db"
    path.parent.mkdir()
    with open_database(path, create=True) as db:
        db.import_records(many_records(50), source="s")
    return path


def require_unchanged(path: Path, before: str) -> None:
    with open_database(path) as db:
        assert (db.revision, db.verify_audit(), db.content_digest()) == (1, 2, before)
        assert db.check_integrity().problems == ()
        db.import_records([record("new", of=digests(md5=9999))], source="s")
        assert db.revision == 2


def content_of(path: Path) -> str:
    with open_database(path, read_only=True) as db:
        return db.content_digest()


WRITES: dict[str, Callable[[Database], object]] = {
    "import": lambda db: db.import_records(many_records(2_000), source="other"),
    "complete": lambda db: db.import_records(many_records(2_000), source="s", complete=True),
    "audit": lambda db: db.record_audit("check", {"text": "x" * 3_000_000}),
    "withdraw": lambda db: db.withdraw(source="s", record_key="md5:1", reason="x" * 3_000_000),
}


@pytest.mark.parametrize("write", sorted(WRITES))
@pytest.mark.parametrize("room", [0, 1, 7, 60])
def test_no_page_is_left(path: Path, write: str, room: int) -> None:
    """SQLite's own limit stands for the disk's end, at different places of the same write."""
    before = content_of(path)

    def limit(connection: sqlite3.Connection) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + room}")

    store = SqliteStore(
        path, read_only=False, busy_timeout_s=5, driver=SqliteDriver(sqlite3, prepare=limit)
    )
    with (
        Database(store) as db,
        pytest.raises(DatabaseError, match="the disk is full; nothing was changed"),
    ):
        WRITES[write](db)
    require_unchanged(path, before)


IMPORT = """
import resource, sys
sys.path.insert(0, sys.argv[3])
from database.samples import many_records
from hashmatch.database import open_database
from hashmatch.errors import DatabaseError
with open_database(sys.argv[1]) as db:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
    try:
        db.import_records(many_records(2_000), source="other")
    except DatabaseError as error:
        print(type(error).__name__, error)
    else:
        print("imported")
"""


@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_the_system_refuses_to_write_more(path: Path, root: Path, share: float) -> None:
    """As a quota does: the journal can't grow any more, somewhere in the middle."""
    before = content_of(path)
    limit = int(path.stat().st_size * share)
    outcome = subprocess.run(
        [sys.executable, "-c", IMPORT, str(path), str(limit), str(root / "tests")],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert outcome.stdout.startswith("DatabaseError")
    assert outcome.stderr == ""
    require_unchanged(path, before)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 3 MB of its own, where this user may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    try:
        done = subprocess.run(mounted, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("no mount command")
    if done.returncode:
        pytest.skip("this user may not mount a disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk(disk: Path) -> None:
    path = disk / "x.db"
    with open_database(path, create=True) as db:
        db.import_records(many_records(50), source="s")
    before = content_of(path)
    ballast = disk / "ballast"
    for left in (0, 100_000, 600_000):
        space = os.statvfs(disk)
        ballast.write_bytes(bytes(max(space.f_bavail * space.f_frsize - left, 0)))
        with pytest.raises(DatabaseError), open_database(path) as db:
            db.import_records(many_records(2_000), source="other")
        ballast.unlink()
        with open_database(path) as db:
            assert (db.revision, db.verify_audit(), db.content_digest()) == (1, 2, before)
            assert db.check_integrity().problems == ()
    require_unchanged(path, before)


def test_a_disk_that_is_read_only(disk: Path) -> None:
    path = disk / "x.db"
    with open_database(path, create=True) as db:
        db.import_records(many_records(50), source="s")
    before = content_of(path)
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    try:
        with pytest.raises(DatabaseError, match=r"x\.db"), open_database(path) as db:
            db.import_records([record("new")], source="s")
        with pytest.raises(DatabaseError, match=r"new\.db: can't create"):
            open_database(disk / "new.db", create=True)
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    require_unchanged(path, before)


def test_a_connection_that_may_only_read(path: Path) -> None:
    before = content_of(path)
    store = SqliteStore(
        path,
        read_only=False,
        busy_timeout_s=5,
        driver=SqliteDriver(sqlite3, prepare=lambda c: c.execute("PRAGMA query_only = ON")),
    )
    with Database(store) as db, pytest.raises(DatabaseError, match="read-only"):
        db.import_records([record("new")], source="s")
    require_unchanged(path, before)
