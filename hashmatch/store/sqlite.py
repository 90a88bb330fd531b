"""One SQLite file as a store: created on request only, private, in write-ahead mode.

Readers see the state at which their transaction began and never wait; there is one writer at a
time, in this process and all others, and it holds the lock from its first statement.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from hashmatch.errors import DatabaseError
from hashmatch.store.errors import mapped_errors
from hashmatch.store.revision_watch import RevisionWatch
from hashmatch.store.sqlite_driver import PLAIN, SqliteDriver
from hashmatch.store.sqlite_waiting import begin_writing

_READ_CACHE_KIB = 16 * 1024
_WRITE_CACHE_KIB = 96 * 1024  # what does not fit is written to the journal and read back
_SORTING_THREADS = 2


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
        self._watch = RevisionWatch(self.connect)

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
        with self.mapped_errors():
            return self._watch.revision()

    def mapped_errors(self) -> AbstractContextManager[None]:
        """Errors of the driver as ours."""
        return mapped_errors(str(self.path), self._driver.module.Error)

    def connect(self) -> Any:
        """A bare connection of the driver, for the caller to close."""
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
            creator=self.connect,
            poolclass=QueuePool,
            max_overflow=-1,
            hide_parameters=True,  # no values in the texts of errors: people say them about media
        )
        event.listen(engine, "begin", self._begin)
        return engine

    def _begin(self, connection: Connection) -> None:
        # IMMEDIATE: a writer that reads first and locks later can fail half-way with BUSY.
        write = connection.get_execution_options().get("hashmatch_write", False)
        cache = _WRITE_CACHE_KIB if write else _READ_CACHE_KIB
        connection.exec_driver_sql(f"PRAGMA cache_size = -{cache}")
        if write:
            # Sorts for indexes use another core where SQLite was built with threads.
            connection.exec_driver_sql(f"PRAGMA threads = {_SORTING_THREADS}")
            begin_writing(connection, timeout_s=self._busy_timeout_s)
        else:
            connection.exec_driver_sql("BEGIN")

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
        with self.mapped_errors(), self._engine.connect() as connection:
            connection = connection.execution_options(hashmatch_write=write)
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Give the connections back; a second call does nothing."""
        self._closed = True
        self._watch.close()
        self._engine.dispose()
