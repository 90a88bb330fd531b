"""The only deletion: what was withdrawn before a date, under a rule of retention."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from hashmatch.database.content import content_digest
from hashmatch.errors import DatabaseError
from hashmatch.store import (
    decode_text,
    erasing,
    keep_ids_unique,
    read_meta,
    read_revision,
    run,
    write_meta,
)
from hashmatch.store.schema import hash_value, media, opinion

_OLD = "opinion.withdrawn_revision IS NOT NULL AND opinion.withdrawn_at < ?"
_OLD_IDS = f"SELECT opinion.id FROM opinion WHERE {_OLD}"  # noqa: S608 - made of constants here
_BY_SOURCE = f"""
SELECT source.name, count(*), max(opinion.withdrawn_revision)
FROM opinion JOIN source ON source.id = opinion.source_id
WHERE {_OLD} GROUP BY source.name"""  # noqa: S608 - made of constants here
_OLD_REJECTS = """
DELETE FROM reject WHERE snapshot_id IN (SELECT id FROM snapshot WHERE imported_at < ?)"""
_UNUSED_MEDIA = """
DELETE FROM media WHERE retired_revision IS NOT NULL AND retired_revision <= ?
    AND NOT EXISTS (SELECT 1 FROM opinion WHERE opinion.media_id = media.id)
    AND NOT EXISTS (SELECT 1 FROM opinion_history WHERE opinion_history.media_id = media.id)
    AND NOT EXISTS (SELECT 1 FROM media_history WHERE media_history.media_id = media.id)
    AND NOT EXISTS (SELECT 1 FROM media AS other WHERE other.merged_into = media.id)"""
# The engine looks for references to each media that goes; the schema's indexes are partial ones.
_REFERENCES = (("purge_media", "opinion (media_id)"), ("purge_merged", "media (merged_into)"))


@dataclass(frozen=True, slots=True)
class PurgeReport:
    """What a purge deleted, or would delete.

    Attributes:
        withdrawn_before: the rule: statements withdrawn before this time went; UTC, ISO 8601.
        dry_run: whether nothing was deleted.
        revision: the database's, which a purge leaves as it is.
        history_from: the earliest revision that can be asked for from now on.
        opinions, hashes, sightings, media, rejects: deleted rows.
        by_source: deleted statements by source.
        content_digest: of what the database says, before and after.
        compacted: whether the file was written anew without what was deleted; always false where
            the database is on a server.
        not_compacted: why that failed; None: it did not, or was not asked for.
    """

    withdrawn_before: str
    dry_run: bool
    revision: int
    history_from: int
    opinions: int
    hashes: int
    sightings: int
    media: int
    rejects: int
    by_source: dict[str, int]
    content_digest: str
    compacted: bool = False
    not_compacted: str | None = None

    def counts(self) -> dict[str, Any]:
        """What the audit log keeps."""
        return {
            "withdrawn_before": self.withdrawn_before,
            "history_from": self.history_from,
            "opinions": self.opinions,
            "hashes": self.hashes,
            "sightings": self.sightings,
            "media": self.media,
            "rejects": self.rejects,
            "by_source": self.by_source,
            "content_digest": self.content_digest,
        }

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "dry_run": self.dry_run,
            "revision": self.revision,
            **self.counts(),
            "compacted": self.compacted,
            "not_compacted": self.not_compacted,
        }


def purge(connection: Connection, *, withdrawn_before: str, dry_run: bool) -> PurgeReport:
    """Delete within the caller's write transaction.

    History can be asked for from the latest of the deleted withdrawals on: at that revision and
    later ones no deleted statement was active. What the tables kept of the time before goes too.

    Args:
        withdrawn_before: UTC, ISO 8601 with microseconds, as the tables have it.
        dry_run: for the report; the caller rolls back.

    Raises:
        DatabaseError: what the database says now would not be the same afterwards.
    """
    before = content_digest(connection)
    by_source: dict[str, int] = {}
    history_from = int(read_meta(connection, "history_from"))
    for name, count, last in run(connection, _BY_SOURCE, (withdrawn_before,)):
        by_source[decode_text(name)] = int(count)
        history_from = max(history_from, int(last))
    for table in (media, opinion, hash_value):
        keep_ids_unique(connection, table)
    with erasing(connection):
        deleted = _delete(connection, withdrawn_before, history_from)
    write_meta(connection, "history_from", str(history_from))
    after = content_digest(connection)
    if after != before:
        raise DatabaseError(
            f"purge: expected the content digest {before} after it, got {after}; "
            "nothing was deleted: check the database with `hashmatch db verify`"
        )
    return PurgeReport(
        withdrawn_before=withdrawn_before,
        dry_run=dry_run,
        revision=read_revision(connection),
        history_from=history_from,
        by_source=dict(sorted(by_source.items())),
        content_digest=after,
        opinions=deleted["opinions"],
        hashes=deleted["hash"],
        sightings=deleted["sighting"],
        media=deleted["media"],
        rejects=deleted["reject"],
    )


def _delete(connection: Connection, withdrawn_before: str, history_from: int) -> dict[str, int]:
    deleted = {
        table: _run(
            connection,
            f"DELETE FROM {table} WHERE opinion_id IN ({_OLD_IDS})",  # noqa: S608 - constants
            withdrawn_before,
        )
        for table in ("hash", "sighting", "opinion_history")
    }
    for table in ("opinion_history", "media_history"):
        _run(connection, f"DELETE FROM {table} WHERE until_revision <= ?", history_from)  # noqa: S608
    deleted["opinions"] = _run(connection, f"DELETE FROM opinion WHERE {_OLD}", withdrawn_before)  # noqa: S608
    deleted["media"] = _delete_media(connection, history_from)
    deleted["reject"] = _run(connection, _OLD_REJECTS, withdrawn_before)
    return deleted


def _delete_media(connection: Connection, history_from: int) -> int:
    for name, columns in _REFERENCES:
        run(connection, f"CREATE INDEX {name} ON {columns}")
    total = 0
    # A media that another one was merged into goes after it.
    while count := _run(connection, _UNUSED_MEDIA, history_from):
        total += count
    for name, _ in _REFERENCES:
        run(connection, f"DROP INDEX {name}")
    return total


def _run(connection: Connection, sql: str, parameter: str | int) -> int:
    return int(run(connection, sql, (parameter,)).rowcount)
