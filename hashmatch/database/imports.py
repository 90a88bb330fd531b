"""The database's face for what comes in: lists, records, withdrawals."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike

from sqlalchemy import select

from hashmatch import exchange
from hashmatch.database.acting import AUDIT_LOG, current_actor
from hashmatch.database.import_run import (
    OnProgress,
    import_in_one_transaction,
    require_arguments,
)
from hashmatch.database.list_file import FoundFile
from hashmatch.database.list_reading import RecordsReading
from hashmatch.database.opened import OpenedStore
from hashmatch.database.reading_process import start_reading
from hashmatch.database.report import ImportReport
from hashmatch.database.superseding import MAX_WITHDRAWN_SHARE
from hashmatch.database.withdrawing import withdraw_record
from hashmatch.errors import InputError
from hashmatch.store import read_revision, schema
from hashmatch.types import Deletion, HashRecord, Reject


class Imports(OpenedStore):
    """Writes of what lists state; part of ``Database``."""

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
        max_withdrawn_share: float = MAX_WITHDRAWN_SHARE,
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
            max_withdrawn_share: of the source's statements, the share that a complete list may lack
                (more than ten are needed for it to matter). 1.0 confirms whatever it lacks.
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
            WithdrawalGuardError: a complete list lacks more than ``max_withdrawn_share``.
        """
        require_arguments(source, max_rejects, max_withdrawn_share)
        stamped = FoundFile.find(path)
        with start_reading(
            path,
            format=format,
            scheme=scheme,
            schemes=schemes,
            mapping=mapping,
            hash_type=hash_type,
            salvage=salvage,
        ) as reading:
            file = stamped.measure()  # while the other process starts
            reading.open()
            return import_in_one_transaction(
                self._store,
                reading,
                source=source,
                complete=complete,
                actor=actor,
                on_progress=on_progress,
                file=file,
                max_rejects=max_rejects,
                max_withdrawn_share=max_withdrawn_share,
                rejects_path=rejects_path,
            )

    def import_records(
        self,
        records: Iterable[HashRecord | Reject | Deletion],
        *,
        source: str,
        scheme: str | None = None,
        complete: bool = False,
        max_withdrawn_share: float = MAX_WITHDRAWN_SHARE,
        actor: str | None = None,
        on_progress: OnProgress | None = None,
    ) -> ImportReport:
        """Import records that come from elsewhere than a file; see ``import_file``.

        ``scheme`` is only noted with the snapshot; each opinion names its own.
        """
        return import_in_one_transaction(
            self._store,
            RecordsReading(records, scheme=scheme),
            source=source,
            complete=complete,
            actor=actor,
            on_progress=on_progress,
            max_withdrawn_share=max_withdrawn_share,
        )

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
