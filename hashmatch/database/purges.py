"""The database's face for what is deleted under a rule of retention."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hashmatch.database.acting import AUDIT_LOG, current_actor
from hashmatch.database.opened import OpenedStore
from hashmatch.database.purging import PurgeReport, purge
from hashmatch.errors import DatabaseError, InputError, InputTypeError
from hashmatch.store import compact


class _RolledBack(Exception):  # noqa: N818 - it is no error
    """Ends the transaction of a dry run."""


class Purges(OpenedStore):
    """Deletion; part of ``Database``."""

    def purge(
        self,
        *,
        withdrawn_before: datetime,
        dry_run: bool = False,
        vacuum: bool = True,
        actor: str | None = None,
    ) -> PurgeReport:
        """Delete what was withdrawn before a time: the only deletion there is.

        Statements withdrawn before it go, with their hashes, sightings and history; media that
        nothing refers to any more; refused records that imports before it kept. What the database
        says stays the same, and so does its revision; earlier revisions than the report's
        ``history_from`` can't be asked for any more. One transaction, one audit entry.

        Args:
            withdrawn_before: with a time zone, and not in the future.
            dry_run: delete nothing, and tell what would go.
            vacuum: write an SQLite file anew afterwards, so that nothing of it stays on the disk.
            actor: who purges, for the audit log; by default the operating system's account.

        Raises:
            InputError: the time has no zone, or is in the future.
            DatabaseError: the database was opened read-only; or, of a server, the role may not
                delete.
        """
        before = _moment(withdrawn_before)
        if dry_run:
            return self._would_purge(before)
        with self._store.writing() as connection:
            report = purge(connection, withdrawn_before=before, dry_run=False)
            AUDIT_LOG.append(
                connection,
                actor=current_actor(actor),
                action="purge",
                revision=report.revision,
                details=report.counts(),
            )
        if not vacuum:
            return report
        try:
            return replace(report, compacted=compact(self._store))
        except DatabaseError as error:
            # The purge stands: it must not look as if it had failed.
            return replace(report, not_compacted=str(error))

    def _would_purge(self, before: str) -> PurgeReport:
        found: list[PurgeReport] = []
        try:
            with self._store.writing() as connection:
                found.append(purge(connection, withdrawn_before=before, dry_run=True))
                raise _RolledBack
        except _RolledBack:
            return found[0]


def _moment(given: datetime) -> str:
    """A time as the tables have it."""
    if not isinstance(given, datetime):
        raise InputTypeError(f"withdrawn_before: expected a datetime, got {type(given).__name__}")
    if given.tzinfo is None:
        raise InputError("withdrawn_before: expected a time with a zone, got one without")
    if given > datetime.now(UTC):
        raise InputError(f"withdrawn_before: expected a time that has been, got {given}")
    return given.astimezone(UTC).isoformat(timespec="microseconds")
