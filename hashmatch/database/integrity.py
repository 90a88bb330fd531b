"""Whether a database is whole: its file, what its rows say of each other, and its audit log."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from hashmatch.algorithms import ALGORITHMS
from hashmatch.database.audit_proof import verify_log
from hashmatch.database.opened import OpenedStore
from hashmatch.errors import AuditError, DatabaseError
from hashmatch.store import engine_problems, read_meta, read_revision, run

# Each counts rows that must not be there and names the first. DIGEST: md5, sha1, sha256.
_OTHER_DIGEST = """
SELECT count(*), min(opinion.id) FROM opinion JOIN media ON media.id = opinion.media_id
WHERE withdrawn_revision IS NULL AND stated_DIGEST IS NOT NULL
    AND (media.DIGEST IS NULL OR media.DIGEST <> stated_DIGEST)"""
_NOBODYS_DIGEST = """
SELECT count(*), min(media.id) FROM media
WHERE retired_revision IS NULL AND media.DIGEST IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM opinion WHERE opinion.media_id = media.id AND withdrawn_revision IS NULL
    AND stated_DIGEST = media.DIGEST)"""
_RULES = {
    "active statements whose media is not live": """
SELECT count(*), min(opinion.id) FROM opinion LEFT JOIN media ON media.id = opinion.media_id
WHERE withdrawn_revision IS NULL AND (media.id IS NULL OR media.retired_revision IS NOT NULL)""",
    "live media without an active statement": """
SELECT count(*), min(media.id) FROM media WHERE retired_revision IS NULL AND NOT EXISTS (
    SELECT 1 FROM opinion WHERE opinion.media_id = media.id AND withdrawn_revision IS NULL)""",
    "live media that were merged into others": """
SELECT count(*), min(id) FROM media WHERE retired_revision IS NULL AND merged_into IS NOT NULL""",
    **{
        f"active statements of another {name} than their media": _OTHER_DIGEST.replace(
            "DIGEST", name
        )
        for name in ("md5", "sha1", "sha256")
    },
    **{
        f"live media whose {name} no active statement states": _NOBODYS_DIGEST.replace(
            "DIGEST", name
        )
        for name in ("md5", "sha1", "sha256")
    },
}
# Their column is compared with the database's revision.
_NO_LATER = (
    ("media", "first_revision"),
    ("media", "since_revision"),
    ("media", "retired_revision"),
    ("opinion", "first_revision"),
    ("opinion", "withdrawn_revision"),
    ("sighting", "first_revision"),
    ("snapshot", "revision"),
    ("revision_log", "revision"),
)


@dataclass(frozen=True, slots=True)
class IntegrityReport:
    """What was checked and what is wrong.

    Attributes:
        revision: the one that was checked; None where the file is too damaged to say.
        audit_entries: entries of a sound log; None where it is not sound or was not reached.
        checks: names of the checks that ran, in order.
        problems: one sentence each; none where the database is whole.
    """

    revision: int | None
    audit_entries: int | None
    checks: tuple[str, ...]
    problems: tuple[str, ...] = field(default=())

    @property
    def sound(self) -> bool:
        return not self.problems

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "revision": self.revision,
            "sound": self.sound,
            "audit_entries": self.audit_entries,
            "checks": list(self.checks),
            "problems": list(self.problems),
        }


class Integrity(OpenedStore):
    """Finding damage; part of ``Database``."""

    def check_integrity(self) -> IntegrityReport:
        """Check the whole database, at one revision; nothing is changed.

        First the file (SQLite's own checks; of an encrypted one the authentication of each page),
        then, if that is whole, that rows agree with each other and that the audit log is whole.
        Reads everything: a minute for some millions of statements.

        Raises:
            DatabaseError: the database is closed or can't be reached.
        """
        try:
            with self._store.reading() as connection:
                broken = engine_problems(connection)
        except DatabaseError as error:
            broken = [str(error)]
        if broken:
            return IntegrityReport(None, None, ("engine",), tuple(broken))
        with self._store.reading() as connection:
            return _check_rows(connection)


def _check_rows(connection: Connection) -> IntegrityReport:
    revision = read_revision(connection)
    problems: list[str] = []
    for name, sql in _RULES.items():
        problems += _found(connection, name, sql)
    for table, column in _NO_LATER:
        identity = "revision" if table == "revision_log" else "id"
        problems += _found(
            connection,
            f"rows of {table} whose {column} is later than revision {revision}",
            f"SELECT count(*), min({identity}) FROM {table} WHERE {column} > ?",  # noqa: S608
            revision,
        )
    problems += _wrong_lengths(connection)
    problems += _missing_revisions(connection, revision)
    entries = None
    try:
        entries = verify_log(connection).count
    except AuditError as error:
        problems.append(str(error))
    checks = ("engine", *_RULES, "later revisions", "lengths of hashes", "revision log", "audit")
    return IntegrityReport(revision, entries, checks, tuple(problems))


def _found(connection: Connection, name: str, sql: str, *values: int) -> list[str]:
    count, first = run(connection, sql, values).one()
    return [f"{name}: {count}, the first has the id {first}"] if count else []


def _wrong_lengths(connection: Connection) -> list[str]:
    """Hashes that are longer or shorter than their algorithm makes them."""
    rows = run(
        connection,
        "SELECT algorithm, length(value), count(*), min(id) FROM hash "
        "GROUP BY algorithm, length(value) ORDER BY algorithm",
    )
    return [
        f"{algorithm} hashes of {length} bytes, expected {ALGORITHMS[algorithm].n_bytes}: {count}, "
        f"the first has the id {first}"
        for algorithm, length, count, first in rows
        if algorithm in ALGORITHMS and ALGORITHMS[algorithm].n_bytes not in (None, length)
    ]


def _missing_revisions(connection: Connection, revision: int) -> list[str]:
    """Changes since the history began that the log of revisions does not have."""
    begun = int(read_meta(connection, "history_from"))
    logged = run(
        connection, "SELECT count(*) FROM revision_log WHERE revision > ?", (begun,)
    ).scalar_one()
    if logged == revision - begun:
        return []
    return [f"revision log: expected {revision - begun} changes since {begun}, got {logged}"]
