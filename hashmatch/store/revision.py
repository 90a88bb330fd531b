"""The ``meta`` table: schema version and the revision, the counter of content changes."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from hashmatch.errors import DatabaseError
from hashmatch.store.schema import meta


def read_meta(connection: Connection, key: str) -> str:
    """One value.

    Raises:
        DatabaseError: there is none, so this is no complete hashmatch database.
    """
    value = connection.scalar(select(meta.c.value).where(meta.c.key == key))
    if value is None:
        raise DatabaseError(f"meta: expected an entry {key!r}, got none")
    return str(value)


def write_meta(connection: Connection, key: str, value: str) -> None:
    """Set one value, new or not, within the caller's transaction."""
    if connection.execute(update(meta).where(meta.c.key == key).values(value=value)).rowcount == 0:
        connection.execute(insert(meta).values(key=key, value=value))


def read_revision(connection: Connection) -> int:
    """The revision that this transaction sees."""
    return int(read_meta(connection, "revision"))


def write_revision(connection: Connection, revision: int) -> None:
    write_meta(connection, "revision", str(revision))
