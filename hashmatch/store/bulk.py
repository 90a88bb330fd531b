"""Many rows into one table at once, and ids for them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Table, func, select

from hashmatch.store.schema import meta
from hashmatch.store.sql import Row, is_postgres, run_many


def insert_rows(
    connection: Connection,
    table: Table,
    rows: Sequence[Row],
    columns: tuple[str, ...] | None = None,
) -> None:
    """Insert rows.

    Args:
        columns: what the values of a row are for, all of the table's in their order by default.
            Others have no value: not to hand over a million NULLs is faster.
    """
    if not rows:
        return
    if columns is None:
        columns = tuple(table.columns.keys())
    if is_postgres(connection):
        from hashmatch.store.postgres_rows import copy_rows

        copy_rows(connection, table, rows, columns)
        return
    # By name: a column that a migration added may stand elsewhere in an older file.
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    run_many(connection, f"INSERT INTO {table.name} ({names}) VALUES ({marks})", rows)  # noqa: S608


def next_id(connection: Connection, table: Table) -> int:
    """The first id that no row has or had; holds while the transaction has the write lock."""
    highest = connection.scalar(select(func.max(table.c.id)))
    # Deleting rows leaves this: see erasing.keep_ids_unique.
    kept = connection.scalar(select(meta.c.value).where(meta.c.key == f"next_id:{table.name}"))
    return max(1 if highest is None else int(highest) + 1, 1 if kept is None else int(kept))
