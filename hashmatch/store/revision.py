"""The ``meta`` table: schema version and the revision, the counter of content changes."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select, update

from hashmatch.errors import DatabaseError
from hashmatch.store.schema import meta, revision_log


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


def raise_revision(
    connection: Connection,
    *,
    action: str,
    first_opinion_id: int,
    first_hash_id: int,
    source_id: int | None = None,
    snapshot_id: int | None = None,
) -> int:
    """Count one change of content and log it, at the end of the transaction that made it.

    Args:
        action: import, withdraw.
        first_opinion_id, first_hash_id: what the change added has these ids or larger ones.
    """
    revision = read_revision(connection) + 1
    write_meta(connection, "revision", str(revision))
    connection.execute(
        insert(revision_log).values(
            revision=revision,
            at=datetime.now(UTC).isoformat(timespec="microseconds"),
            action=action,
            source_id=source_id,
            snapshot_id=snapshot_id,
            first_opinion_id=first_opinion_id,
            first_hash_id=first_hash_id,
        )
    )
    return revision
