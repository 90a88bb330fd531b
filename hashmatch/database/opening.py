"""From a path or URL to an open database."""

from __future__ import annotations

import os
import re
from os import PathLike
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from hashmatch.database.acting import AUDIT_LOG, current_actor
from hashmatch.database.database import Database
from hashmatch.errors import DatabaseError, InputError, InputTypeError, MissingExtraError
from hashmatch.store import (
    PLAIN,
    SCHEMA_VERSION,
    Store,
    cipher_driver,
    find_key,
    open_sqlite,
    read_revision,
)

_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<rest>.*)", re.DOTALL)
_CIPHER = "sqlite+cipher"


def open_database(
    path_or_url: str | PathLike[str],
    *,
    create: bool = False,
    exist_ok: bool = True,
    read_only: bool = False,
    busy_timeout_s: float = 30.0,
    key_file: str | PathLike[str] | None = None,
    actor: str | None = None,
) -> Database:
    """Open a national database.

    Args:
        path_or_url: path of a SQLite file, "sqlite:///path" ("sqlite:////path" from the root),
            "sqlite+cipher:///path" of an encrypted one, or
            "postgresql://user@host:port/database?option=value" with the options of libpq. A
            password belongs in libpq's password file, not in the URL.
        create: create the file if it is missing, or on a server the tables in a database that
            exists; an existing hashmatch database is just opened. Nothing is created without it.
        exist_ok: with ``create``, whether the hashmatch database may be there already.
        read_only: refuse every write, pending migrations and exports included.
        busy_timeout_s: seconds that a write waits for another one.
        key_file: path of the file with the key of an encrypted database, mode 0600; by default the
            environment says it: HASHMATCH_KEY_FILE, or HASHMATCH_KEY with the key itself.
        actor: who creates it, for the audit log; by default the operating system's account.

    Raises:
        DatabaseError: there is no such file or database, or it is not hashmatch's, or the URL
            names a database system that this version does not support, or it is there and must
            not be, or the server can't be reached, or the key is missing or does not fit.
        SchemaVersionError: the schema is newer than this version of hashmatch, or unknown.
        DatabaseBusyError: creation or a migration waited too long for another writer.
        InputError: ``create`` together with ``read_only``, an empty path, or a URL that can't be
            read.
        MissingExtraError: PostgreSQL's driver or SQLCipher is not installed.
    """
    if create and read_only:
        raise InputError("create: expected False with read_only=True, got True")
    encrypted = is_encrypted(path_or_url)
    if key_file is not None and not encrypted:
        raise InputError("key_file: expected one only with sqlite+cipher:///path")

    def on_create(connection: Connection) -> None:
        AUDIT_LOG.append(
            connection,
            actor=current_actor(actor),
            action="init",
            revision=read_revision(connection),
            details={"schema_version": SCHEMA_VERSION},
        )

    if isinstance(path_or_url, str) and is_server(path_or_url):
        return Database(
            _open_postgres(
                path_or_url,
                create=create,
                exist_ok=exist_ok,
                read_only=read_only,
                busy_timeout_s=busy_timeout_s,
                on_create=on_create,
            )
        )
    path = sqlite_path(path_or_url)
    if create and not exist_ok and os.path.lexists(path):
        raise DatabaseError(f"{path}: expected a new file, found one; nothing was changed")
    return Database(
        open_sqlite(
            path,
            create=create,
            read_only=read_only,
            busy_timeout_s=busy_timeout_s,
            on_create=on_create,
            driver=cipher_driver(find_key(key_file, os.environ)) if encrypted else PLAIN,
        )
    )


def is_encrypted(path_or_url: str | PathLike[str]) -> bool:
    """Whether it names an encrypted database: ``sqlite+cipher:///path``."""
    url = _URL.fullmatch(path_or_url) if isinstance(path_or_url, str) else None
    return url is not None and url["scheme"].lower() == _CIPHER


def is_server(text: str) -> bool:
    """Whether it names a database on a server: postgresql://…"""
    url = _URL.fullmatch(text)
    return url is not None and url["scheme"].lower() in ("postgresql", "postgres")


def _open_postgres(url: str, **options: Any) -> Store:
    try:
        from hashmatch.store.postgres import open_postgres
    except ImportError as error:
        if error.name is not None and error.name.partition(".")[0] == "hashmatch":
            raise
        raise MissingExtraError(
            f"a PostgreSQL database needs psycopg: pip install 'hashmatch[postgres]' ({error})"
        ) from error
    return open_postgres(url, **options)


def sqlite_path(path_or_url: str | PathLike[str]) -> Path:
    """The file that a path or URL of SQLite names.

    Raises:
        DatabaseError: it is a URL of something else.
        InputError: it names no file.
    """
    if not isinstance(path_or_url, (str, PathLike)):
        raise InputTypeError(f"path_or_url: expected a path, got {type(path_or_url).__name__}")
    text = os.fspath(path_or_url)
    url = _URL.fullmatch(text) if isinstance(path_or_url, str) else None
    if url is not None:
        if url["scheme"].lower() not in ("sqlite", _CIPHER) or not url["rest"].startswith("/"):
            # Not the rest of the URL: it may hold a password.
            raise DatabaseError(
                "database URL: expected a path, sqlite:///path, sqlite+cipher:///path or "
                f"postgresql://user@host/database, got one of scheme {url['scheme']!r}; "
                "this version supports SQLite and PostgreSQL"
            )
        text = url["rest"][1:]
    if not text or "\0" in text:
        raise InputError(f"path_or_url: expected the path of a file, got {text!r}")
    return Path(text)
