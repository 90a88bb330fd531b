"""Importing records: one transaction that is applied as a whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from hashmatch.database.contradictions import count_known_conflicts, count_md5_conflicts
from hashmatch.database.identity import Stated
from hashmatch.database.placing import MediaPlacer
from hashmatch.database.report import ImportReport
from hashmatch.database.statement import Statement, admit
from hashmatch.database.superseding import KeyBook, withdraw_replaced
from hashmatch.errors import DatabaseError, ExchangeError
from hashmatch.exchange.rejects_file import RejectsFile, bounded
from hashmatch.store import (
    decode_text,
    encode_text,
    insert_rows,
    next_id,
    raise_revision,
    read_revision,
    run_many,
    select_in,
)
from hashmatch.store.schema import hash_value, opinion, reject
from hashmatch.types import Deletion, HashRecord, Reject

BATCH = 500
"""Records that are looked up and inserted together; larger ones only feed the collector."""
MAX_STORED_REJECTS = 10_000
"""Rejects of one snapshot that are kept in full; all are counted."""
WITHDRAWN_BY_LIST = "entry withdrawn by the list"
WITHDRAWAL_NOT_APPLIED = "entry withdrawn by the list: not applied, the list was read only in part"
PLACES_NOT_STORED = "places in cases are not stored"

_KNOWN_STATEMENTS = """
SELECT opinion.id, wanted.k0, wanted.k1 FROM wanted CROSS JOIN opinion
WHERE opinion.source_id = ? AND opinion.record_key = wanted.k0
    AND opinion.content_digest = wanted.k1 AND opinion.withdrawn_revision IS NULL"""


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
        self._rejects = rejects
        self._source_id = source_id
        self._report = report
        self._base_revision = read_revision(connection)
        self.revision = self._base_revision + 1
        self._placer = MediaPlacer(connection, revision=self.revision)
        self._keys = KeyBook(connection, source_id=source_id)
        self._first_opinion_id = self._next_opinion_id = next_id(connection, opinion)
        self._first_hash_id = self._next_hash_id = next_id(connection, hash_value)
        self._next_reject_id = next_id(connection, reject)
        self._stored_rejects = 0
        self._had_hard_cases = False

    def add(self, items: Iterable[HashRecord | Reject | Deletion]) -> None:
        """Store one batch.

        A ``Deletion`` withdraws what earlier snapshots of the source state under its key. What this
        one states itself stands, before or after: the order of records must not decide.
        """
        report = self._report
        statements: dict[tuple[str, bytes], Statement] = {}
        accepted = 0
        rejects: list[tuple[Reject, str | None]] = []
        for item in items:
            if isinstance(item, Deletion):
                self._keys.touch((encode_text(item.record_key),))
                report.warnings[WITHDRAWN_BY_LIST] += 1
                continue
            if isinstance(item, Reject):
                rejects.append((item, None))
                continue
            outcome = admit(item)
            if isinstance(outcome, Reject):
                rejects.append((outcome, None))
                continue
            accepted += 1
            if item.seen_at:
                report.warnings[PLACES_NOT_STORED] += 1
            if outcome.rejects:
                rejects.extend((refused, outcome.key) for refused in outcome.rejects)
            statements.setdefault((outcome.key, outcome.content), outcome)
        self._store_rejects(rejects)
        known = self._touch(statements)
        new = [statement for key, statement in statements.items() if key not in known]
        report.seen += accepted
        report.added += len(new)
        report.unchanged += accepted - len(new)
        report.ledger.add_done(accepted)
        self._keys.touch(key for key, _ in statements)
        self._store(new)

    def finish(self, *, complete: bool) -> None:
        """Withdraw what the list replaced, and settle the revision.

        Of a list that was read only in part, the rest may state again what seems to be replaced or
        withdrawn: it withdraws nothing.

        Raises:
            ExchangeError: a list that was read only in part was taken as complete.
            DatabaseError: every record of a complete list was refused.
        """
        report = self._report
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
        if report.incomplete is None:
            report.superseded, report.withdrawn = withdraw_replaced(
                self._connection,
                self._placer,
                self._keys,
                snapshot_id=report.snapshot_id,
                revision=self.revision,
                at=at,
                complete=complete,
            )
        elif count := report.warnings.pop(WITHDRAWN_BY_LIST, 0):
            report.warnings[WITHDRAWAL_NOT_APPLIED] = count
        first_id = self._first_opinion_id
        if self._had_hard_cases:
            report.md5_conflicts = count_md5_conflicts(self._connection, first_opinion_id=first_id)
        report.known_conflicts = count_known_conflicts(
            self._connection, self._keys, first_opinion_id=first_id
        )
        self._keys.close()
        report.revision = self.revision if report.changed else self._base_revision
        if report.changed:
            raise_revision(
                self._connection,
                action="import",
                source_id=self._source_id,
                snapshot_id=report.snapshot_id,
                first_opinion_id=first_id,
                first_hash_id=self._first_hash_id,
            )

    def _touch(self, statements: dict[tuple[str, bytes], Statement]) -> set[tuple[str, bytes]]:
        """Mark the statements that are stored already as made again by this snapshot."""
        known: set[tuple[str, bytes]] = set()
        touched = []
        if not self._keys.source_is_new or self._report.added:
            for opinion_id, key, content in select_in(
                self._connection, _KNOWN_STATEMENTS, statements, (self._source_id,)
            ):
                known.add((key, content))
                touched.append((self._report.snapshot_id, opinion_id))
        if touched:
            run_many(
                self._connection, "UPDATE opinion SET last_snapshot_id = ? WHERE id = ?", touched
            )
        return known

    def _store(self, statements: Sequence[Statement]) -> None:
        by_digest: dict[Stated, list[Statement]] = {}
        by_hash_set: dict[bytes, list[Statement]] = {}
        for statement in statements:
            if statement.hash_set is None:
                by_digest.setdefault(statement.stated, []).append(statement)
            else:
                by_hash_set.setdefault(statement.hash_set, []).append(statement)
        created = 0
        if by_hash_set:
            ids, created = self._placer.place_hash_sets(by_hash_set)
            self._insert([(s, ids[key]) for key, group in by_hash_set.items() for s in group])
        if by_digest:
            easy, hard = self._placer.place_easy(by_digest)
            self._insert([(s, i) for t, i in easy.media.items() for s in by_digest[t]])
            placed = self._placer.resolve(added=hard)
            self._insert([(s, i) for t, i in placed.media.items() for s in by_digest[t]])
            created += easy.created + placed.created
            self._had_hard_cases = self._had_hard_cases or bool(hard)
        self._report.merged += len(statements) - created

    def _insert(self, placed: Sequence[tuple[Statement, int]]) -> None:
        snapshot_id, revision, source_id = self._report.snapshot_id, self.revision, self._source_id
        opinions: list[tuple[Any, ...]] = []
        hashes: list[tuple[Any, ...]] = []
        opinion_id, hash_id = self._next_opinion_id, self._next_hash_id
        for statement, media_id in placed:
            opinions.append(
                (
                    *(opinion_id, source_id, statement.key, statement.content, media_id),
                    *(snapshot_id, snapshot_id, revision, None, None, None),
                    *statement.stated,
                    *statement.columns,
                )
            )
            for row in statement.hashes:
                hashes.append((hash_id, opinion_id, *row))
                hash_id += 1
                if row[4] is not None:
                    self._report.not_matchable_reasons[f"{row[0]}: {row[4]}"] += 1
            opinion_id += 1
        self._next_opinion_id, self._next_hash_id = opinion_id, hash_id
        insert_rows(self._connection, opinion, opinions)
        insert_rows(self._connection, hash_value, hashes)

    def _store_rejects(self, rejects: Sequence[tuple[Reject, str | None]]) -> None:
        report = self._report
        rows: list[tuple[Any, ...]] = []
        for refused, key in rejects:
            self._rejects.add(refused, None if key is None else decode_text(key))
            reason = report.add_reason(_cut(refused.reason))
            if refused.whole_record:
                report.seen += 1
                report.rejected += 1
                report.ledger.add_rejected(reason)
            else:
                report.field_rejects += 1
            if self._stored_rejects >= MAX_STORED_REJECTS:
                continue
            self._stored_rejects += 1
            field = None if refused.field is None else _cut(refused.field)
            rows.append(
                (
                    *(self._next_reject_id, report.snapshot_id, refused.position, key),
                    *(field, _cut(refused.reason), _cut(refused.raw)),
                )
            )
            self._next_reject_id += 1
        insert_rows(self._connection, reject, rows)


def _cut(text: str) -> str:
    return encode_text(bounded(text))
