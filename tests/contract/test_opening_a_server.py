"""Opening a database on a server: what is made, what is refused, and that passwords stay secret."""

from __future__ import annotations

import logging
import subprocess
import sys
import traceback
from collections.abc import Callable
from contextlib import closing

import pytest
from command import invoke
from database.samples import record
from postgres_server import OWNER, PostgresServer
from sqlalchemy import Connection

from hashmatch.database import open_database
from hashmatch.errors import DatabaseError, InputError, SchemaVersionError
from hashmatch.store import SCHEMA_VERSION, migrations, run, run_many, write_meta
from hashmatch.store.migrations import Migration
from hashmatch.store.postgres import OLDEST_VERSION


def test_an_empty_database_is_filled_only_when_asked(postgres: PostgresServer) -> None:
    url = postgres.new_database()
    with pytest.raises(DatabaseError, match=r"no tables of hashmatch.*db init"):
        open_database(url)
    with open_database(url, create=True) as db:
        assert (db.path, db.revision, db.verify_audit()) == (None, 0, 1)
    with open_database(url, create=True) as db:
        assert db.verify_audit() == 1
    with pytest.raises(DatabaseError, match="without hashmatch's tables, found them"):
        open_database(url, create=True, exist_ok=False)


def test_no_database_is_ever_created(postgres: PostgresServer) -> None:
    with pytest.raises(DatabaseError, match=r"there is no such database|does not exist"):
        open_database(postgres.url("missing"), create=True)
    with postgres.connect() as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'missing'")
        assert found.fetchone() is None


def test_nothing_outside_of_the_schema_is_touched(postgres: PostgresServer) -> None:
    url = postgres.new_database()
    name = url.rpartition("/")[2]
    with closing(postgres.connect(name)) as owner:
        owner.execute("CREATE TABLE public.meta (key text, value text)")
        owner.execute("CREATE TABLE public.opinion (id text)")
        with open_database(url, create=True) as db:
            db.import_records([record("a")], source="s")
            assert db.stats().opinions == 1
        assert owner.execute("SELECT count(*) FROM public.meta").fetchone() == (0,)


def test_another_encoding_is_refused(postgres: PostgresServer) -> None:
    with closing(postgres.connect()) as owner:
        owner.execute(
            "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' "
            "LOCALE_PROVIDER libc LOCALE 'C'"
        )
    with pytest.raises(DatabaseError, match="expected a database of encoding UTF8, got LATIN1"):
        open_database(postgres.url("latin"), create=True)


@pytest.mark.parametrize(
    ("version", "words"),
    [
        (SCHEMA_VERSION + 1, rf"at most {SCHEMA_VERSION}, got {SCHEMA_VERSION + 1}.*newer"),
        (OLDEST_VERSION - 1, rf"{OLDEST_VERSION} to {SCHEMA_VERSION}, got {OLDEST_VERSION - 1}"),
    ],
)
@pytest.mark.parametrize("read_only", [True, False])
def test_unknown_versions_are_refused_with_both_numbers(
    postgres: PostgresServer, version: int, words: str, read_only: bool
) -> None:
    url = postgres.new_database()
    with open_database(url, create=True) as db, db._store.writing() as connection:
        write_meta(connection, "schema_version", str(version))
    with pytest.raises(SchemaVersionError, match=words):
        open_database(url, read_only=read_only)


def _add_column(connection: Connection) -> None:
    run(connection, "ALTER TABLE source ADD COLUMN later TEXT")
    run(connection, "CREATE TABLE later (a INTEGER)")


