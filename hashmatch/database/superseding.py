"""What a new edition of a list replaces: keys that state something else now, keys that are gone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from sqlalchemy import Connection

from hashmatch.database.placing import MediaPlacer
from hashmatch.database.withdrawing import CHUNK, withdraw_opinions
from hashmatch.store import run, run_many

# Temporary tables and not sets: a full list has millions of keys, and memory is bounded.
_CREATE = (
    "DROP TABLE IF EXISTS temp.import_key",
    "DROP TABLE IF EXISTS temp.import_replaced",
    "CREATE TEMPORARY TABLE import_key (record_key TEXT PRIMARY KEY) WITHOUT ROWID",
    "CREATE TEMPORARY TABLE import_replaced (opinion_id INTEGER PRIMARY KEY, reason TEXT)",
)
_DROP = ("DROP TABLE temp.import_key", "DROP TABLE temp.import_replaced")

_SUPERSEDED = """
INSERT INTO import_replaced
SELECT opinion.id, 'superseded' FROM import_key CROSS JOIN opinion
WHERE opinion.source_id = ? AND opinion.record_key = import_key.record_key
    AND opinion.withdrawn_revision IS NULL AND opinion.last_snapshot_id <> ?"""

_ABSENT = """
INSERT INTO import_replaced
SELECT opinion.id, 'absent' FROM opinion
WHERE opinion.source_id = ? AND opinion.withdrawn_revision IS NULL
    AND opinion.last_snapshot_id <> ?
ON CONFLICT DO NOTHING"""


class KeyBook:
    """The record keys that one import met."""

    def __init__(self, connection: Connection, *, source_id: int) -> None:
        self.connection = connection
        self.source_id = source_id
        for sql in _CREATE:
            run(connection, sql)
        self.source_is_new = not run(
            connection,
            "SELECT EXISTS (SELECT 1 FROM opinion "
            "WHERE source_id = ? AND withdrawn_revision IS NULL)",
            (source_id,),
        ).scalar()
        """Whether nothing of this source was active before the import: nothing to replace."""

    def touch(self, keys: Iterable[str]) -> None:
        """Note keys, as they are stored."""
        rows = [] if self.source_is_new else [(key,) for key in keys]
        if rows:
            run_many(
                self.connection, "INSERT INTO import_key VALUES (?) ON CONFLICT DO NOTHING", rows
            )

    def close(self) -> None:
        """Forget them."""
        for sql in _DROP:
            run(self.connection, sql)


def withdraw_replaced(
    connection: Connection,
    placer: MediaPlacer,
    keys: KeyBook,
    *,
    snapshot_id: int,
    revision: int,
    at: str,
    complete: bool,
) -> tuple[int, int]:
    """Withdraw the source's active statements that this snapshot did not make.

    Those whose key it has are superseded; where the list is complete, the others are absent.

    Returns:
        (superseded, absent).
    """
    if keys.source_is_new:
        return 0, 0
    run(connection, _SUPERSEDED, (keys.source_id, snapshot_id))
    if complete:
        run(connection, _ABSENT, (keys.source_id, snapshot_id))
    superseded = _withdraw(connection, placer, revision, at, "superseded")
    absent = _withdraw(connection, placer, revision, at, "absent")
    return superseded, absent


def _withdraw(
    connection: Connection,
    placer: MediaPlacer,
    revision: int,
    at: str,
    reason: Literal["superseded", "absent"],
) -> int:
    done, last = 0, 0
    while True:
        rows = run(
            connection,
            "SELECT opinion_id FROM import_replaced WHERE opinion_id > ? AND reason = ? "
            "ORDER BY opinion_id LIMIT ?",
            (last, reason, CHUNK),
        )
        ids = [int(row[0]) for row in rows]
        if not ids:
            return done
        done += withdraw_opinions(connection, placer, ids, revision=revision, at=at, reason=reason)
        last = ids[-1]
