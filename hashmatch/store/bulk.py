"""Many rows into one table at once, and ids for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Table, func, select

from hashmatch.store.schema import meta
from hashmatch.store.sql import Row, is_postgres, run_many


def insert_rows(
    connection: Connection,
    table: Table,
    rows: Sequence[Row],
    columns: tuple[str, ...] | None = None,
    same: Mapping[str, int] | None = None,
) -> None:
    """Insert rows.

    Args:
        columns: what the values of a row are for, all of the table's in their order by default.
            Others have no value: not to hand over a million NULLs is faster.
        same: numbers, True and False of other columns, which are the same in all rows.
    """
    if not rows:
        return
    same = same or {}
    if columns is None:
        columns = tuple(table.columns.keys())
    if is_postgres(connection):
        from hashmatch.store.postgres_rows import copy_rows

        if same:
            rows = [(*row, *same.values()) for row in rows]
        copy_rows(connection, table, rows, (*columns, *same))
        return
    # By name: a column that a migration added may stand elsewhere in an older file.
    names = ", ".join((*columns, *same))
    marks = ", ".join((*"?" * len(columns), *(str(int(value)) for value in same.values())))
    run_many(connection, f"INSERT INTO {table.name} ({names}) VALUES ({marks})", rows)  # noqa: S608


def next_id(connection: Connection, table: Table) -> int:
    """The first id that no row has or had; holds while the transaction has the write lock."""
    highest = connection.scalar(select(func.max(table.c.id)))
    # Deleting rows leaves this: see erasing.keep_ids_unique.
    kept = connection.scalar(select(meta.c.value).where(meta.c.key == f"next_id:{table.name}"))
    return max(1 if highest is None else int(highest) + 1, 1 if kept is None else int(kept))
