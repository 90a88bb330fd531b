"""The national database: lists go in, answers and lists come out, every act is logged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any

from sqlalchemy import select

from hashmatch import exchange
from hashmatch.audit import AuditEntry, verify
from hashmatch.closing import Closing
from hashmatch.database.acting import AUDIT_LOG, current_actor
from hashmatch.database.export_run import write_view
from hashmatch.database.exporting import ExportFilter
from hashmatch.database.import_run import OnProgress, import_in_one_transaction
from hashmatch.database.list_file import ListFile
from hashmatch.database.reading import SnapshotView
from hashmatch.database.report import ExportReport, ImportReport
from hashmatch.database.statistics import DatabaseStats, read_statistics
from hashmatch.database.withdrawing import withdraw_record
from hashmatch.errors import DatabaseError, InputError
from hashmatch.store import SqliteStore, read_revision, schema
from hashmatch.types import Deletion, HashRecord, Reject

EVERYTHING = ExportFilter()


class Database(Closing):
    """An open database; built by ``open_database``. Usable from several threads.

    Every write is one transaction: it is applied as a whole, raises the revision by one if it
    changed what the database says, and adds one entry to the audit log. Readers never wait.
    All methods raise DatabaseError where the file fails, DatabaseBusyError where another writer
    held the lock for longer than the busy timeout.
    """

    def __init__(self, store: SqliteStore) -> None:
        self._store = store

    @property
    def path(self) -> Path:
        return self._store.path

    @property
    def read_only(self) -> bool:
        return self._store.read_only

    @property
    def revision(self) -> int:
        """The counter of content changes, as committed now."""
        with self._store.reading() as connection:
            return read_revision(connection)

    @contextmanager
    def snapshot(self) -> Iterator[SnapshotView]:
        """One revision, whatever is written meanwhile; one thread at a time."""
        with self._store.reading() as connection:
            yield SnapshotView(connection)

    def stats(self) -> DatabaseStats:
        """Counts over the whole database, at one revision."""
        with self._store.reading() as connection:
            return read_statistics(connection)

    def import_file(
        self,
        path: str | PathLike[str],
        *,
        source: str,
        format: str = "auto",
        scheme: str | None = None,
        schemes: exchange.Schemes | None = None,
        mapping: str | PathLike[str] | None = None,
        hash_type: str | None = None,
        salvage: bool = False,
        complete: bool = False,
        max_rejects: int | None = None,
        rejects_path: str | PathLike[str] | None = None,
        actor: str | None = None,
        on_progress: OnProgress | None = None,
    ) -> ImportReport:
        """Import a hash list, all of it or nothing.

        A statement that the source makes already is left as it is; one that changed supersedes
        the old one. Importing a file twice therefore changes nothing.

        Args:
            path: the file; see ``hashmatch.exchange.open_reader``.
            source: who says it; a new name becomes a new source.
            format, schemes, mapping, hash_type: as for ``open_reader``.
            scheme: id of the category scheme, where the list's own is not to be used.
            salvage: take the whole records of a list that is cut short. The report's
                ``incomplete`` says that it was; it then replaces and withdraws nothing.
            complete: the file is all that the source says: what it lacks is withdrawn.
            max_rejects: give up where more records are refused; None: never.
            rejects_path: new file for every refused record and field, one JSON object a line
                (position, record_key, field, reason, raw, whole_record). It is there where anything
                was refused, also if the import failed: then it shows what was refused until then.
            actor: who imports, for the audit log; by default the operating system's account.
            on_progress: called after each batch of some hundreds of records.

        Raises:
            ExchangeError: the list can't be read, more than ``max_rejects`` records were refused, a
                list that was cut short is declared ``complete``, or ``rejects_path`` exists or
                can't be written; the database is as it was.
            InputError: ``source`` or an argument of ``open_reader`` is wrong.
            DatabaseError: ``complete`` was given and every record was refused.
        """
        file = ListFile.measure(path)
        with exchange.open_reader(
            path,
            format=format,
            scheme=scheme,
            schemes=schemes,
            mapping=mapping,
            hash_type=hash_type,
            salvage=salvage,
        ) as reader:
            return import_in_one_transaction(
                self._store,
                reader,
                source=source,
                complete=complete,
                actor=actor,
                on_progress=on_progress,
                scheme=reader.info.scheme,
                file=file,
                reader=reader,
                max_rejects=max_rejects,
                rejects_path=rejects_path,
            )

    def import_records(
        self,
        records: Iterable[HashRecord | Reject | Deletion],
        *,
        source: str,
        scheme: str | None = None,
        complete: bool = False,
        actor: str | None = None,
        on_progress: OnProgress | None = None,
    ) -> ImportReport:
        """Import records that come from elsewhere than a file; see ``import_file``.

        ``scheme`` is only noted with the snapshot; each opinion names its own.
        """
        return import_in_one_transaction(
            self._store,
            records,
            source=source,
            complete=complete,
            actor=actor,
            on_progress=on_progress,
            scheme=scheme,
        )

    def export_file(
        self,
        path: str | PathLike[str],
        *,
        format: str = "vics-2.0",
        where: ExportFilter | None = None,
        overwrite: bool = False,
        actor: str | None = None,
        **options: Any,
    ) -> ExportReport:
        """Write the consolidated content, or a part of it, as a hash list.

        The file shows one revision. If the export can't be entered in the audit log, the file
        is removed again and the error raised.

        Args:
            path: the new file.
            format: one of ``hashmatch.database.export_formats()``.
            where: what to take; everything by default.
            overwrite: whether an existing file may be replaced.
            actor: who exports, for the audit log.
            options: of the format's writer, such as ``region`` of VICS.

        Raises:
            ExchangeError: the file exists or can't be written, or has no place for any record.
            InputError: unknown format, an option that the format does not have or a wrong value of
                it, or ``where`` names an unknown source.
            DatabaseError: the database was opened read-only, so the export can't be logged.
        """
        if self.read_only:
            raise DatabaseError(
                f"{self.path}: opened read-only; an export is logged, so open it for writing"
            )
        chosen = EVERYTHING if where is None else where
        with self.snapshot() as view:
            report = write_view(
                view, path, format=format, where=chosen, overwrite=overwrite, options=options
            )
        try:
            self.record_audit(
                "export",
                {**report.to_dict(), "path": Path(path).name, "where": chosen.to_dict()},
                actor,
                revision=report.revision,
            )
        except BaseException:
            Path(path).unlink(missing_ok=True)
            raise
        return report

    def withdraw(
        self,
        *,
        source: str,
        record_key: str,
        reason: str | None = None,
        actor: str | None = None,
    ) -> int:
        """Withdraw all that one source says under one record key; it stops matching at once.

        Args:
            reason: free text for the audit log, which names source and key, not the content.

        Returns:
            The number of statements withdrawn; 0 where none was active.

        Raises:
            InputError: there is no source of that name.
        """
        with self._store.writing() as connection:
            source_id = connection.scalar(
                select(schema.source.c.id).where(schema.source.c.name == source)
            )
            if source_id is None:
                raise InputError(f"source: expected one that was imported, got {source!r}")
            count = withdraw_record(connection, source_id=source_id, record_key=record_key)
            AUDIT_LOG.append(
                connection,
                actor=current_actor(actor),
                action="withdraw",
                revision=read_revision(connection),
                details={
                    "source": source,
                    "record_key": record_key,
                    "reason": reason,
                    "withdrawn": count,
                },
            )
        return count

    def record_audit(
        self,
        action: str,
        details: Mapping[str, Any],
        actor: str | None = None,
        *,
        revision: int | None = None,
    ) -> AuditEntry:
        """Add one entry to the audit log.

        Args:
            action: one word, such as "check".
            details: JSON values.
            revision: the one that the act is about; the newest by default.

        Raises:
            AuditError: ``details`` has no JSON form.
        """
        with self._store.writing() as connection:
            return AUDIT_LOG.append(
                connection,
                actor=current_actor(actor),
                action=action,
                revision=read_revision(connection) if revision is None else revision,
                details=details,
            )

    def verify_audit(self) -> int:
        """Check the audit log's chain; see ``hashmatch.audit.verify``.

        Returns:
            The number of entries.

        Raises:
            AuditTamperedError: names the first bad entry.
        """
        with self._store.reading() as connection:
            return verify(connection, entries=schema.audit, head=schema.meta)

    def close(self) -> None:
        """Give all connections back; later calls raise DatabaseError."""
        self._store.close()
