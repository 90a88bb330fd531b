"""From a stream of records to a committed import with its report, snapshot and audit entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from os import PathLike
from pathlib import Path

from hashmatch import exchange
from hashmatch.database.acting import AUDIT_LOG, current_actor
from hashmatch.database.importing import BATCH, Importer
from hashmatch.database.list_file import ListFile
from hashmatch.database.report import ImportProgress, ImportReport
from hashmatch.database.snapshots import close_snapshot, find_or_add_source, open_snapshot
from hashmatch.errors import ExchangeError, InputError
from hashmatch.exchange.base import INCOMPLETE
from hashmatch.exchange.rejects_file import RejectsFile
from hashmatch.store import Store
from hashmatch.types import Deletion, HashRecord, Reject

OnProgress = Callable[[ImportProgress], None]
_REASONS_SHOWN = 3


def import_in_one_transaction(
    store: Store,
    records: Iterable[HashRecord | Reject | Deletion],
    *,
    source: str,
    complete: bool,
    actor: str | None,
    on_progress: OnProgress | None,
    scheme: str | None,
    file: ListFile | None = None,
    reader: exchange.Reader | None = None,
    max_rejects: int | None = None,
    rejects_path: str | PathLike[str] | None = None,
) -> ImportReport:
    """Import all of ``records`` or nothing; see ``Database.import_file``.

    Args:
        scheme: noted with the snapshot.
        file: what ``reader`` reads, measured before it was opened.
        reader: ``records``, where they come from a file.
        max_rejects, rejects_path: see ``Database.import_file``.
    """
    if not isinstance(source, str) or not source.strip():
        raise InputError(f"source: expected a name, got {source!r}")
    if max_rejects is not None and (type(max_rejects) is not int or max_rejects < 0):
        raise InputError(f"max_rejects: expected a number from 0 up or None, got {max_rejects!r}")
    actor = current_actor(actor)
    format = None if reader is None else reader.info.format
    with store.writing() as connection, RejectsFile(rejects_path) as rejects:
        source_id = find_or_add_source(connection, source, complete=complete)
        snapshot_id = open_snapshot(
            connection,
            source_id=source_id,
            actor=actor,
            file_name=None if file is None else file.name,
            file_sha256=None if file is None else file.sha256,
            size=None if file is None else file.size,
            format=format,
            scheme=scheme,
        )
        report = ImportReport(source=source, format=format, scheme=scheme, snapshot_id=snapshot_id)
        importer = Importer(connection, source_id=source_id, report=report, rejects=rejects)
        for batch in _batches(records, rejects):
            importer.add(batch)
            if max_rejects is not None and report.rejected > max_rejects:
                raise _too_many_rejects(report, max_rejects)
            if on_progress is not None:
                on_progress(_progress(report, reader))
        if file is not None:
            file.require_unchanged()
        if reader is not None:
            report.warnings.update(reader.warnings)
            report.incomplete = reader.info.facts.get(INCOMPLETE)
        importer.finish(complete=complete)
        report.rejects_file = rejects.written
        close_snapshot(connection, report)
        AUDIT_LOG.append(
            connection,
            actor=actor,
            action="import",
            revision=report.revision,
            details={
                **report.to_dict(),
                "rejects_file": rejects.written and Path(rejects.written).name,
                "complete": complete,
                "file": None if file is None else file.to_dict(),
            },
        )
    return report


def _batches(
    records: Iterable[HashRecord | Reject | Deletion], rejects: RejectsFile
) -> Iterator[list[HashRecord | Reject | Deletion]]:
    stream = iter(records)
    while True:
        batch: list[HashRecord | Reject | Deletion] = []
        try:
            for item in islice(stream, BATCH):
                batch.append(item)  # noqa: PERF402 - what came before an error is needed
        except BaseException:
            rejects.add_from(batch)
            raise
        if not batch:
            return
        yield batch


def _too_many_rejects(report: ImportReport, limit: int) -> ExchangeError:
    refused = Counter(
        {
            reason: n
            for (outcome, reason), n in report.ledger.reasons.items()
            if outcome == "rejected"
        }
    )
    commonest = ", ".join(f"{why} ({count})" for why, count in refused.most_common(_REASONS_SHOWN))
    return ExchangeError(
        f"list of {report.source!r}: expected at most {limit} refused records, got "
        f"{report.rejected} among the first {report.seen}: {commonest}; nothing was imported"
    )


def _progress(report: ImportReport, reader: exchange.Reader | None) -> ImportProgress:
    return ImportProgress(
        seen=report.seen,
        rejected=report.rejected,
        bytes_read=None if reader is None else reader.bytes_read,
        total_bytes=None if reader is None else reader.total_bytes,
    )
