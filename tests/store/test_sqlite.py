from __future__ import annotations

import os
import sqlite3
import stat
import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect

from hashmatch.errors import DatabaseBusyError, DatabaseError, SchemaVersionError
from hashmatch.store import (
    SCHEMA_VERSION,
    SqliteStore,
    open_sqlite,
    read_revision,
    write_meta,
)
from hashmatch.store.migrations import MIGRATIONS, apply_pending, schema_version
from hashmatch.store.schema import metadata
from hashmatch.store.sqlite_opening import APPLICATION_ID


def _open(
    path: Path, *, create: bool = False, read_only: bool = False, busy_timeout_s: float = 5.0
) -> SqliteStore:
    return open_sqlite(
        path,
        create=create,
        read_only=read_only,
        busy_timeout_s=busy_timeout_s,
        on_create=lambda _: None,
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "x.db"
    _open(path, create=True).close()
    return path


def test_a_new_file_is_private_and_in_write_ahead_mode(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        store = _open(tmp_path / "x.db", create=True)
        with store.writing() as connection:
            write_meta(connection, "revision", "1")
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
        store.close()
    finally:
        os.umask(old)
    assert modes.keys() >= {"x.db", "x.db-wal"}
    assert set(modes.values()) == {0o600}


def test_settings_of_every_connection(path: Path) -> None:
    store = _open(path)
    with store.reading() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "synchronous", "application_id")
        }
    store.close()
    assert settings == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "synchronous": 2,
        "application_id": APPLICATION_ID,
    }


def test_the_tables_are_those_of_the_schema(path: Path) -> None:
    store = _open(path)
    with store.reading() as connection:
        assert set(inspect(connection).get_table_names()) == set(metadata.tables)
        assert schema_version(connection) == SCHEMA_VERSION
        assert read_revision(connection) == 0
    store.close()


def test_create_opens_what_is_there(path: Path) -> None:
    store = _open(path)
    with store.writing() as connection:
        write_meta(connection, "revision", "7")
    store.close()
    store = _open(path, create=True)
    with store.reading() as connection:
        assert read_revision(connection) == 7
    store.close()


def test_an_interrupted_creation_is_completed(tmp_path: Path) -> None:
    empty, blank = tmp_path / "empty.db", tmp_path / "blank.db"
    empty.touch(0o600)
    connection = sqlite3.connect(blank)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    for path in (empty, blank):
        with pytest.raises(DatabaseError):
            _open(path)
        store = _open(path, create=True)
        with store.reading() as reading:
            assert read_revision(reading) == 0
        store.close()


def test_a_failing_creation_leaves_no_tables(tmp_path: Path) -> None:
    def fail(_: Connection) -> None:
        raise DatabaseError("no")

    with pytest.raises(DatabaseError, match=r"^no$"):
        open_sqlite(
            tmp_path / "x.db", create=True, read_only=False, busy_timeout_s=5, on_create=fail
        )
    with pytest.raises(DatabaseError, match="application id"):
        _open(tmp_path / "x.db")


def test_a_missing_file_is_named_and_not_created(tmp_path: Path) -> None:
    path = tmp_path / "missing.db"
    with pytest.raises(DatabaseError, match=r"missing\.db.*hashmatch db init.*create=True"):
        _open(path)
    with pytest.raises(DatabaseError):
        _open(path, read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="can't create"):
        _open(tmp_path / "no" / "x.db", create=True)


@pytest.mark.parametrize("content", [b"PK\x03\x04 something else", b"SQLite", b"\0" * 4096])
def test_another_kind_of_file_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(content)
    for create in (False, True):
        with pytest.raises(DatabaseError, match="expected a SQLite database"):
            _open(path, create=create)
    assert path.read_bytes() == content
    assert [file.name for file in tmp_path.iterdir()] == ["x.db"]


def test_a_damaged_sqlite_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    with pytest.raises(DatabaseError, match=r"x\.db"):
        _open(path)


def test_someone_elses_sqlite_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE meta (key, value)")
    connection.close()
    before = path.read_bytes()
    for create in (False, True):
        with pytest.raises(DatabaseError, match="application id"):
            _open(path, create=create)
    assert path.read_bytes() == before


