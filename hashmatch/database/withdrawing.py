"""Withdrawing statements: they stop counting at once and stay in the tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import Connection

from hashmatch.database.identity import NOTHING_STATED, Stated
from hashmatch.database.neighbourhood import active_triples
from hashmatch.database.placing import MediaPlacer
from hashmatch.store import (
    chunks,
    encode_text,
    next_id,
    raise_revision,
    read_revision,
    run,
    run_many,
    select_in,
)
from hashmatch.store.schema import hash_value, opinion

CHUNK = 5_000
"""Statements that are withdrawn together."""

Reason = Literal["superseded", "absent", "withdrawn"]

_STATED = """
SELECT opinion.id, media_id, stated_md5, stated_sha1, stated_sha256
FROM wanted CROSS JOIN opinion
WHERE opinion.id = wanted.k0 AND withdrawn_revision IS NULL"""


def withdraw_opinions(
    connection: Connection,
    placer: MediaPlacer,
    opinion_ids: Sequence[int],
    *,
    revision: int,
    at: str,
    reason: Reason,
) -> int:
    """Withdraw statements and take back what only they said about which files are one.

    Args:
        opinion_ids: of some thousands of statements; those withdrawn already are left alone.
        revision: the one that this transaction makes.
        at: UTC, ISO 8601.

    Returns:
        How many were active and are withdrawn now.
    """
    gone: dict[int, set[Stated]] = defaultdict(set)
    rows = []
    for opinion_id, media_id, md5, sha1, sha256 in select_in(
        connection, _STATED, [(opinion_id,) for opinion_id in opinion_ids]
    ):
        gone[media_id].add((md5, sha1, sha256))
        rows.append((revision, at, reason, opinion_id))
    if not rows:
        return 0
    run_many(
        connection,
        "UPDATE opinion SET withdrawn_revision = ?, withdrawn_at = ?, withdrawn_reason = ? "
        "WHERE id = ?",
        rows,
    )
    left: dict[int, set[Stated]] = defaultdict(set)
    for media_id, stated in active_triples(connection, gone):
        left[media_id].add(stated)
    placer.retire(media_id for media_id in gone if media_id not in left)
    removed = {stated for media_id in gone for stated in gone[media_id] - left[media_id]}
    removed.discard(NOTHING_STATED)
    placer.resolve(removed=removed)
    return len(rows)


def withdraw_record(connection: Connection, *, source_id: int, record_key: str) -> int:
    """Withdraw every active statement under one key, raising the revision if there is one.

    Returns:
        How many were withdrawn.
    """
    rows = run(
        connection,
        "SELECT id FROM opinion WHERE source_id = ? AND record_key = ? "
        "AND withdrawn_revision IS NULL",
        (source_id, encode_text(record_key)),
    )
    opinion_ids = [int(row[0]) for row in rows]
    if not opinion_ids:
        return 0
    revision = read_revision(connection) + 1
    placer = MediaPlacer(connection, revision=revision)
    at = datetime.now(UTC).isoformat(timespec="microseconds")
    for chunk in chunks(opinion_ids, CHUNK):
        withdraw_opinions(connection, placer, chunk, revision=revision, at=at, reason="withdrawn")
    raise_revision(
        connection,
        action="withdraw",
        source_id=source_id,
        first_opinion_id=next_id(connection, opinion),
        first_hash_id=next_id(connection, hash_value),
    )
    return len(opinion_ids)
