"""SQL through the driver, spelled once for every engine.

SQLAlchemy's own row handling costs more than the engines'; an import meets every row several times,
so these paths hand tuples straight to the driver. Statements are written with ``?`` for each bound
value and contain no other question mark; `` IS ?`` is equality that NULL has with NULL. Identifiers
come from the schema, and values are always bound, never written into the SQL. Texts must have
passed ``encode_text``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Connection, CursorResult

Row = tuple[Any, ...]
Item = TypeVar("Item")
MAX_VARIABLES = 30_000
"""Bound values of one statement; SQLite's own default limit is 32,766."""
_FETCHED = 1_000


def is_postgres(connection: Connection) -> bool:
    """Whether the engine is PostgreSQL; else it is SQLite."""
    return connection.dialect.name == "postgresql"


def run(connection: Connection, sql: str, parameters: Row = ()) -> CursorResult[*tuple[Any, ...]]:
    """Execute one statement."""
    return connection.exec_driver_sql(_spelled(connection, sql), parameters)


def run_many(connection: Connection, sql: str, rows: Sequence[Row]) -> None:
    """Execute one statement for each row of parameters; nothing where there is none."""
    if not rows:
        return
    if is_postgres(connection):
        from hashmatch.store.postgres_rows import insert_by_arrays

        if insert_by_arrays(connection, to_postgres(sql), rows):
            return
    connection.exec_driver_sql(_spelled(connection, sql), list(rows))


def stream(
    connection: Connection, sql: str, parameters: Row = (), *, block: int
) -> Iterator[Sequence[Row]]:
    """The rows of a SELECT in blocks of at most ``block``, never all of them in memory."""
    if is_postgres(connection):
        from hashmatch.store.postgres_rows import stream_rows

        yield from stream_rows(connection, to_postgres(sql), parameters, block=block)
        return
    rows = run(connection, sql, parameters)
    cursor = rows.cursor  # the driver's own: SQLAlchemy would wrap every row
    while cursor is not None and (found := cursor.fetchmany(block)):
        yield found
    rows.close()


def select_in(
    connection: Connection, sql: str, keys: Iterable[Row], parameters: Row = ()
) -> Iterator[Row]:
    """Run ``sql`` over many keys, a chunk of them a statement.

    Args:
        sql: a SELECT that reads the keys from ``wanted(k0, k1, ...)``. Its own parameters
            stand behind that table's, which comes first in the statement. It may be run key by
            key, so it must not order, count or make distinct across keys.
        keys: tuples of one length, each place of one type (int, str or bytes) and never None.
        parameters: the values of the ``?`` in ``sql``.
    """
    wanted = list(keys)
    if not wanted:
        return
    if is_postgres(connection):
        from hashmatch.store.postgres_rows import KEYS, select_by_arrays

        for chunk in chunks(wanted, KEYS):
            yield from select_by_arrays(connection, to_postgres(sql), chunk, parameters)
        return
    width = len(wanted[0])
    names = ", ".join(f"k{number}" for number in range(width))
    row = "(" + ", ".join("?" * width) + ")"
    for chunk in chunks(wanted, (MAX_VARIABLES - len(parameters)) // width):
        values = ", ".join([row] * len(chunk))
        statement = f"WITH wanted({names}) AS (VALUES {values}) {sql}"
        bound = tuple(value for key in chunk for value in key) + parameters
        rows = run(connection, statement, bound)
        cursor = rows.cursor  # the driver's own, as in stream
        while cursor is not None and (found := cursor.fetchmany(_FETCHED)):
            yield from found
        rows.close()


def chunks(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """Consecutive slices of at most ``size`` items."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


@lru_cache(maxsize=1024)
def to_postgres(sql: str) -> str:
    """The statement as psycopg takes it."""
    sql = sql.replace("%", "%%")
    for ours, theirs in (
        (" IS NOT ?", " IS DISTINCT FROM %s"),
        (" IS ?", " IS NOT DISTINCT FROM %s"),
        ("?", "%s"),
    ):
        sql = sql.replace(ours, theirs)
    return sql


def _spelled(connection: Connection, sql: str) -> str:
    return to_postgres(sql) if is_postgres(connection) else sql
