"""What an import refused: counted, in the rejects file, and the first of it in a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from hashmatch.database.report import ImportReport
from hashmatch.database.statement import Refused
from hashmatch.exchange.rejects_file import RejectsFile, bounded
from hashmatch.store import encode_text, insert_rows, next_id
from hashmatch.store.schema import reject

MAX_STORED_REJECTS = 10_000
"""Rejects of one snapshot that are kept in full; all are counted."""


class Refusals:
    """The refusals of one import, within its transaction.

    Args:
        report: takes the counts; its ``snapshot_id`` is a row that exists.
        rejects: takes all of them.
    """

    def __init__(self, connection: Connection, report: ImportReport, rejects: RejectsFile) -> None:
        self._connection = connection
        self._report = report
        self._rejects = rejects
        self._next_reject_id = next_id(connection, reject)
        self._stored_rejects = 0

    def add(self, rejects: Sequence[Refused]) -> None:
        """Count, write and store some, each with the key of the record that it was a field of."""
        report = self._report
        rows: list[tuple[Any, ...]] = []
        for refused, key in rejects:
            self._rejects.add(refused, key)
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
                    *(self._next_reject_id, report.snapshot_id, refused.position),
                    None if key is None else encode_text(key),
                    *(field, _cut(refused.reason), _cut(refused.raw)),
                )
            )
            self._next_reject_id += 1
        insert_rows(self._connection, reject, rows)


def _cut(text: str) -> str:
    return encode_text(bounded(text))
