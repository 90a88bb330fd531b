"""Many rows into one table at once, and ids for them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Table, func, select

from hashmatch.store.schema import meta
from hashmatch.store.sql import Row, is_postgres, run_many


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows whose values stand in the order of the table's columns."""
    if not rows:
        return
    if is_postgres(connection):
        from hashmatch.store.postgres_rows import copy_rows

        copy_rows(connection, table, rows)
        return
    # By name: a column that a migration added may stand elsewhere in an older file.
    names = ", ".join(table.columns.keys())
    marks = ", ".join("?" * len(table.columns))
    run_many(connection, f"INSERT INTO {table.name} ({names}) VALUES ({marks})", rows)  # noqa: S608


def next_id(connection: Connection, table: Table) -> int:
    """The first id that no row has or had; holds while the transaction has the write lock."""
    highest = connection.scalar(select(func.max(table.c.id)))
    # Deleting rows leaves this: see erasing.keep_ids_unique.
    kept = connection.scalar(select(meta.c.value).where(meta.c.key == f"next_id:{table.name}"))
    return max(1 if highest is None else int(highest) + 1, 1 if kept is None else int(kept))
