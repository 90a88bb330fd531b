"""Many keys and many rows on PostgreSQL: arrays for keys, COPY for rows, cursors for results."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import count
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Double,
    Integer,
    LargeBinary,
    String,
    Table,
    TypeDecorator,
)
from sqlalchemy.types import TypeEngine

from hashmatch.errors import DatabaseError

KEYS = 20_000
"""Keys of one statement; more would only take memory."""

Row = tuple[Any, ...]
_ARRAYS: dict[type, str] = {int: "bigint[]", str: "text[]", bytes: "bytea[]", bool: "boolean[]"}
# The first that a column's type is an instance of: BigInteger is an Integer, SafeText a String.
_COPIED: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
    (BigInteger, "int8"),
    (Integer, "int4"),
    (Boolean, "bool"),
    (Double, "float8"),
    (LargeBinary, "bytea"),
    (String, "text"),
)
_INSERT = re.compile(r"(?P<head>\s*INSERT INTO .*) VALUES \(%s(?:, %s)*\)(?P<tail>.*)", re.DOTALL)
_cursor_numbers = count(1)


def raw_connection(connection: Connection) -> psycopg.Connection[Row]:
    """The driver's connection, in the same transaction."""
    raw = connection.connection.driver_connection
    if not isinstance(raw, psycopg.Connection):
        raise DatabaseError(f"expected a connection of psycopg, got {type(raw).__name__}")
    return raw


def select_by_arrays(
    connection: Connection, statement: str, keys: Sequence[Row], parameters: Row
) -> list[Row]:
    """Run one SELECT over ``wanted(k0, k1, ...)``, one array a column.

    It runs key by key: a planner that joins all keys at once needs statistics of the tables, and
    a transaction that fills them has none. A sub-select with a WITH of its own is never flattened.

    Args:
        statement: as PostgreSQL spells it, values as "%s".
        keys: at least one; tuples of one length.
    """
    casts = ", ".join(f"%s::{_ARRAYS[type(value)]}" for value in keys[0])
    names = ", ".join(f"k{number}" for number in range(len(keys[0])))
    one = ", ".join(f"given.k{number}" for number in range(len(keys[0])))
    with raw_connection(connection).cursor(binary=True) as cursor:
        cursor.execute(
            f"SELECT found.* FROM unnest({casts}) AS given({names}) CROSS JOIN LATERAL "  # noqa: S608
            f"(WITH wanted({names}) AS (SELECT {one}) {statement}) AS found",
            [*map(list, zip(*keys, strict=True)), *parameters],
        )
        return cursor.fetchall()


def insert_by_arrays(connection: Connection, statement: str, rows: Sequence[Row]) -> bool:
    """Run "INSERT INTO ... VALUES (%s, ...) ..." for all rows at once, one array a column.

    Returns:
        Whether it could: not if the statement is another one, or a column has no value at all.
    """
    insert = _INSERT.fullmatch(statement)
    if insert is None:
        return False
    columns = list(zip(*rows, strict=True))
    types = [_array_of(column) for column in columns]
    if None in types:
        return False
    casts = ", ".join(f"%s::{type_}" for type_ in types)
    with raw_connection(connection).cursor() as cursor:
        cursor.execute(
            f"{insert['head']} SELECT * FROM unnest({casts}) {insert['tail']}",  # noqa: S608
            list(map(list, columns)),
        )
    return True


def _array_of(column: Sequence[Any]) -> str | None:
    kinds = {type(value) for value in column if value is not None}
    return _ARRAYS.get(kinds.pop()) if len(kinds) == 1 else None


def stream_rows(
    connection: Connection, statement: str, parameters: Row, *, block: int
) -> Iterator[list[Row]]:
    """The rows of a SELECT in blocks, from a cursor on the server."""
    name = f"hashmatch_{next(_cursor_numbers)}"
    with raw_connection(connection).cursor(name, binary=True) as cursor:
        cursor.execute(statement, parameters)
        while found := cursor.fetchmany(block):
            yield found


def copy_rows(
    connection: Connection, table: Table, rows: Sequence[Row], columns: tuple[str, ...]
) -> None:
    """Insert rows whose values stand in the order of these columns."""
    command, types = _copy_command(table, columns)
    with (
        raw_connection(connection).cursor() as cursor,
        cursor.copy(command) as copy,
    ):
        copy.set_types(types)
        write = copy.write_row
        for row in rows:
            write(row)


@lru_cache(maxsize=64)
def _copy_command(table: Table, columns: tuple[str, ...]) -> tuple[sql.Composed, list[str]]:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    command = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        sql.Identifier(table.name), names
    )
    return command, [_copied_as(table.columns[name].type) for name in columns]


def _copied_as(type_: TypeEngine[Any]) -> str:
    if isinstance(type_, TypeDecorator):
        type_ = type_.impl_instance
    return next(name for kind, name in _COPIED if isinstance(type_, kind))
