"""One pass over the active statements, media by media: how many there are of what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection

from hashmatch.database.indicators import MediaCounts
from hashmatch.database.rows import flag, label_of
from hashmatch.database.views import BENIGN
from hashmatch.store import decode_text, run, stream
from hashmatch.types import Label, MediaKind

_BLOCK = 10_000
_STATEMENTS = """
SELECT opinion.media_id, source_id, label, baseline, kind, record_key, content_digest,
    media.first_revision
FROM opinion JOIN media ON media.id = opinion.media_id
WHERE opinion.withdrawn_revision IS NULL ORDER BY opinion.media_id"""
_TIMES = """
SELECT revision, min(at) FROM (
    SELECT revision, at FROM revision_log
    UNION ALL SELECT revision, imported_at AS at FROM snapshot WHERE added > 0
) AS known GROUP BY revision ORDER BY revision"""
_UNKNOWN = MediaKind.UNKNOWN.value
_BASELINES = {True: "yes", False: "no", None: "unknown"}


def count_media(connection: Connection) -> MediaCounts:
    """Count all live media within the caller's transaction; memory is that of one media."""
    counts = MediaCounts()
    names = {
        int(source_id): decode_text(name)
        for source_id, name in run(connection, "SELECT id, name FROM source")
    }
    counts.sources.update(dict.fromkeys(names.values(), 0))
    months = _Months(connection)
    for _, group in groupby(_rows(connection), itemgetter(0)):
        _count(counts, list(group), names, months)
    return counts


def _rows(connection: Connection) -> Iterator[Sequence[Any]]:
    for rows in stream(connection, _STATEMENTS, block=_BLOCK):
        yield from rows


def _count(
    counts: MediaCounts, rows: list[Sequence[Any]], names: dict[int, str], months: _Months
) -> None:
    if len(rows) > 1:
        # As MediaView orders them.
        rows.sort(key=lambda row: (-label_of(row[2]).severity, names[row[1]], row[5], row[6]))
    counts.kinds[next((row[4] for row in rows if row[4] != _UNKNOWN), _UNKNOWN)] += 1
    counts.labels[rows[0][2]] += 1
    stated = {flag(row[3]) for row in rows}
    baseline = True if True in stated else False if False in stated else None
    counts.baselines[_BASELINES[baseline]] += 1
    counts.months[months.of(rows[0][7])] += 1
    by_source: dict[str, list[Sequence[Any]]] = {}
    for row in rows:
        by_source.setdefault(names[row[1]], []).append(row)
    counts.sources.update(by_source.keys())
    if len(by_source) == 1:
        counts.only_one_source += 1
        return
    for one, other in combinations(sorted(by_source), 2):
        counts.overlaps[one, other] += 1
        if _disagree(by_source[one], by_source[other]):
            counts.conflicts[one, other] += 1


def _disagree(one: list[Sequence[Any]], other: list[Sequence[Any]]) -> bool:
    """The rule of ``MediaView.conflict``, of two sources."""
    mine, theirs = _labels(one), _labels(other)
    if any(a != b for a in mine for b in theirs):
        return True
    return (_grave(one) and _benign(other)) or (_grave(other) and _benign(one))


def _labels(rows: list[Sequence[Any]]) -> set[str]:
    return {row[2] for row in rows} - {Label.UNCATEGORIZED.value}


def _grave(rows: list[Sequence[Any]]) -> bool:
    return any(flag(row[3]) is True for row in rows)


def _benign(rows: list[Sequence[Any]]) -> bool:
    return any(label_of(row[2]) in BENIGN for row in rows)


class _Months:
    """The month of each revision, as far as an import or the log of revisions tells it."""

    def __init__(self, connection: Connection) -> None:
        rows = run(connection, _TIMES)
        self._months = {int(revision): str(at)[:7] for revision, at in rows}

    def of(self, revision: int) -> str:
        return self._months.get(revision, "unknown")
