"""Schema versions in order; opening for writing applies those that a database lacks.

A new database is created at the newest version, as ``schema`` describes it. A migration is a
function of a connection and runs in one transaction together with the record that it ran. It names
its columns itself, for ``schema`` goes on: released migrations are never edited, a change to the
schema is a new entry here, and a test compares what the two ways lead to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, inspect

from hashmatch.errors import SchemaVersionError
from hashmatch.store.revision import read_meta, write_meta
from hashmatch.store.schema import meta, metadata


@dataclass(frozen=True, slots=True)
class Migration:
    """One step from ``version - 1`` to ``version``."""

    version: int
    name: str
    apply: Callable[[Connection], None]


def _add_frames_facts_and_parts(connection: Connection) -> None:
    for statement in (
        "ALTER TABLE hash ADD COLUMN frame INTEGER",
        "ALTER TABLE hash ADD COLUMN time_s DOUBLE",
        "ALTER TABLE opinion ADD COLUMN facts VARCHAR DEFAULT '{}' NOT NULL",
        "ALTER TABLE snapshot ADD COLUMN incomplete TEXT",
        "CREATE INDEX opinion_known ON opinion (label, media_id) "
        "WHERE label = 'known_ignorable' AND withdrawn_revision IS NULL",
    ):
        connection.exec_driver_sql(statement)


MIGRATIONS: tuple[Migration, ...] = (
    Migration(2, "frames of videos, facts, lists read in part", _add_frames_facts_and_parts),
)
SCHEMA_VERSION = MIGRATIONS[-1].version


def schema_version(connection: Connection) -> int:
    """The version of the schema that the database has; 0 where it has no tables yet."""
    if not inspect(connection).has_table(meta.name):
        return 0
    text = read_meta(connection, "schema_version")
    if not (text.isascii() and text.isdecimal()):
        raise SchemaVersionError(f"schema version: expected a number, got {text!r}")
    return int(text)


def require_known_version(version: int) -> None:
    """Refuse a schema that this version of hashmatch can neither read nor migrate.

    Raises:
        SchemaVersionError: it is newer than ``SCHEMA_VERSION``, or none that ever existed.
    """
    if version > SCHEMA_VERSION:
        raise SchemaVersionError(
            f"schema version: expected at most {SCHEMA_VERSION}, got {version}; "
            "the database was written by a newer hashmatch"
        )
    if version < 1:
        raise SchemaVersionError(
            f"schema version: expected 1 to {SCHEMA_VERSION}, got {version}; "
            "no release of hashmatch wrote it"
        )


def create_tables(connection: Connection) -> None:
    """All tables of ``SCHEMA_VERSION``, empty, within the caller's write transaction."""
    metadata.create_all(connection, checkfirst=False)
    write_meta(connection, "revision", "0")
    write_meta(connection, "schema_version", str(SCHEMA_VERSION))


def apply_pending(connection: Connection) -> list[Migration]:
    """Bring tables that exist to ``SCHEMA_VERSION`` within the caller's write transaction.

    Returns:
        The migrations that ran, oldest first.
    """
    current = schema_version(connection)
    pending = [migration for migration in MIGRATIONS if migration.version > current]
    for migration in pending:
        migration.apply(connection)
        write_meta(connection, "schema_version", str(migration.version))
    return pending
