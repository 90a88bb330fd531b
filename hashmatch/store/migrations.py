"""Schema versions in order; opening for writing applies those that a database lacks.

A new database is created at the newest version, as ``schema`` describes it. A migration is a
function of a connection and runs in one transaction together with the record that it ran. It names
its columns itself, for ``schema`` goes on: released migrations are never edited, a change to the
schema is a new entry here, and a test compares what the two ways lead to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import Connection, inspect

import hashmatch.store.indexes  # noqa: F401 - completes the metadata
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


_HISTORY = (
    "ALTER TABLE media ADD COLUMN since_revision INTEGER DEFAULT '0' NOT NULL",
    "UPDATE media SET since_revision = first_revision",
    "CREATE TABLE media_history (media_id INTEGER NOT NULL, from_revision INTEGER NOT NULL, "
    "until_revision INTEGER NOT NULL, md5 BLOB, sha1 BLOB, sha256 BLOB, exact_key BLOB, "
    "FOREIGN KEY(media_id) REFERENCES media (id))",
    "CREATE TABLE opinion_history (opinion_id INTEGER NOT NULL, media_id INTEGER NOT NULL, "
    "until_revision INTEGER NOT NULL, FOREIGN KEY(opinion_id) REFERENCES opinion (id), "
    "FOREIGN KEY(media_id) REFERENCES media (id))",
    "CREATE TABLE sighting (id INTEGER NOT NULL, opinion_id INTEGER NOT NULL, "
    "content_digest BLOB NOT NULL, first_revision INTEGER NOT NULL, case_key TEXT, file_name TEXT, "
    "file_path TEXT, parent_path TEXT, created_raw TEXT, written_raw TEXT, accessed_raw TEXT, "
    "extra VARCHAR NOT NULL, PRIMARY KEY (id), FOREIGN KEY(opinion_id) REFERENCES opinion (id))",
    "CREATE TABLE revision_log (revision INTEGER NOT NULL, at VARCHAR NOT NULL, "
    "action VARCHAR NOT NULL, source_id INTEGER, snapshot_id INTEGER, "
    "first_opinion_id INTEGER NOT NULL, first_hash_id INTEGER NOT NULL, PRIMARY KEY (revision), "
    "FOREIGN KEY(source_id) REFERENCES source (id), "
    "FOREIGN KEY(snapshot_id) REFERENCES snapshot (id))",
    "CREATE TABLE known_set (id INTEGER NOT NULL, name TEXT NOT NULL, list_name TEXT NOT NULL, "
    "list_sha256 BLOB NOT NULL, records INTEGER NOT NULL, actor TEXT NOT NULL, "
    "added_at VARCHAR NOT NULL, overlap INTEGER NOT NULL, files VARCHAR NOT NULL, "
    "PRIMARY KEY (id), UNIQUE (name))",
    "CREATE INDEX opinion_withdrawn_media ON opinion (media_id) "
    "WHERE withdrawn_revision IS NOT NULL",
    "CREATE UNIQUE INDEX sighting_statement ON sighting (opinion_id, content_digest)",
    "CREATE INDEX media_history_media ON media_history (media_id)",
    "CREATE INDEX opinion_history_opinion ON opinion_history (opinion_id)",
    "CREATE INDEX opinion_history_media ON opinion_history (media_id)",
    *(
        f"CREATE INDEX media_history_{name} ON media_history ({name}) WHERE {name} IS NOT NULL"
        for name in ("md5", "sha1", "sha256", "exact_key")
    ),
    # What was withdrawn before can't say which media it belonged to at each revision; the earliest
    # revision that can be asked for is the one at which the history begins.
    "INSERT INTO meta (key, value) SELECT 'history_from', value FROM meta WHERE key = 'revision'",
)


def _add_history(connection: Connection) -> None:
    for statement in _HISTORY:
        connection.exec_driver_sql(statement)
    write_meta(connection, "database_id", uuid4().hex)


MIGRATIONS: tuple[Migration, ...] = (
    Migration(2, "frames of videos, facts, lists read in part", _add_frames_facts_and_parts),
    Migration(3, "history, sightings of cases, known sets", _add_history),
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


def require_known_version(version: int, *, oldest: int = 1) -> None:
    """Refuse a schema that this version of hashmatch can neither read nor migrate.

    Args:
        oldest: the first version that this kind of store ever had.

    Raises:
        SchemaVersionError: it is newer than ``SCHEMA_VERSION``, or none that ever existed.
    """
    if version > SCHEMA_VERSION:
        raise SchemaVersionError(
            f"schema version: expected at most {SCHEMA_VERSION}, got {version}; "
            "the database was written by a newer hashmatch"
        )
    if version < oldest:
        raise SchemaVersionError(
            f"schema version: expected {oldest} to {SCHEMA_VERSION}, got {version}; "
            "no release of hashmatch wrote it"
        )


def create_tables(connection: Connection) -> None:
    """All tables of ``SCHEMA_VERSION``, empty, within the caller's write transaction."""
    metadata.create_all(connection, checkfirst=False)
    write_meta(connection, "revision", "0")
    write_meta(connection, "history_from", "0")
    write_meta(connection, "database_id", uuid4().hex)
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
