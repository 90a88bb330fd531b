"""What a new edition of a list replaces: keys that state something else now, keys that are gone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from sqlalchemy import Connection

from hashmatch.database.placing import MediaPlacer
from hashmatch.database.withdrawing import CHUNK, withdraw_opinions
from hashmatch.errors import WithdrawalGuardError
from hashmatch.store import run, run_many

# Temporary tables and not sets: a full list has millions of entries, and memory is bounded.
_TABLES = {
    "import_confirmed": "opinion_id BIGINT PRIMARY KEY",
    "import_deleted": "record_key TEXT PRIMARY KEY",
    "import_replaced": "opinion_id BIGINT PRIMARY KEY, reason TEXT",
}

STATED_NOW = """
SELECT id FROM opinion WHERE id >= ? UNION ALL SELECT opinion_id FROM import_confirmed"""
"""Ids of the statements that an import makes, added (from the bound id on) or confirmed."""

_CONFIRM = """
UPDATE opinion SET last_snapshot_id = ?
WHERE id IN (SELECT opinion_id FROM import_confirmed)"""

_SUPERSEDED = f"""
INSERT INTO import_replaced
SELECT old.id, 'superseded' FROM (
    SELECT mine.record_key FROM ({STATED_NOW}) AS stated
        CROSS JOIN opinion AS mine WHERE mine.id = stated.id
    UNION SELECT record_key FROM import_deleted) AS listed
CROSS JOIN opinion AS old
WHERE old.source_id = ? AND old.record_key = listed.record_key
    AND old.withdrawn_revision IS NULL AND old.last_snapshot_id <> ?
ON CONFLICT DO NOTHING"""  # noqa: S608 - made of constants here

_ABSENT = """
INSERT INTO import_replaced
SELECT opinion.id, 'absent' FROM opinion
WHERE opinion.source_id = ? AND opinion.withdrawn_revision IS NULL
    AND opinion.last_snapshot_id <> ?
ON CONFLICT DO NOTHING"""

_BEFORE = """
SELECT count(*) FROM opinion
WHERE source_id = ? AND withdrawn_revision IS NULL AND id < ?"""

MAX_WITHDRAWN_SHARE = 0.2
"""Of a source's statements, what a complete list may lack before somebody has to confirm it."""
FEW = 10
"""Statements that may always be withdrawn: short lists change by large shares."""


class KeyBook:
    """What one import confirmed, and the keys that it withdraws."""

    def __init__(self, connection: Connection, *, source_id: int, first_opinion_id: int) -> None:
        self.connection = connection
        self.source_id = source_id
        self.first_opinion_id = first_opinion_id
        self._deleted = False
        for name, columns in _TABLES.items():
            run(connection, f"DROP TABLE IF EXISTS {name}")
            run(connection, f"CREATE TEMPORARY TABLE {name} ({columns})")
        self.source_is_new = not run(
            connection,
            "SELECT EXISTS (SELECT 1 FROM opinion "
            "WHERE source_id = ? AND withdrawn_revision IS NULL)",
            (source_id,),
        ).scalar()
        """Whether nothing of this source was active before the import: nothing to replace."""

    def confirm(self, opinion_ids: Iterable[int]) -> None:
        """Note stored statements that the list makes again."""
        sql = "INSERT INTO import_confirmed VALUES (?) ON CONFLICT DO NOTHING"
        run_many(self.connection, sql, [(opinion_id,) for opinion_id in opinion_ids])

    def delete(self, keys: Iterable[str]) -> None:
        """Note keys that the list withdraws, as they are stored."""
        rows = [] if self.source_is_new else [(key,) for key in keys]
        sql = "INSERT INTO import_deleted VALUES (?) ON CONFLICT DO NOTHING"
        run_many(self.connection, sql, rows)

    def settle(self, snapshot_id: int) -> None:
        """Mark what was confirmed as made again by this snapshot."""
        run(self.connection, _CONFIRM, (snapshot_id,))

    def close(self) -> None:
        """Forget them."""
        for name in _TABLES:
            run(self.connection, f"DROP TABLE {name}")


def withdraw_replaced(
    connection: Connection,
    placer: MediaPlacer,
    keys: KeyBook,
    *,
    source: str,
    snapshot_id: int,
    revision: int,
    at: str,
    complete: bool,
    max_withdrawn_share: float,
) -> tuple[int, int]:
    """Withdraw the source's active statements that this snapshot did not make.

    Those whose key it has are superseded; where the list is complete, the others are absent.

    Returns:
        (superseded, absent).

    Raises:
        WithdrawalGuardError: more than ``FEW`` and more than ``max_withdrawn_share`` of the
            source's statements would be absent.
    """
    if keys.source_is_new:
        return 0, 0
    run(connection, _SUPERSEDED, (keys.first_opinion_id, keys.source_id, snapshot_id))
    if complete:
        run(connection, _ABSENT, (keys.source_id, snapshot_id))
        _guard(connection, keys, source, max_withdrawn_share)
    superseded = _withdraw(connection, placer, revision, at, "superseded")
    absent = _withdraw(connection, placer, revision, at, "absent")
    return superseded, absent


def _guard(connection: Connection, keys: KeyBook, source: str, max_share: float) -> None:
    absent = int(
        run(connection, "SELECT count(*) FROM import_replaced WHERE reason = 'absent'").scalar_one()
    )
    if absent <= FEW:
        return
    before = int(run(connection, _BEFORE, (keys.source_id, keys.first_opinion_id)).scalar_one())
    if absent > max_share * before:
        raise WithdrawalGuardError(
            f"complete list of {source!r}: expected at most {max_share:.0%} of the source's "
            f"{before} statements to be gone, got {absent} ({absent / before:.0%}); nothing was "
            "imported: if the list is right, confirm that (--confirm-withdrawals or "
            "max_withdrawn_share=1)"
        )


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
