"""Deleting so that the bytes are gone, where the engine leaves that to us."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from sqlalchemy import Connection, Table, text

from hashmatch.errors import DatabaseBusyError
from hashmatch.store.bulk import next_id
from hashmatch.store.contract import Store
from hashmatch.store.revision import write_meta
from hashmatch.store.sql import is_postgres
from hashmatch.store.sqlite import SqliteStore


@contextmanager
def erasing(connection: Connection) -> Iterator[None]:
    """Within it, SQLite writes zeros over what is deleted; a server has ways of its own."""
    if is_postgres(connection):
        yield
        return
    connection.execute(text("PRAGMA secure_delete = ON"))
    try:
        yield
    finally:
        connection.execute(text("PRAGMA secure_delete = OFF"))


def compact(store: Store) -> bool:
    """Write an SQLite file anew without what was deleted, and empty the journal beside it.

    Returns:
        False where the database is on a server, which does that itself.

    Raises:
        DatabaseBusyError: a writer or a reader was in the way for too long.
        DatabaseError: the file can't be written anew, for example for want of space.
    """
    if not isinstance(store, SqliteStore):
        return False
    with store.mapped_errors(), closing(store.connect()) as connection:
        connection.execute("VACUUM")
        (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise DatabaseBusyError(
            f"{store.where}: a reader still uses what was deleted; it is gone from the file and "
            "its journal once nobody reads and the file is compacted again"
        )
    return True


def keep_ids_unique(connection: Connection, table: Table) -> None:
    """Before rows are deleted: no later row gets an id that one of them had."""
    write_meta(connection, f"next_id:{table.name}", str(next_id(connection, table)))
