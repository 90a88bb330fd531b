"""From a path or URL to an open database."""

from __future__ import annotations

import os
import re
from os import PathLike
from pathlib import Path

from sqlalchemy import Connection

from hashmatch.database.acting import AUDIT_LOG, current_actor
from hashmatch.database.database import Database
from hashmatch.errors import DatabaseError, InputError, InputTypeError
from hashmatch.store import SCHEMA_VERSION, open_sqlite, read_revision

_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<rest>.*)", re.DOTALL)


def open_database(
    path_or_url: str | PathLike[str],
    *,
    create: bool = False,
    exist_ok: bool = True,
    read_only: bool = False,
    busy_timeout_s: float = 30.0,
    actor: str | None = None,
) -> Database:
    """Open a national database.

    Args:
        path_or_url: path of a SQLite file, or "sqlite:///path" ("sqlite:////path" from the root).
        create: create the file if it is missing; an existing database is just opened. Nothing
            is ever created without it.
        exist_ok: with ``create``, whether the file may be there already.
        read_only: refuse every write, pending migrations and exports included.
        busy_timeout_s: seconds that a write waits for another one.
        actor: who creates it, for the audit log; by default the operating system's account.

    Raises:
        DatabaseError: there is no such file, or it is no hashmatch database, or the URL names a
            database system that this version does not support, or it is there and must not be.
        SchemaVersionError: the schema is newer than this version of hashmatch, or unknown.
        DatabaseBusyError: creation or a migration waited too long for another writer.
        InputError: ``create`` together with ``read_only``, or an empty path.
    """
    if create and read_only:
        raise InputError("create: expected False with read_only=True, got True")
    path = _sqlite_path(path_or_url)
    if create and not exist_ok and os.path.lexists(path):
        raise DatabaseError(f"{path}: expected a new file, found one; nothing was changed")

    def on_create(connection: Connection) -> None:
        AUDIT_LOG.append(
            connection,
            actor=current_actor(actor),
            action="init",
            revision=read_revision(connection),
            details={"schema_version": SCHEMA_VERSION},
        )

    store = open_sqlite(
        path,
        create=create,
        read_only=read_only,
        busy_timeout_s=busy_timeout_s,
        on_create=on_create,
    )
    return Database(store)


def _sqlite_path(path_or_url: str | PathLike[str]) -> Path:
    if not isinstance(path_or_url, (str, PathLike)):
        raise InputTypeError(f"path_or_url: expected a path, got {type(path_or_url).__name__}")
    text = os.fspath(path_or_url)
    url = _URL.fullmatch(text) if isinstance(path_or_url, str) else None
    if url is not None:
        if url["scheme"].lower() != "sqlite" or not url["rest"].startswith("/"):
            # Not the rest of the URL: it may hold a password.
            raise DatabaseError(
                "database URL: expected a path or sqlite:///path, got one of scheme "
                f"{url['scheme']!r}; this version supports SQLite only"
            )
        text = url["rest"][1:]
    if not text or "\0" in text:
        raise InputError(f"path_or_url: expected the path of a file, got {text!r}")
    return Path(text)
