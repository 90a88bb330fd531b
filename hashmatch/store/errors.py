"""Foreign exceptions of the database layer, mapped onto hashmatch's tree in this one place."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from hashmatch.errors import DatabaseBusyError, DatabaseError
from hashmatch.store.postgres_errors import meaning_of

FOREIGN_ERRORS: tuple[type[Exception], ...] = (SQLAlchemyError, sqlite3.Error, sqlite3.Warning)
"""Roots of everything that SQLAlchemy and the SQLite driver raise."""

# By SQLite's primary result code; what is not listed is a DatabaseError with its own text.
SQLITE_MEANINGS: dict[int, tuple[type[DatabaseError], str]] = {
    sqlite3.SQLITE_BUSY: (DatabaseBusyError, "another connection held the write lock for too long"),
    sqlite3.SQLITE_LOCKED: (DatabaseBusyError, "another connection held a table lock"),
    sqlite3.SQLITE_NOTADB: (DatabaseError, "the file is no SQLite database"),
    sqlite3.SQLITE_CORRUPT: (DatabaseError, "the file is damaged; restore it from a backup"),
    sqlite3.SQLITE_FULL: (DatabaseError, "the disk is full; nothing was changed"),
    sqlite3.SQLITE_READONLY: (DatabaseError, "the database is read-only"),
    sqlite3.SQLITE_CANTOPEN: (DatabaseError, "the file, or a file beside it, can't be opened"),
    sqlite3.SQLITE_IOERR: (DatabaseError, "the disk reported an error"),
    sqlite3.SQLITE_PERM: (DatabaseError, "access was refused"),
    sqlite3.SQLITE_NOMEM: (DatabaseError, "out of memory"),
}


def map_error(error: Exception, *, where: str) -> DatabaseError:
    """The error of ours that stands for a foreign one; the caller chains the two.

    Args:
        error: an instance of one of ``FOREIGN_ERRORS``, or of another driver's.
        where: the database's path or its URL without password, for the message.
    """
    cause = getattr(error, "orig", None) or error
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None and (code & 0xFF) in SQLITE_MEANINGS:
        kind, meaning = SQLITE_MEANINGS[code & 0xFF]
        return kind(f"{where}: {meaning} ({cause})")
    found = meaning_of(cause)
    if found is not None:
        kind, meaning = found
        return kind(f"{where}: {meaning}")
    return DatabaseError(f"{where}: {type(cause).__name__}: {cause}")


@contextmanager
def mapped_errors(where: str, *drivers: type[Exception]) -> Iterator[None]:
    """Raise ``DatabaseError`` or ``DatabaseBusyError`` in place of what the layers below raise.

    Args:
        drivers: roots of what drivers raise that are not always installed.
    """
    try:
        yield
    except (*FOREIGN_ERRORS, *drivers) as error:
        raise map_error(error, where=where) from error