def test_pending_migrations_run_as_the_owner(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres.new_database()
    with open_database(url, create=True) as db:
        db.import_records([record("a")], source="s")
        with db._store.writing() as connection:
            run(connection, "CREATE ROLE owner_of_tables")
            for kind, name in (("SCHEMA", "hashmatch"), ("TABLE", "meta"), ("TABLE", "source")):
                run(connection, f"ALTER {kind} {name} OWNER TO owner_of_tables")
    newer = (*migrations.MIGRATIONS, Migration(SCHEMA_VERSION + 1, "test", _add_column))
    monkeypatch.setattr(migrations, "MIGRATIONS", newer)
    for module in ("migrations", "postgres"):
        monkeypatch.setattr(f"hashmatch.store.{module}.SCHEMA_VERSION", SCHEMA_VERSION + 1)
    with pytest.raises(SchemaVersionError, match="open it once for writing"):
        open_database(url, read_only=True)
    with open_database(url) as db, db.snapshot() as view:
        found = run(
            view.connection, "SELECT tableowner FROM pg_tables WHERE tablename = 'later'"
        ).scalar_one()
        assert found == "owner_of_tables"
    with open_database(url, read_only=True) as db:
        assert db.stats().opinions == 1


_SECRET = "wrong-and-secret"  # noqa: S105


def _wrong_password(server: PostgresServer) -> str:
    return server.url("postgres", password=_SECRET)


def _unreachable(server: PostgresServer) -> str:
    return f"postgresql://u:wrong-and-secret@{str(server.folder).replace('/', '%2F')}:1/db"


def _broken(server: PostgresServer) -> str:
    return "postgresql://u:wrong-and-secret@h@h/db"


@pytest.mark.parametrize("make", [_wrong_password, _unreachable, _broken])
def test_a_password_is_in_no_message(
    postgres: PostgresServer,
    make: Callable[[PostgresServer], str],
    caplog: pytest.LogCaptureFixture,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    url = make(postgres)
    caplog.set_level(logging.DEBUG)
    with pytest.raises((DatabaseError, InputError)) as caught:
        open_database(url)
    told = "".join(traceback.format_exception(caught.value)) + caplog.text
    for command in (["db", "init", url], ["db", "stats", url, "--json"]):
        outcome = invoke(capfdbinary, *command)
        assert outcome.code == 2
        told += outcome.out + outcome.err
    assert "wrong-and-secret" not in told.replace(f"'{url}'", "")


def test_a_password_is_in_no_output_and_no_entry(
    postgres: PostgresServer, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    url = postgres.new_database()
    told = ""
    for command in ("init", "stats"):
        for form in ([], ["--json"]):
            outcome = invoke(capfdbinary, "db", command, url, *form)
            told += outcome.out + outcome.err
    assert f"postgresql://{OWNER}@" in told
    with open_database(url) as db:
        told += repr(db) + repr(db._store) + db.where
        told += "".join(map(repr, db.audit_entries()))
        with pytest.raises(DatabaseError) as caught, db.snapshot() as view:
            run(view.connection, "SELECT no_such_column FROM media")
        told += "".join(traceback.format_exception(caught.value))
    assert postgres.password not in told


def test_an_error_of_the_server_quotes_no_row(postgres: PostgresServer) -> None:
    row = ("value-of-a-row", "x")
    with (
        open_database(postgres.new_database(), create=True) as db,
        pytest.raises(DatabaseError) as caught,
        db._store.writing() as connection,
    ):
        run_many(connection, "INSERT INTO meta (key, value) VALUES (?, ?)", [row, row])
    assert "value-of-a-row" not in str(caught.value)
    assert "duplicate key" in str(caught.value)


def test_a_missing_driver_is_named() -> None:
    code = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from hashmatch.database import open_database\n"
        "open_database('postgresql://u:hidden@h/db')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "MissingExtraError" in done.stderr
    assert "hashmatch[postgres]" in done.stderr
    assert "hidden" not in done.stderr.splitlines()[-1]


def test_a_read_only_handle_writes_nothing(postgres: PostgresServer) -> None:
    url = postgres.new_database()
    with open_database(url, create=True) as db:
        db.import_records([record("a")], source="s")
    with open_database(url, read_only=True) as db:
        with pytest.raises(DatabaseError, match="read-only"):
            db.import_records([record("b")], source="s")
        # Nor could it: the server refuses too.
        with pytest.raises(DatabaseError, match="read-only"), db.snapshot() as view:
            run(view.connection, "DELETE FROM reject")


def test_a_reader_of_a_snapshot_can_not_write(postgres: PostgresServer) -> None:
    with (
        open_database(postgres.new_database(), create=True) as db,
        pytest.raises(DatabaseError, match="read-only"),
        db.snapshot() as view,
    ):
        run(view.connection, "DELETE FROM reject")
