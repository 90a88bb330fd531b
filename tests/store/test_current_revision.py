from __future__ import annotations

from pathlib import Path

import pytest

from hashmatch.database import open_database
from hashmatch.errors import DatabaseError
from hashmatch.store import SqliteStore, open_sqlite, write_meta


def opened(path: Path, *, create: bool = False) -> SqliteStore:
    return open_sqlite(
        path, create=create, read_only=not create, busy_timeout_s=1.0, on_create=lambda _: None
    )


def test_the_current_revision_is_what_any_connection_committed(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    store = opened(path, create=True)
    other = opened(path)
    assert (store.current_revision(), other.current_revision()) == (0, 0)
    with store.writing() as connection:
        write_meta(connection, "revision", "7")
        assert other.current_revision() == 0
    assert (store.current_revision(), other.current_revision()) == (7, 7)
    other.close()
    with pytest.raises(DatabaseError, match="closed"):
        other.current_revision()
    store.close()


def test_a_damaged_database_is_named_in_the_error(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with open_database(path, create=True) as db:
        with db._store.writing() as connection:
            connection.exec_driver_sql("DROP TABLE meta")
        with pytest.raises(DatabaseError, match=r"a\.db.*no such table"):
            db._store.current_revision()
