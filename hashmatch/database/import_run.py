"""From a stream of records to a committed import with its report, snapshot and audit entry."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice

from hashmatch import exchange
from hashmatch.database.acting import AUDIT_LOG, current_actor
from hashmatch.database.importing import BATCH, Importer
from hashmatch.database.list_file import ListFile
from hashmatch.database.report import ImportProgress, ImportReport
from hashmatch.database.snapshots import close_snapshot, find_or_add_source, open_snapshot
from hashmatch.errors import InputError
from hashmatch.store import SqliteStore
from hashmatch.types import Deletion, HashRecord, Reject

OnProgress = Callable[[ImportProgress], None]


def import_in_one_transaction(
    store: SqliteStore,
    records: Iterable[HashRecord | Reject | Deletion],
    *,
    source: str,
    complete: bool,
    actor: str | None,
    on_progress: OnProgress | None,
    scheme: str | None,
    file: ListFile | None = None,
    reader: exchange.Reader | None = None,
) -> ImportReport:
    """Import all of ``records`` or nothing; see ``Database.import_file``.

    Args:
        scheme: noted with the snapshot.
        file: what ``reader`` reads, measured before it was opened.
        reader: ``records``, where they come from a file.
    """
    if not isinstance(source, str) or not source.strip():
        raise InputError(f"source: expected a name, got {source!r}")
    actor = current_actor(actor)
    format = None if reader is None else reader.info.format
    with store.writing() as connection:
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
        importer = Importer(connection, source_id=source_id, report=report)
        stream = iter(records)
        while batch := list(islice(stream, BATCH)):
            importer.add(batch)
            if on_progress is not None:
                on_progress(_progress(report, reader))
        if file is not None:
            file.require_unchanged()
        if reader is not None:
            report.warnings.update(reader.warnings)
        importer.finish(complete=complete)
        close_snapshot(connection, report)
        AUDIT_LOG.append(
            connection,
            actor=actor,
            action="import",
            revision=report.revision,
            details={
                **report.to_dict(),
                "complete": complete,
                "file": None if file is None else file.to_dict(),
            },
        )
    return report


def _progress(report: ImportReport, reader: exchange.Reader | None) -> ImportProgress:
    return ImportProgress(
        seen=report.seen,
        rejected=report.rejected,
        bytes_read=None if reader is None else reader.bytes_read,
        total_bytes=None if reader is None else reader.total_bytes,
    )
