"""A PostgreSQL database as a store: its tables in the schema ``hashmatch``, one writer at a time.

Readers see the state at which their transaction began and never wait. A writer holds an advisory
lock of the database from its first statement to its commit, which is on the server's disk before
it returns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256

import psycopg
from psycopg.types.numeric import Int8BinaryDumper, Int8Dumper
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.pool import QueuePool

from hashmatch.errors import DatabaseError, SchemaVersionError
from hashmatch.store.errors import map_error, mapped_errors
from hashmatch.store.migrations import (
    SCHEMA_VERSION,
    apply_pending,
    create_tables,
    require_known_version,
    schema_version,
)
from hashmatch.store.postgres_roles import SCHEMA
from hashmatch.store.postgres_url import PostgresTarget, parse_url

OLDEST_VERSION = 3
"""The first schema version that PostgreSQL ever held."""
MIN_SERVER_VERSION = 150_000
WRITE_LOCK = int.from_bytes(sha256(SCHEMA.encode("ascii")).digest()[:8], "big", signed=True)
"""Key of the advisory lock that a writer holds."""

DRIVER_ERRORS = (psycopg.Error, psycopg.Warning)
"""Roots of everything that psycopg raises."""

# The search path names no schema that others may create in. The planner is told that pages are
# in memory, as they are where lists of millions are looked up, and to compile nothing: our
# statements are many and short.
_SESSION = f"""
SELECT set_config('search_path', '{SCHEMA}, pg_temp', false),
    set_config('jit', 'off', false), set_config('random_page_cost', '1.1', false),
    set_config('default_transaction_read_only', %s, false), current_setting('server_encoding')"""
_BEGIN_WRITE = """
SELECT set_config('lock_timeout', %s, true), set_config('work_mem', '64MB', true),
    set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'
        ELSE current_setting('synchronous_commit') END, true)"""
_LOCK = "SELECT pg_advisory_xact_lock(%s)"
_REVISION = "SELECT value FROM meta WHERE key = 'revision'"


class PostgresStore:
    """An open database on a server. Built by ``open_postgres``; usable from several threads."""

    path = None

    def __init__(self, target: PostgresTarget, *, read_only: bool, busy_timeout_s: float) -> None:
        self.where = target.where
        self.read_only = read_only
        self.encrypted = False  # not by us
        self._parameters = target.parameters
        self._lock_timeout = f"{max(1, round(busy_timeout_s * 1000))}ms"
        self._closed = False
        # No values in the texts of errors: they are what people say about media.
        self._engine = create_engine(
            "postgresql+psycopg://",
            creator=self._connect,
            poolclass=QueuePool,
            max_overflow=-1,
            pool_pre_ping=True,
            use_native_hstore=False,
            hide_parameters=True,
        )
        self._reader = self._engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        # Each statement of a writer sees what was committed before it got the lock.
        self._writer = self._engine.execution_options(isolation_level="READ COMMITTED")
        self._single = self._engine.execution_options(isolation_level="AUTOCOMMIT")

    def current_revision(self) -> int:
        """The revision as committed now, without a transaction of the caller's.

        Raises:
            DatabaseError: the database is closed, or can't be read.
        """
        self._require_open()
        with mapped_errors(self.where, *DRIVER_ERRORS), self._single.connect() as connection:
            value = connection.exec_driver_sql(_REVISION).scalar()
        if value is None:
            raise DatabaseError("meta: expected an entry 'revision', got none")
        return int(value)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state from its first query on, and changes nothing."""
        with self._transaction(self._reader) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The one write transaction: committed at the end, rolled back on any exception.

        Raises:
            DatabaseBusyError: another writer held the lock for longer than the busy timeout.
            DatabaseError: the store was opened read-only, or the server failed.
        """
        if self.read_only:
            raise DatabaseError(f"{self.where}: opened read-only, nothing can be written")
        with self._transaction(self._writer) as connection:
            connection.exec_driver_sql(_BEGIN_WRITE, (self._lock_timeout,))
            connection.exec_driver_sql(_LOCK, (WRITE_LOCK,))
            yield connection

    def close(self) -> None:
        """Give the connections back; a second call does nothing."""
        self._closed = True
        self._engine.dispose()

    def _require_open(self) -> None:
        if self._closed:
            raise DatabaseError(f"{self.where}: the database is closed")

    @contextmanager
    def _transaction(self, engine: Engine) -> Iterator[Connection]:
        self._require_open()
        with (
            mapped_errors(self.where, *DRIVER_ERRORS),
            engine.connect() as connection,
            connection.begin(),
        ):
            yield connection

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        try:
            connection = psycopg.connect(**self._parameters, autocommit=True)  # type: ignore[arg-type]
        except psycopg.Error as error:
            # Not chained: only what is known to hold no password is passed on.
            raise map_error(error, where=self.where) from None
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        if connection.info.server_version < MIN_SERVER_VERSION:
            raise DatabaseError(
                f"{self.where}: expected PostgreSQL {MIN_SERVER_VERSION // 10_000} or newer, got "
                f"{connection.info.parameter_status('server_version')}"
            )
        row = connection.execute(_SESSION, ("on" if self.read_only else "off",)).fetchone()
        encoding = None if row is None else row[-1]
        if encoding != "UTF8":
            raise DatabaseError(
                f"{self.where}: expected a database of encoding UTF8, got {encoding}"
            )
        # One type for all integers, so that a statement is prepared once.
        for dumper in (Int8Dumper, Int8BinaryDumper):
            connection.adapters.register_dumper(int, dumper)
        connection.autocommit = False


def open_postgres(
    url: str,
    *,
    create: bool,
    exist_ok: bool,
    read_only: bool,
    busy_timeout_s: float,
    on_create: Callable[[Connection], None],
) -> PostgresStore:
    """Open, and only where asked for create, the tables in an existing database of a server.

    Args:
        url: see ``parse_url``. Neither the database nor a role is ever created.
        create: make the tables where there are none; existing ones are just opened.
        exist_ok: with ``create``, whether they may be there already.
        read_only: nothing is written, not even pending migrations.
        busy_timeout_s: how long a writer waits for another one.
        on_create: runs in the transaction that creates the tables.

    Raises:
        DatabaseError: the server can't be reached or refuses, or there are no tables.
        SchemaVersionError: the schema is newer or unknown, or needs a migration and
            ``read_only`` forbids it.
        DatabaseBusyError: a migration or creation waited too long for another writer.
        InputError: the URL can't be read.
    """
    store = PostgresStore(parse_url(url), read_only=read_only, busy_timeout_s=busy_timeout_s)
    try:
        if create and not _initialise(store, on_create) and not exist_ok:
            raise DatabaseError(
                f"{store.where}: expected a database without hashmatch's tables, found them; "
                "nothing was changed"
            )
        if _version(store) < SCHEMA_VERSION:
            _migrate(store)
    except BaseException:
        store.close()
        raise
    return store


def _initialise(store: PostgresStore, on_create: Callable[[Connection], None]) -> bool:
    """Whether there were no tables, and there are now."""
    with store.reading() as connection:
        if schema_version(connection) != 0:
            return False
    with store.writing() as connection:
        if schema_version(connection) != 0:  # another process was faster
            return False
        found = "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = %s"
        if connection.exec_driver_sql(found, (SCHEMA,)).first() is None:
            connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
        create_tables(connection)
        on_create(connection)
    return True


def _version(store: PostgresStore) -> int:
    with store.reading() as connection:
        version = schema_version(connection)
    if version == 0:
        raise DatabaseError(
            f"{store.where}: there are no tables of hashmatch; create them with `hashmatch db "
            "init` or open_database(..., create=True)"
        )
    require_known_version(version, oldest=OLDEST_VERSION)
    if store.read_only and version < SCHEMA_VERSION:
        raise SchemaVersionError(
            f"{store.where}: expected schema version {SCHEMA_VERSION}, got {version}; "
            "open it once for writing, that migrates it"
        )
    return version


def _migrate(store: PostgresStore) -> None:
    with store.writing() as connection:
        owner = connection.exec_driver_sql(
            "SELECT pg_catalog.quote_ident(tableowner) FROM pg_catalog.pg_tables "
            "WHERE schemaname = %s AND tablename = 'meta'",
            (SCHEMA,),
        ).scalar_one()
        # New tables belong to whom the old ones belong to, whoever of its members does it.
        connection.execute(text(f"SET LOCAL ROLE {owner}"))
        apply_pending(connection)
