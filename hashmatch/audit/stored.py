"""Entries as they really lie in the table, before any type makes them look right.

Whoever changes the table can put any value into a column of SQLite, and the conversions of the
column's type would hide some of it (a number becomes that many zero bytes, and one text has several
stored forms). So values are read bare, and what no entry ever had is named.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, select, type_coerce
from sqlalchemy.types import NullType

from hashmatch.audit.entry import AuditEntry
from hashmatch.errors import AuditTamperedError

COLUMNS = ("seq", "at", "actor", "action", "revision", "details", "previous_digest", "digest")
BLOCK = 4_096
"""Rows that are read from the database at once."""

_TYPES: tuple[type, ...] = (int, str, str, str, int, str, bytes, bytes)
_TEXTS = ("actor", "action")


def stored_rows(
    connection: Connection,
    entries: Table,
    *conditions: ColumnElement[bool],
    after: int = 0,
    last: int | None = None,
) -> Generator[Sequence[Any]]:
    """Bare rows in the order of ``seq``, in bounded memory; to be closed if not read to the end.

    Args:
        conditions: which rows.
        after: only entries with a larger ``seq``.
        last: only so many, from the end.
    """
    bare = [type_coerce(entries.c[name], NullType()).label(name) for name in COLUMNS]
    # Without the first condition where nothing is left out: a tampered log has a seq below 1.
    wanted = [entries.c.seq > after, *conditions] if after else list(conditions)
    query = select(*bare).where(*wanted)
    if last is not None:
        tail = query.order_by(entries.c.seq.desc()).limit(last).subquery()
        query = select(tail).order_by(tail.c.seq)
    else:
        query = query.order_by(entries.c.seq)
    with connection.execute(query.execution_options(yield_per=BLOCK)) as rows:
        for block in rows.partitions():
            yield from block


class Decoder:
    """From bare rows to entries: types are required, texts must be in the form they are written."""

    def __init__(self, connection: Connection, entries: Table) -> None:
        dialect = connection.dialect
        # As the column's own type reads and writes a text.
        self._forms: list[tuple[int, Callable[[Any], Any], Callable[[Any], Any]]] = []
        for name in _TEXTS:
            kind = entries.c[name].type
            read, write = kind.result_processor(dialect, None), kind.bind_processor(dialect)
            if read is not None and write is not None:
                self._forms.append((COLUMNS.index(name), read, write))

    def values(self, row: Sequence[Any]) -> list[Any]:
        """The eight values of a row, in the order of ``COLUMNS``.

        Raises:
            AuditTamperedError: one of them is none that an entry ever had.
        """
        if tuple(map(type, row)) != _TYPES:
            raise _wrong_type(row)
        values = list(row)
        for place, read, write in self._forms:
            values[place] = read(row[place])
            if write(values[place]) != row[place]:
                raise AuditTamperedError(
                    f"audit entry {row[0]}: its content was changed: {COLUMNS[place]} is not in "
                    "the form in which it is stored"
                )
        return values

    def entry(self, row: Sequence[Any]) -> AuditEntry:
        """The same as an entry; its seal is not looked at."""
        return AuditEntry(*self.values(row))


def _wrong_type(row: Sequence[Any]) -> AuditTamperedError:
    wrong = [
        f"{name} is {type(value).__name__}, expected {kind.__name__}"
        for name, value, kind in zip(COLUMNS, row, _TYPES, strict=True)
        if type(value) is not kind
    ]
    return AuditTamperedError(f"audit entry {row[0]!r}: its content was changed: {wrong[0]}")
