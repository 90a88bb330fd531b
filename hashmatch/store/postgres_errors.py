"""What a PostgreSQL server's errors mean, by SQLSTATE."""

from __future__ import annotations

from typing import Any

from hashmatch.errors import DatabaseBusyError, DatabaseError

_LOST = "the connection to the server can't be made or was lost; what was not committed is undone"
_ENDED = "the server ended the connection; what was not committed is undone"

# By state, or by its class (the first two characters) where no state of it is listed.
MEANINGS: dict[str, tuple[type[DatabaseError], str]] = {
    "08": (DatabaseError, _LOST),
    "22": (DatabaseError, "the server refused a value"),
    "23": (DatabaseError, "a row contradicts the tables' rules"),
    "25006": (DatabaseError, "the database is read-only"),
    "28": (DatabaseError, "the server refused the login"),
    "3D": (DatabaseError, "there is no such database"),
    "3F": (DatabaseError, "there is no hashmatch database in it"),
    "40": (DatabaseBusyError, "another transaction was in the way; try again"),
    "42501": (DatabaseError, "this login may not do that; docs/postgres.md says which role may"),
    "42P01": (DatabaseError, "the tables are not those of a hashmatch database"),
    "53100": (DatabaseError, "the server's disk is full; nothing was changed"),
    "53200": (DatabaseError, "the server is out of memory"),
    "53300": (DatabaseError, "the server has no connection left"),
    "55P03": (DatabaseBusyError, "another connection held the write lock for too long"),
    "57014": (DatabaseError, "the server cancelled the statement"),
    "57": (DatabaseError, _ENDED),
    "58": (DatabaseError, "the server's system reported an error"),
    "XX": (DatabaseError, "the server reports damage or an internal error"),
}


def meaning_of(cause: Any) -> tuple[type[DatabaseError], str] | None:
    """Kind and words for an exception of psycopg; None for another one.

    Of the server's text only the first line is kept: what follows quotes rows.
    """
    if type(cause).__module__.partition(".")[0] != "psycopg":
        return None
    state = getattr(cause, "sqlstate", None)
    text = (str(cause).strip().splitlines() or [type(cause).__name__])[0]
    if state is None:
        lost = type(cause).__name__ in ("OperationalError", "ConnectionTimeout")
        kind, meaning = (DatabaseError, _LOST) if lost else (DatabaseError, type(cause).__name__)
    else:
        found = MEANINGS.get(state) or MEANINGS.get(state[:2])
        kind, meaning = found or (DatabaseError, type(cause).__name__)
    return kind, f"{meaning} ({text})"
