"""One SQLite file as a store: created on request only, private, in write-ahead mode.

Readers see the state at which their transaction began and never wait; there is one writer at a
time, in this process and all others, and it holds the lock from its first statement.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, func, select, table
from sqlalchemy.pool import QueuePool

from hashmatch.errors import DatabaseError, SchemaVersionError
from hashmatch.store.errors import mapped_errors
from hashmatch.store.migrations import (
    SCHEMA_VERSION,
    apply_pending,
    create_tables,
    require_known_version,
    schema_version,
)
from hashmatch.store.revision_watch import RevisionWatch
from hashmatch.store.sqlite_driver import PLAIN, SqliteDriver

APPLICATION_ID = 0x484D4442
"""``PRAGMA application_id`` of a hashmatch database: "HMDB"."""
_MAGIC = b"SQLite format 3\x00"
_READ_CACHE_KIB = 16 * 1024
_WRITE_CACHE_KIB = 96 * 1024  # what does not fit is written to the journal and read back


class SqliteStore:
    """An open database file. Built by ``open_sqlite``; usable from several threads."""

    def __init__(
        self,
        path: Path,
        *,
        read_only: bool,
        busy_timeout_s: float,
        driver: SqliteDriver = PLAIN,
    ) -> None:
        self.path = path
        self.read_only = read_only
        self._driver = driver
        self._busy_timeout_s = busy_timeout_s
        self._closed = False
        self._engine = self._make_engine()
        self._watch = RevisionWatch(self._connect)

    @property
    def where(self) -> str:
        """The path, for messages."""
        return str(self.path)

    @property
    def encrypted(self) -> bool:
        """Whether what is written to the disk is encrypted; then nothing of it goes beside it."""
        return self._driver.encrypted

    def current_revision(self) -> int:
        """The revision as committed now, in microseconds: it costs no transaction of its own.

        Raises:
            DatabaseError: the database is closed, or can't be read.
        """
        if self._closed:
            raise DatabaseError(f"{self.path}: the database is closed")
        with self._mapped_errors():
            return self._watch.revision()

    def _mapped_errors(self) -> AbstractContextManager[None]:
        return mapped_errors(str(self.path), self._driver.module.Error)

    def _connect(self) -> Any:
        # No memory name or ``file:`` trick of a caller passes: the path is absolute and quoted.
        absolute = quote(os.fsencode(self.path.absolute()))
        uri = f"file:{absolute}?mode={'ro' if self.read_only else 'rw'}"

        connection = self._driver.module.connect(
            uri,
            uri=True,
            timeout=self._busy_timeout_s,
            isolation_level=None,
            check_same_thread=False,
        )
        self._driver.prepare(connection)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    def _make_engine(self) -> Engine:
        engine = create_engine(
            "sqlite://",
            module=self._driver.module,
            creator=self._connect,
            poolclass=QueuePool,
            max_overflow=-1,
            hide_parameters=True,  # no values in the texts of errors: people say them about media
        )
        event.listen(engine, "begin", _begin)
        return engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state from its first query on, and changes nothing."""
        with self._transaction(write=False) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The one write transaction: committed at the end, rolled back on any exception.

        Raises:
            DatabaseBusyError: another writer held the lock for longer than the busy timeout.
            DatabaseError: the store was opened read-only, or SQLite failed.
        """
        if self.read_only:
            raise DatabaseError(f"{self.path}: opened read-only, nothing can be written")
        with self._transaction(write=True) as connection:
            yield connection

    @contextmanager
    def _transaction(self, *, write: bool) -> Iterator[Connection]:
        if self._closed:
            raise DatabaseError(f"{self.path}: the database is closed")
        with self._mapped_errors(), self._engine.connect() as connection:
            connection = connection.execution_options(hashmatch_write=write)
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Give the connections back; a second call does nothing."""
        self._closed = True
        self._watch.close()
        self._engine.dispose()


def _begin(connection: Connection) -> None:
    # IMMEDIATE: a writer that reads first and locks later can fail half-way with BUSY.
    write = connection.get_execution_options().get("hashmatch_write", False)
    cache = _WRITE_CACHE_KIB if write else _READ_CACHE_KIB
    connection.exec_driver_sql(f"PRAGMA cache_size = -{cache}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


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
    _keep_write_ahead(store)
    with store.writing() as connection:
        if schema_version(connection) == 0:  # else another process was faster
            connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
            create_tables(connection)
            on_create(connection)


def _keep_write_ahead(store: SqliteStore) -> None:
    """Set the journal mode, which stays with the file; nothing where it is set already.

    A change of key that was interrupted leaves it at another one.
    """
    with store._mapped_errors(), closing(store._connect()) as raw:
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
