"""From a stream of records to a committed import with its report, snapshot and audit entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from os import PathLike
from pathlib import Path

from hashmatch.database.acting import AUDIT_LOG, current_actor
from hashmatch.database.collecting import seldom_collected
from hashmatch.database.importing import Importer
from hashmatch.database.list_file import ListFile
from hashmatch.database.list_reading import ListReading
from hashmatch.database.report import ImportProgress, ImportReport
from hashmatch.database.snapshots import close_snapshot, find_or_add_source, open_snapshot
from hashmatch.database.statement import MAX_KEY_BYTES, refuse_key
from hashmatch.database.superseding import MAX_WITHDRAWN_SHARE
from hashmatch.errors import ExchangeError, InputError
from hashmatch.exchange.rejects_file import RejectsFile
from hashmatch.store import Store

OnProgress = Callable[[ImportProgress], None]
_REASONS_SHOWN = 3


def import_in_one_transaction(
    store: Store,
    reading: ListReading,
    *,
    source: str,
    complete: bool,
    actor: str | None,
    on_progress: OnProgress | None,
    file: ListFile | None = None,
    max_rejects: int | None = None,
    max_withdrawn_share: float = MAX_WITHDRAWN_SHARE,
    rejects_path: str | PathLike[str] | None = None,
) -> ImportReport:
    """Import all of ``reading`` or nothing; see ``Database.import_file``.

    Args:
        file: what is read, measured before it was opened.
        max_rejects, max_withdrawn_share, rejects_path: see ``Database.import_file``.
    """
    require_arguments(source, max_rejects, max_withdrawn_share)
    actor = current_actor(actor)
    with (
        seldom_collected(),
        store.writing() as connection,
        RejectsFile(rejects_path) as rejects,
    ):
        source_id = find_or_add_source(connection, source, complete=complete)
        snapshot_id = open_snapshot(
            connection,
            source_id=source_id,
            actor=actor,
            file_name=None if file is None else file.name,
            file_sha256=None if file is None else file.sha256,
            size=None if file is None else file.size,
            format=reading.format,
            scheme=reading.scheme,
        )
        report = ImportReport(source, reading.format, reading.scheme, snapshot_id)
        importer = Importer(connection, source_id=source_id, report=report, rejects=rejects)
        for batch in reading.batches():
            importer.add(batch)
            if max_rejects is not None and report.rejected > max_rejects:
                raise _too_many_rejects(report, max_rejects)
            if on_progress is not None:
                on_progress(
                    ImportProgress(
                        report.seen, report.rejected, batch.bytes_read, reading.total_bytes
                    )
                )
        if file is not None:
            file.require_unchanged()
        report.warnings.update(reading.warnings)
        report.incomplete = reading.incomplete
        importer.finish(complete=complete, max_withdrawn_share=max_withdrawn_share)
        report.rejects_file = rejects.written
        close_snapshot(connection, report)
        AUDIT_LOG.append(
            connection,
            actor=actor,
            action="import",
            revision=report.revision,
            details={
                **report.to_dict(),
                "revision_before": importer.base_revision,
                "rejects_file": rejects.written and Path(rejects.written).name,
                "rejects_sha256": rejects.sha256,
                "complete": complete,
                "file": None if file is None else file.to_dict(),
            },
        )
    return report


def require_arguments(source: str, max_rejects: int | None, max_withdrawn_share: float) -> None:
    """Check what has to be right before a list is opened.

    Raises:
        InputError: names the argument that is wrong.
    """
    if not isinstance(source, str) or not source.strip():
        raise InputError(f"source: expected a name, got {source!r}")
    if refuse_key(source, 0) is not None:
        raise InputError(
            f"source: expected a name of at most {MAX_KEY_BYTES} bytes, got one of {len(source)} "
            "characters"
        )
    if max_rejects is not None and (type(max_rejects) is not int or max_rejects < 0):
        raise InputError(f"max_rejects: expected a number from 0 up or None, got {max_rejects!r}")
    if type(max_withdrawn_share) not in (int, float) or not 0 <= max_withdrawn_share <= 1:
        raise InputError(
            f"max_withdrawn_share: expected a number from 0 to 1, got {max_withdrawn_share!r}"
        )


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
