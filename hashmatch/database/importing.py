"""Importing records: one transaction that is applied as a whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import count

from sqlalchemy import Connection

from hashmatch.database.batches import Batch
from hashmatch.database.contradictions import count_known_conflicts, count_md5_conflicts
from hashmatch.database.first_import import FirstImport
from hashmatch.database.identity import Stated
from hashmatch.database.placing import MediaPlacer
from hashmatch.database.refusals import Refusals
from hashmatch.database.report import ImportReport
from hashmatch.database.sighting_rows import SightingRow
from hashmatch.database.statement import Statement
from hashmatch.database.superseding import MAX_WITHDRAWN_SHARE, KeyBook, withdraw_replaced
from hashmatch.errors import DatabaseError, ExchangeError
from hashmatch.exchange.rejects_file import RejectsFile
from hashmatch.store import (
    insert_rows,
    next_id,
    raise_revision,
    read_revision,
    select_in,
)
from hashmatch.store.schema import hash_value, media, opinion, sighting

WITHDRAWN_BY_LIST = "entry withdrawn by the list"
WITHDRAWAL_NOT_APPLIED = "entry withdrawn by the list: not applied, the list was read only in part"

_OF_THE_IMPORT = ("source_id", "first_snapshot_id", "last_snapshot_id", "first_revision")
_NEW_OPINION = tuple(
    column.name
    for column in opinion.columns
    if column.name not in _OF_THE_IMPORT and not column.name.startswith("withdrawn_")
)
_PLAIN_HASH = ("id", "opinion_id", "algorithm", "value", "quality")
_KNOWN_STATEMENTS = """
SELECT opinion.id, wanted.k0, wanted.k1 FROM wanted CROSS JOIN opinion
WHERE opinion.source_id = ? AND opinion.record_key = wanted.k0
    AND opinion.content_digest = wanted.k1 AND opinion.withdrawn_revision IS NULL"""

_KNOWN_SIGHTINGS = """
SELECT wanted.k0, wanted.k1 FROM wanted CROSS JOIN sighting
WHERE sighting.opinion_id = wanted.k0 AND sighting.content_digest = wanted.k1"""


class Importer:
    """One import within the caller's write transaction: batches, then ``finish``.

    Args:
        connection: holds the write lock.
        source_id: row of table ``source``.
        report: counts are added to it; its ``snapshot_id`` is a row that exists.
        rejects: takes everything that is refused.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        source_id: int,
        report: ImportReport,
        rejects: RejectsFile,
    ) -> None:
        self._connection = connection
        self._source_id = source_id
        self._report = report
        self.base_revision = read_revision(connection)
        self.revision = self.base_revision + 1
        numbers = (source_id, report.snapshot_id, report.snapshot_id, self.revision)
        self._of_this_import = dict(zip(_OF_THE_IMPORT, numbers, strict=True))
        self._placer = MediaPlacer(connection, revision=self.revision)
        self._first_opinion_id = self._next_opinion_id = next_id(connection, opinion)
        self._keys = KeyBook(
            connection, source_id=source_id, first_opinion_id=self._first_opinion_id
        )
        self._first_hash_id = self._next_hash_id = next_id(connection, hash_value)
        self._next_sighting_id = next_id(connection, sighting)
        self._refusals = Refusals(connection, report, rejects)
        is_empty = next_id(connection, media) == 1
        self._first = FirstImport(connection) if is_empty else None
        self._had_hard_cases = False

    def add(self, batch: Batch) -> None:
        """Store one batch.

        A deletion withdraws what earlier snapshots of the source state under its key. What this
        one states itself stands, before or after: the order of records must not decide.
        """
        report = self._report
        self._refusals.add(batch.refused)
        if batch.deletions:
            self._keys.delete(batch.deletions)
            report.warnings[WITHDRAWN_BY_LIST] += len(batch.deletions)
        report.seen += len(batch.statements)
        report.ledger.add_done(len(batch.statements))
        if self._first is None:
            self._add(batch.statements)
        else:
            self._add_new(self._first.take(batch.statements))

    def _add_new(self, statements: Sequence[Statement]) -> None:
        """Store what nothing else concerns."""
        media_id = self._placer.place_new([(s[2], s[3]) for s in statements])
        self._insert(zip(statements, count(media_id), strict=False))
        self._report.added += len(statements)

    def _add(self, given: Sequence[Statement]) -> None:
        report = self._report
        statements: dict[tuple[str, bytes], Statement] = {}
        for statement in given:
            key = (statement[0], statement[1])
            known = statements.get(key)
            if known is not None and statement[6]:
                statement = (*known[:6], (*known[6], *statement[6]))
            statements[key] = statement
        known_ids = self._confirm(statements)
        new = [statement for key, statement in statements.items() if key not in known_ids]
        report.added += len(new)
        report.unchanged += len(given) - len(new)
        self._store(new)
        self._see(
            (opinion_id, row) for key, opinion_id in known_ids.items() for row in statements[key][6]
        )

    def finish(self, *, complete: bool, max_withdrawn_share: float = MAX_WITHDRAWN_SHARE) -> None:
        """Withdraw what the list replaced, and settle the revision.

        Of a list that was read only in part, the rest may state again what seems to be replaced or
        withdrawn: it withdraws nothing.

        Raises:
            ExchangeError: a list that was read only in part was taken as complete.
            DatabaseError: every record of a complete list was refused.
            WithdrawalGuardError: a complete list would withdraw more than it may.
        """
        report = self._report
        if self._first is not None:
            for statements in self._first.finish():
                self._add(statements)
        if complete and report.incomplete is not None:
            raise ExchangeError(
                f"complete list of {report.source!r}: it was read only in part "
                f"({report.incomplete}), and what is missing must not be withdrawn; nothing was "
                "imported: import it again without complete"
            )
        if complete and report.seen and not report.accepted:
            raise DatabaseError(
                f"complete list of {report.source!r}: expected records, got {report.rejected} "
                "rejects only; taking it as complete would withdraw everything of the source"
            )
        at = datetime.now(UTC).isoformat(timespec="microseconds")
        self._keys.settle(report.snapshot_id)
        if report.incomplete is None:
            report.superseded, report.withdrawn = withdraw_replaced(
                self._connection,
                self._placer,
                self._keys,
                source=report.source,
                snapshot_id=report.snapshot_id,
                revision=self.revision,
                at=at,
                complete=complete,
                max_withdrawn_share=max_withdrawn_share,
            )
        elif count := report.warnings.pop(WITHDRAWN_BY_LIST, 0):
            report.warnings[WITHDRAWAL_NOT_APPLIED] = count
        first_id = self._first_opinion_id
        if self._had_hard_cases:
            report.md5_conflicts = count_md5_conflicts(self._connection, first_opinion_id=first_id)
        report.known_conflicts = count_known_conflicts(self._connection, first_opinion_id=first_id)
        self._keys.close()
        report.revision = self.revision if report.changed else self.base_revision
        if report.changed:
            raise_revision(
                self._connection,
                action="import",
                source_id=self._source_id,
                snapshot_id=report.snapshot_id,
                first_opinion_id=first_id,
                first_hash_id=self._first_hash_id,
            )

    def _confirm(
        self, statements: dict[tuple[str, bytes], Statement]
    ) -> dict[tuple[str, bytes], int]:
        """Those that are stored already, and under which id."""
        known: dict[tuple[str, bytes], int] = {}
        if not self._keys.source_is_new or self._report.added:
            for opinion_id, key, content in select_in(
                self._connection, _KNOWN_STATEMENTS, statements, (self._source_id,)
            ):
                known[key, content] = opinion_id
        before = self._first_opinion_id
        self._keys.confirm(number for number in known.values() if number < before)
        return known

    def _store(self, statements: Sequence[Statement]) -> None:
        by_digest: dict[Stated, list[Statement]] = {}
        by_hash_set: dict[bytes, list[Statement]] = {}
        for statement in statements:
            hash_set = statement[3]
            if hash_set is None:
                by_digest.setdefault(statement[2], []).append(statement)
            else:
                by_hash_set.setdefault(hash_set, []).append(statement)
        created = 0
        if by_hash_set:
            ids, created = self._placer.place_hash_sets(by_hash_set)
            self._insert((s, ids[key]) for key, group in by_hash_set.items() for s in group)
        if by_digest:
            easy, hard = self._placer.place_easy(by_digest)
            self._insert((s, i) for t, i in easy.media.items() for s in by_digest[t])
            placed = self._placer.resolve(added=hard)
            self._insert((s, i) for t, i in placed.media.items() for s in by_digest[t])
            created += easy.created + placed.created
            self._had_hard_cases = self._had_hard_cases or bool(hard)
        self._report.merged += len(statements) - created

    def _insert(self, given: Iterable[tuple[Statement, int]]) -> None:
        placed = list(given)
        first = self._next_opinion_id
        opinions = [
            (opinion_id, key, content, media_id, *stated, *columns)
            for opinion_id, ((key, content, stated, _, columns, _, _), media_id) in enumerate(
                placed, first
            )
        ]
        asserted = [
            (opinion_id, row)
            for opinion_id, (statement, _) in enumerate(placed, first)
            for row in statement[5]
        ]
        plain, others = [], []
        for hash_id, (opinion_id, row) in enumerate(asserted, self._next_hash_id):
            algorithm, value, quality, matchable, reason, frame, time_s = row
            if matchable and frame is None and time_s is None:
                plain.append((hash_id, opinion_id, algorithm, value, quality))
                continue
            others.append((hash_id, opinion_id, *row))
            if reason is not None:
                self._report.not_matchable_reasons[f"{algorithm}: {reason}"] += 1
        self._next_opinion_id += len(opinions)
        self._next_hash_id += len(asserted)
        insert_rows(self._connection, opinion, opinions, _NEW_OPINION, self._of_this_import)
        insert_rows(self._connection, hash_value, plain, _PLAIN_HASH, {"matchable": True})
        insert_rows(self._connection, hash_value, others)
        self._see(
            (opinion_id, place)
            for opinion_id, (statement, _) in enumerate(placed, first)
            for place in statement[6]
        )

    def _see(self, places: Iterable[tuple[int, SightingRow]]) -> None:
        """Store where cases saw the media of statements, unless that is known."""
        wanted = {(opinion_id, row[0]): row for opinion_id, row in places}
        if not wanted:
            return
        known = set(select_in(self._connection, _KNOWN_SIGHTINGS, wanted))
        rows = []
        for (opinion_id, digest), row in wanted.items():
            if (opinion_id, digest) not in known:
                rows.append((self._next_sighting_id, opinion_id, digest, self.revision, *row[1:]))
                self._next_sighting_id += 1
        self._report.sightings += len(rows)
        insert_rows(self._connection, sighting, rows)
