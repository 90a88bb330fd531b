"""Counts over the whole database, at one revision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from hashmatch.database.views import BENIGN
from hashmatch.store import decode_text, read_revision, run
from hashmatch.types import Label

_ACTIVE = "FROM opinion WHERE withdrawn_revision IS NULL"
_BENIGN = f"label IN ({', '.join(repr(label.value) for label in sorted(BENIGN))})"
_LABELLED = f"label <> '{Label.UNCATEGORIZED.value}'"
# The rule of MediaView.conflict: sources disagree on a label, or on Baseline against benign.
_CONFLICTS = f"""
SELECT count(*) FROM (
    SELECT media_id {_ACTIVE} GROUP BY media_id
    HAVING (count(DISTINCT CASE WHEN {_LABELLED} THEN source_id END) > 1
        AND count(DISTINCT CASE WHEN {_LABELLED} THEN label END) > 1)
    OR (count(CASE WHEN baseline THEN 1 END) > 0 AND count(CASE WHEN {_BENIGN} THEN 1 END) > 0
        AND count(DISTINCT CASE WHEN baseline OR {_BENIGN} THEN source_id END) > 1)
) AS disputed"""  # noqa: S608
_MD5_CONFLICTS = """
SELECT count(*) FROM (
    SELECT md5 FROM media WHERE md5 IS NOT NULL AND retired_revision IS NULL
    GROUP BY md5 HAVING count(*) > 1
) AS shared"""
_HASHES = """
SELECT algorithm, reason, count(*) FROM hash JOIN opinion ON opinion.id = hash.opinion_id
WHERE withdrawn_revision IS NULL GROUP BY algorithm, reason"""


@dataclass(frozen=True, slots=True)
class HashCounts:
    """Active hashes of one algorithm.

    Attributes:
        matchable: those that a search finds.
        not_matchable: the others, by reason.
    """

    matchable: int
    not_matchable: dict[str, int]


@dataclass(frozen=True, slots=True)
class DatabaseStats:
    """What the database holds; opinions are counted where they are active.

    Attributes:
        revision: the one that all counts are of.
        media: distinct files with an active opinion.
        opinions: active ones.
        withdrawn: opinions that no longer count.
        by_source, by_label, by_baseline: active opinions; ``by_baseline`` has the keys
            "yes", "no" and "unknown".
        hashes: by algorithm.
        conflicts: media on which sources disagree (``MediaView.conflict``).
        md5_conflicts: MD5 values under which more than one media stands.
        snapshots: imports ever made.
    """

    revision: int
    media: int
    opinions: int
    withdrawn: int
    by_source: dict[str, int]
    by_label: dict[str, int]
    by_baseline: dict[str, int]
    hashes: dict[str, HashCounts]
    conflicts: int
    md5_conflicts: int
    snapshots: int

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "revision": self.revision,
            "media": self.media,
            "opinions": self.opinions,
            "withdrawn": self.withdrawn,
            "by_source": self.by_source,
            "by_label": self.by_label,
            "by_baseline": self.by_baseline,
            "hashes": {
                name: {"matchable": counts.matchable, "not_matchable": counts.not_matchable}
                for name, counts in self.hashes.items()
            },
            "conflicts": self.conflicts,
            "md5_conflicts": self.md5_conflicts,
            "snapshots": self.snapshots,
        }


def read_statistics(connection: Connection) -> DatabaseStats:
    """Count everything within the caller's read transaction."""
    revision = read_revision(connection)
    by_source = _counts(
        connection,
        "SELECT source.name, (SELECT count(*) FROM opinion WHERE source_id = source.id "
        "AND withdrawn_revision IS NULL) FROM source ORDER BY source.name",
    )
    by_label = _counts(connection, f"SELECT label, count(*) {_ACTIVE} GROUP BY label")
    by_baseline = _counts(
        connection,
        "SELECT CASE WHEN baseline IS NULL THEN 'unknown' WHEN baseline THEN 'yes' ELSE 'no' END "
        f"AS answer, count(*) {_ACTIVE} GROUP BY answer",
    )
    hashes: dict[str, HashCounts] = {}
    for algorithm, reason, count in run(connection, _HASHES):
        known = hashes.get(algorithm, HashCounts(0, {}))
        if reason is None:
            hashes[algorithm] = HashCounts(count, known.not_matchable)
        else:
            hashes[algorithm] = HashCounts(known.matchable, {**known.not_matchable, reason: count})
    return DatabaseStats(
        revision=revision,
        media=_count(connection, "SELECT count(*) FROM media WHERE retired_revision IS NULL"),
        opinions=_count(connection, f"SELECT count(*) {_ACTIVE}"),
        withdrawn=_count(
            connection, "SELECT count(*) FROM opinion WHERE withdrawn_revision IS NOT NULL"
        ),
        by_source=by_source,
        by_label=by_label,
        by_baseline=by_baseline,
        hashes=dict(sorted(hashes.items())),
        conflicts=_count(connection, _CONFLICTS),
        md5_conflicts=_count(connection, _MD5_CONFLICTS),
        snapshots=_count(connection, "SELECT count(*) FROM snapshot"),
    )


def _count(connection: Connection, sql: str) -> int:
    return int(run(connection, sql).scalar_one())


def _counts(connection: Connection, sql: str) -> dict[str, int]:
    rows = run(connection, sql)
    return {decode_text(name): count for name, count in rows}