def test_folders_and_pipes_are_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(DatabaseError, match="something else"):
            _open(path)


@pytest.mark.parametrize("version", [str(SCHEMA_VERSION + 1), "0", "-1", "abc", "²", ""])
def test_an_unknown_schema_version_is_refused(path: Path, version: str) -> None:
    store = _open(path)
    with store.writing() as connection:
        write_meta(connection, "schema_version", version)
    store.close()
    for read_only in (False, True):
        with pytest.raises(SchemaVersionError, match="schema version"):
            _open(path, read_only=read_only)


def test_a_database_without_revision_is_refused(path: Path) -> None:
    store = _open(path)
    with store.writing() as connection:
        connection.exec_driver_sql("DELETE FROM meta WHERE key = 'revision'")
    with pytest.raises(DatabaseError, match="revision"), store.reading() as connection:
        read_revision(connection)
    store.close()


def test_migrations_are_numbered_without_gaps_and_run_once(path: Path) -> None:
    # Version 1 is where the first databases began; the newest is made from the schema.
    assert [m.version for m in MIGRATIONS] == list(range(2, SCHEMA_VERSION + 1))
    store = _open(path)
    with store.writing() as connection:
        assert apply_pending(connection) == []
    store.close()


def test_an_error_rolls_the_transaction_back(path: Path) -> None:
    store = _open(path)

    def write_and_fail() -> None:
        with store.writing() as connection:
            write_meta(connection, "revision", "5")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_and_fail()
    with store.reading() as connection:
        assert read_revision(connection) == 0
    store.close()


def test_a_second_writer_gets_a_busy_error(path: Path) -> None:
    first, second = _open(path), _open(path, busy_timeout_s=0.05)
    with first.writing(), pytest.raises(DatabaseBusyError), second.writing():
        pass
    with second.writing() as connection:
        write_meta(connection, "revision", "1")
    first.close()
    second.close()


def test_a_writer_waits_for_another_thread(path: Path) -> None:
    store = _open(path)
    entered, revisions = threading.Event(), []

    def write() -> None:
        entered.set()
        with store.writing() as connection:
            revisions.append(read_revision(connection))

    thread = threading.Thread(target=write)
    with store.writing() as connection:
        thread.start()
        assert entered.wait(10)
        write_meta(connection, "revision", "3")
    thread.join(10)
    assert revisions == [3]
    store.close()


def test_a_reader_keeps_its_state_while_another_writes(path: Path) -> None:
    store = _open(path)
    with store.reading() as reader:
        assert read_revision(reader) == 0
        with store.writing() as writer:
            write_meta(writer, "revision", "1")
        assert read_revision(reader) == 0
    with store.reading() as reader:
        assert read_revision(reader) == 1
    store.close()


def test_read_only_refuses_writes(path: Path) -> None:
    store = _open(path, read_only=True)
    with pytest.raises(DatabaseError, match="read-only"), store.writing():
        pass
    with (
        pytest.raises(DatabaseError, match="read-only"),
        store.reading() as connection,
    ):
        write_meta(connection, "revision", "1")
    store.close()


def test_a_closed_store_says_so(path: Path) -> None:
    store = _open(path)
    store.close()
    store.close()
    with pytest.raises(DatabaseError, match="closed"), store.reading():
        pass


def test_names_that_sqlite_would_interpret_are_plain_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (":memory:", "file:x?mode=memory", "a?b#c%41.db", "Kindesmißbrauch \udcff.db"):
        store = _open(Path(name), create=True)
        store.close()
        assert os.path.isfile(name)  # noqa: PTH113
        _open(Path(name), read_only=True).close()


def test_no_value_stands_in_the_text_of_an_error(path: Path) -> None:
    """Values are what people say about media; errors end in logs."""
    store = _open(path)
    with pytest.raises(DatabaseError) as caught, store.writing() as connection:
        connection.exec_driver_sql("INSERT INTO meta (key, value) VALUES (?, NULL)", ("secret",))
    store.close()
    assert "NOT NULL" in str(caught.value)
    assert "secret" not in f"{caught.value} {caught.value.__cause__}"
