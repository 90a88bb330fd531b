"""kill -9 amid a COPY: afterwards the old revision, a whole log, and the list still goes in."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from database.samples import digests, many_records, pdq, record
from postgres_server import PostgresServer, find_binaries
from sqlalchemy import Connection, Table

from hashmatch.database import Database, open_database
from hashmatch.errors import DatabaseError
from hashmatch.store import postgres_rows
from hashmatch.types import HashRecord

ROUNDS = 4


@pytest.fixture(scope="module")
def mortal(postgres: PostgresServer) -> Iterator[PostgresServer]:
    """A server of its own, that may be killed."""
    binaries = find_binaries()
    assert binaries is not None
    server = PostgresServer(binaries)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def filled(server: PostgresServer) -> tuple[str, str]:
    """URL of a database at revision 2, and its content digest."""
    url = server.new_database()
    with open_database(url, create=True) as db:
        db.import_records([record("kept", of=digests(md5=1), hashes=(pdq(1),))], source="s")
        db.import_records(many_records(30), source="t", complete=True)
        return url, db.content_digest()


def in_the_middle_of_a_copy(
    monkeypatch: pytest.MonkeyPatch, seed: int, kill: Callable[[Connection], None]
) -> None:
    """Make one of the COPYs stop half-way, when some of its rows are with the server."""
    original = postgres_rows.copy_rows
    generator = random.Random(seed)
    left = generator.randrange(1, 6)

    def copy_rows(connection: Connection, table: Table, rows: Any, *more: Any) -> None:
        nonlocal left
        left -= 1
        if left:
            original(connection, table, rows, *more)
            return
        at = generator.randrange(len(rows))

        def broken() -> Iterator[Any]:
            for number, row in enumerate(rows):
                if number == at:
                    kill(connection)
                yield row

        original(connection, table, broken(), *more)  # type: ignore[arg-type]

    monkeypatch.setattr(postgres_rows, "copy_rows", copy_rows)


def many() -> Iterator[HashRecord]:
    for number in range(4_000):
        yield record(f"n{number}", of=digests(md5=100 + number), hashes=(pdq(number % 50),))


def unchanged_and_usable(db: Database, content: str) -> None:
    assert db.revision == 2
    assert db.content_digest() == content
    assert db.verify_audit() == 3
    assert db.check_integrity().sound
    report = db.import_records(many(), source="t")
    assert (report.added, db.revision, db.verify_audit()) == (4_000, 3, 4)


def _kill_backend(connection: Connection) -> None:
    os.kill(postgres_rows.raw_connection(connection).info.backend_pid, signal.SIGKILL)


def _wait_for_restart(witness: psycopg.Connection[Any], server: PostgresServer) -> None:
    # A server that lost one of its processes ends all others first.
    with suppress(psycopg.OperationalError):
        while witness.execute("SELECT pg_sleep(0.01)"):
            pass
    server.wait()


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_the_writers_process_on_the_server_is_killed(
    mortal: PostgresServer, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The others are ended by the server then, which restarts itself.
    url, content = filled(mortal)
    with open_database(url) as db, mortal.connect() as witness:
        in_the_middle_of_a_copy(monkeypatch, seed, _kill_backend)
        with pytest.raises(DatabaseError) as caught:
            db.import_records(many(), source="t")
        assert "server" in str(caught.value)
        assert mortal.password not in str(caught.value)
        monkeypatch.undo()
        _wait_for_restart(witness, mortal)
        unchanged_and_usable(db, content)  # with the handle that met it


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_the_whole_server_is_killed(
    mortal: PostgresServer, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, content = filled(mortal)

    def kill(connection: Connection) -> None:
        own = postgres_rows.raw_connection(connection).info.backend_pid
        mortal.kill()
        os.kill(own, signal.SIGKILL)

    with open_database(url) as db, open_database(url) as reader:
        before = reader.stats()
        in_the_middle_of_a_copy(monkeypatch, 100 + seed, kill)
        with pytest.raises(DatabaseError):
            db.import_records(many(), source="t")
        for call in (reader.stats, lambda: reader._store.current_revision(), lambda: db.revision):
            with pytest.raises(DatabaseError, match="server"):
                call()
        monkeypatch.undo()
        mortal.start()
        assert reader.stats() == before
        unchanged_and_usable(db, content)


@pytest.mark.parametrize("seed", range(2))
def test_the_writer_itself_is_killed(postgres: PostgresServer, seed: int) -> None:
    """The server finds the connection gone, and gives the lock to the next writer."""
    url, content = filled(postgres)
    tests = Path(__file__).parents[1]
    code = "from contract.test_killed_server import die_importing; die_importing()"
    done = subprocess.run(
        [sys.executable, "-c", code, url, str(seed)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(tests), str(tests.parent)))},
    )
    assert done.returncode == -signal.SIGKILL
    with open_database(url) as db:
        unchanged_and_usable(db, content)


def die_importing() -> None:
    """Import in a process that kills itself half-way."""
    _, url, seed = sys.argv
    in_the_middle_of_a_copy(pytest.MonkeyPatch(), 200 + int(seed), _kill_this_process)
    open_database(url).import_records(many(), source="t")


def _kill_this_process(_: Connection) -> None:
    os.kill(os.getpid(), signal.SIGKILL)
