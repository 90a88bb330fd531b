"""Opening an SQLite file: what it must be, how it is made, which schema it has."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, func, select, table

from hashmatch.errors import DatabaseError, SchemaVersionError
from hashmatch.store.migrations import (
    SCHEMA_VERSION,
    apply_pending,
    create_tables,
    require_known_version,
    schema_version,
)
from hashmatch.store.sqlite import SqliteStore
from hashmatch.store.sqlite_driver import PLAIN, SqliteDriver

APPLICATION_ID = 0x484D4442
"""``PRAGMA application_id`` of a hashmatch database: "HMDB"."""
_PAGE_BYTES = 8192
"""Of new files: rows of statements are long, and fewer pages are written than with 4096."""
_MAGIC = b"SQLite format 3\x00"


def open_sqlite(
    path: Path,
    *,
    create: bool,
    read_only: bool,
    busy_timeout_s: float,
    on_create: Callable[[Connection], None],
    driver: SqliteDriver = PLAIN,
) -> SqliteStore:
    """Open, and only where asked for create, a hashmatch database file.

    Args:
        path: the file. A new one gets mode 0600.
        create: create a missing (or empty) file; an existing database is just opened.
        read_only: nothing is written, not even pending migrations.
        busy_timeout_s: how long a writer waits for another one.
        on_create: runs in the transaction that creates the tables.
        driver: the library that opens it, with its key if it encrypts.

    Raises:
        DatabaseError: the file is missing, or is no SQLite file, or is not hashmatch's, or is
            encrypted and the driver or its key does not fit.
        SchemaVersionError: the schema is newer or unknown, or needs a migration and
            ``read_only`` forbids it.
        DatabaseBusyError: a migration or creation waited too long for another writer.
    """
    if create and not read_only:
        _create_file(path)
    is_empty = _require_sqlite_file(
        path, allow_empty=create and not read_only, encrypted=driver.encrypted
    )
    store = SqliteStore(path, read_only=read_only, busy_timeout_s=busy_timeout_s, driver=driver)
    try:
        if driver.encrypted and not is_empty:
            _require_key(store)
        if is_empty or (create and not read_only and _is_blank(store)):
            _initialise(store, on_create)
        _check(store)
        if not read_only:
            _keep_write_ahead(store)
            _migrate(store)
    except BaseException:
        store.close()
        raise
    return store


def _create_file(path: Path) -> None:
    try:
        # The mode must be right before the first byte is in the file.
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    except (OSError, ValueError) as error:
        raise DatabaseError(f"{path}: can't create the database file: {error}") from error
    os.close(descriptor)


def _require_sqlite_file(path: Path, *, allow_empty: bool, encrypted: bool) -> bool:
    """Check type and magic before SQLite touches the file; True where it has no bytes."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise DatabaseError(f"{path}: expected a database file, got something else")
        with path.open("rb") as file:
            head = file.read(len(_MAGIC))
    except FileNotFoundError as error:
        raise DatabaseError(
            f"{path}: there is no such database; create it with `hashmatch db init` "
            "or open_database(..., create=True)"
        ) from error
    except (OSError, ValueError) as error:
        raise DatabaseError(f"{path}: can't read the database file: {error}") from error
    if not head and allow_empty:
        return True
    if encrypted:
        if head == _MAGIC:
            raise DatabaseError(
                f"{path}: expected an encrypted database, got one that is not encrypted; "
                "open it by its path alone"
            )
        return False  # any other bytes may be one: its key tells
    if head != _MAGIC:
        raise DatabaseError(
            f"{path}: expected a SQLite database, got another kind of file; an encrypted database "
            "is opened as sqlite+cipher:///path"
        )
    return False


def _require_key(store: SqliteStore) -> None:
    """Read the first page, which fails unless the key is the file's."""
    try:
        with store.reading() as connection:
            connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar()
    except DatabaseError as error:
        if getattr(_driver_error(error), "sqlite_errorname", None) != "SQLITE_NOTADB":
            raise
        raise DatabaseError(
            f"{store.path}: the key does not open it: it is another database's key, or the file "
            "is no encrypted database, or its beginning is damaged"
        ) from None


def _driver_error(error: DatabaseError) -> object:
    return getattr(error.__cause__, "orig", None) or error.__cause__


def _is_blank(store: SqliteStore) -> bool:
    """Whether the file holds nothing yet: its creation was interrupted."""
    with store.reading() as connection:
        objects = connection.scalar(select(func.count()).select_from(table("sqlite_master")))
        return objects == 0 and connection.exec_driver_sql("PRAGMA application_id").scalar() == 0


def _initialise(store: SqliteStore, on_create: Callable[[Connection], None]) -> None:
    _keep_write_ahead(store, page_bytes=None if store.encrypted else _PAGE_BYTES)
    with store.writing() as connection:
        if schema_version(connection) == 0:  # else another process was faster
            connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
            create_tables(connection)
            on_create(connection)


def _keep_write_ahead(store: SqliteStore, *, page_bytes: int | None = None) -> None:
    """Set the journal mode, which stays with the file; nothing where it is set already.

    A change of key that was interrupted leaves it at another one.

    Args:
        page_bytes: of the pages of a file that has none yet.
    """
    with store.mapped_errors(), closing(store.connect()) as raw:
        if page_bytes is not None:
            raw.execute(f"PRAGMA page_size = {page_bytes}")
        mode = raw.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise DatabaseError(
            f"{store.path}: expected write-ahead journalling, got {mode!r}; "
            "put the database on a local file system"
        )


def _check(store: SqliteStore) -> None:
    with store.reading() as connection:
        application = connection.exec_driver_sql("PRAGMA application_id").scalar()
        if application != APPLICATION_ID:
            raise DatabaseError(
                f"{store.path}: expected a hashmatch database (application id "
                f"{APPLICATION_ID:#x}), got a SQLite file of application id {application:#x}"
            )
        version = schema_version(connection)
    require_known_version(version)
    if store.read_only and version < SCHEMA_VERSION:
        raise SchemaVersionError(
            f"{store.path}: expected schema version {SCHEMA_VERSION}, got {version}; "
            "open it once for writing, that migrates it"
        )


def _migrate(store: SqliteStore) -> None:
    with store.reading() as connection:
        if schema_version(connection) == SCHEMA_VERSION:
            return
    with store.writing() as connection:
        apply_pending(connection)
