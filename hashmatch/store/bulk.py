"""Many rows at once, through the driver: set-based look-ups and inserts.

SQLAlchemy's own row handling costs more than SQLite's; an import meets every row three times,
so these paths hand tuples straight to the driver. Texts must have passed ``encode_text``.
Identifiers come from the schema and values are always bound, never written into the SQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, func, select

Item = TypeVar("Item")

MAX_VARIABLES = 30_000
"""Bound values of one statement; SQLite's own default limit is 32,766."""


def chunks(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """Consecutive slices of at most ``size`` items."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def insert_rows(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows whose values stand in the order of the table's columns."""
    if rows:
        # By name: a column that a migration added may stand elsewhere in an older file.
        names = ", ".join(table.columns.keys())
        marks = ", ".join("?" * len(table.columns))
        sql = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608
        connection.exec_driver_sql(sql, list(rows))


def select_in(
    connection: Connection,
    sql: str,
    keys: Iterable[tuple[Any, ...]],
    parameters: tuple[Any, ...] = (),
) -> Iterator[tuple[Any, ...]]:
    """Run ``sql`` over many keys, a chunk of them a statement.

    Args:
        sql: a SELECT that reads the keys from ``wanted(k0, k1, ...)``. Its own parameters
            stand behind that table's, which comes first in the statement.
        keys: tuples of one length.
        parameters: the values of the ``?`` in ``sql``.
    """
    wanted = list(keys)
    if not wanted:
        return
    width = len(wanted[0])
    names = ", ".join(f"k{number}" for number in range(width))
    row = "(" + ", ".join("?" * width) + ")"
    for chunk in chunks(wanted, (MAX_VARIABLES - len(parameters)) // width):
        values = ", ".join([row] * len(chunk))
        statement = f"WITH wanted({names}) AS (VALUES {values}) {sql}"
        bound = tuple(value for key in chunk for value in key) + parameters
        yield from map(tuple, connection.exec_driver_sql(statement, bound))


def next_id(connection: Connection, table: Table) -> int:
    """The first free id; holds until the end of a transaction that has the write lock."""
    highest = connection.scalar(select(func.max(table.c.id)))
    return 1 if highest is None else int(highest) + 1
