"""Reading the indicators: aggregates by the engine, and streams where memory would grow."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import UTC, datetime

from sqlalchemy import Connection

from hashmatch.database.content import content_digest
from hashmatch.database.counting_media import count_media
from hashmatch.database.indicators import Indicators, ListAge
from hashmatch.database.rows import moment
from hashmatch.store import decode_text, read_revision, run, stream

_BLOCK = 1_000

_COVERAGE = """
SELECT algorithm, count(*) FROM (
    SELECT DISTINCT hash.algorithm, opinion.media_id
    FROM opinion JOIN hash ON hash.opinion_id = opinion.id
    WHERE opinion.withdrawn_revision IS NULL AND hash.matchable
) AS covered GROUP BY algorithm"""
_NOT_MATCHABLE = """
SELECT algorithm, reason, count(*) FROM hash JOIN opinion ON opinion.id = hash.opinion_id
WHERE opinion.withdrawn_revision IS NULL AND reason IS NOT NULL GROUP BY algorithm, reason"""
_LATEST = """
SELECT source.name, source.complete, snapshot.imported_at, snapshot.file_name
FROM source JOIN snapshot ON snapshot.id = (
    SELECT max(latest.id) FROM snapshot AS latest WHERE latest.source_id = source.id)"""
_CHECKS = "SELECT at, details FROM audit WHERE action = 'check' ORDER BY seq"
_KNOWN_SETS = "SELECT name, records, overlap FROM known_set"
NO_ALERT = "unknown"
"""Of a check that says no alert: another program wrote it."""


def read_indicators(connection: Connection, *, now: datetime | None = None) -> Indicators:
    """All indicators within the caller's read transaction.

    Args:
        now: to which the age of lists is told; by default the clock.
    """
    today = datetime.now(UTC) if now is None else now
    not_matchable: dict[str, dict[str, int]] = defaultdict(dict)
    for algorithm, reason, count in run(connection, _NOT_MATCHABLE):
        not_matchable[algorithm][reason] = int(count)
    return Indicators(
        revision=read_revision(connection),
        content_digest=content_digest(connection),
        media=count_media(connection),
        coverage={name: int(count) for name, count in run(connection, _COVERAGE)},
        not_matchable=dict(sorted(not_matchable.items())),
        lists={
            decode_text(name): ListAge(
                imported_at=at,
                days=max(0, (today - moment(at)).days),
                file_name=None if file_name is None else decode_text(file_name),
                complete=bool(complete),
            )
            for name, complete, at, file_name in run(connection, _LATEST)
        },
        matches=_matches(connection),
        known_sets={
            decode_text(name): {"records": int(records), "overlap": int(overlap)}
            for name, records, overlap in run(connection, _KNOWN_SETS)
        },
    )


def _matches(connection: Connection) -> dict[str, dict[str, int]]:
    """Answers by month and alert, from the log's entries of checks: only matches are logged."""
    months: dict[str, Counter[str]] = defaultdict(Counter)
    for rows in stream(connection, _CHECKS, block=_BLOCK):
        for at, details in rows:
            months[at[:7]][_alert(details)] += 1
    return {month: dict(alerts) for month, alerts in months.items()}


def _alert(details: str) -> str:
    try:
        found = json.loads(details)
    except ValueError:
        return NO_ALERT  # whether the log was changed is for verify_audit to say
    alert = found.get("alert") if isinstance(found, dict) else None
    return alert if isinstance(alert, str) else NO_ALERT
