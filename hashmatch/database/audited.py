"""The database's face for its audit log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from os import PathLike
from typing import Any

from sqlalchemy import ColumnElement

from hashmatch.audit import AuditCheckpoint, AuditEntry, Decoder, stored_rows
from hashmatch.database.acting import AUDIT_LOG, current_actor
from hashmatch.database.audit_proof import make_checkpoint, verified_checkpoints, verify_log
from hashmatch.database.opened import OpenedStore
from hashmatch.errors import InputError
from hashmatch.store import read_revision


class Audited(OpenedStore):
    """Entries of the audit log and their verification; part of ``Database``."""

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

    def audit_entries(
        self,
        *,
        since: int = 1,
        last: int | None = None,
        action: str | None = None,
        actor: str | None = None,
    ) -> Iterator[AuditEntry]:
        """Entries in their order, read as they are asked for; nothing is verified.

        Args:
            since: the first ``seq`` wanted.
            last: only so many, from the end of what the other arguments leave.
            action, actor: only entries with exactly this value.

        Raises:
            AuditTamperedError: an entry has a value that none was ever written with.
            InputError: ``since`` or ``last`` is below 1.
        """
        for name, value in (("since", since), ("last", last)):
            if value is not None and (type(value) is not int or value < 1):
                raise InputError(f"{name}: expected a number from 1 up, got {value!r}")
        entries = AUDIT_LOG.entries
        wanted: list[ColumnElement[bool]] = []
        if action is not None:
            wanted.append(entries.c.action == action)
        if actor is not None:
            wanted.append(entries.c.actor == actor)
        return self._entries(wanted, since, last)

    def _entries(
        self, wanted: list[ColumnElement[bool]], since: int, last: int | None
    ) -> Iterator[AuditEntry]:
        with self._store.reading() as connection:
            decoder = Decoder(connection, AUDIT_LOG.entries)
            rows = stored_rows(connection, AUDIT_LOG.entries, *wanted, after=since - 1, last=last)
            with closing(rows):
                for row in rows:
                    yield decoder.entry(row)

    def verify_audit(
        self,
        checkpoints: Iterable[str | PathLike[str]] = (),
        *,
        public_key: str | PathLike[str] | None = None,
    ) -> int:
        """Check the audit log's chain, that it reaches the database's revision, and checkpoints.

        Args:
            checkpoints: files that ``audit_checkpoint`` wrote; the log must still have exactly
                the entries that they name.
            public_key: PEM file; needed where there are checkpoints.

        Returns:
            The number of entries.

        Raises:
            AuditTamperedError: names the first bad entry, or the checkpoint that does not fit.
            AuditError: a checkpoint or the key can't be read.
            InputError: checkpoints without a public key.
            MissingExtraError: there are checkpoints, and cryptography is not installed.
        """
        known = verified_checkpoints(checkpoints, public_key)
        with self._store.reading() as connection:
            return verify_log(connection, known).count

    def audit_checkpoint(
        self,
        *,
        key: str | PathLike[str],
        out: str | PathLike[str],
        actor: str | None = None,
    ) -> AuditCheckpoint:
        """Verify the log, enter that it is being signed, and sign that entry.

        Args:
            key: PEM file of the private key, mode 0600; see ``make_signing_key``.
            out: new file for the checkpoint. Keep it where the database's administrator can't
                change it.

        Raises:
            AuditTamperedError: the log is not whole; nothing is signed.
            AuditError: the key can't be used, or ``out`` exists or can't be written.
            MissingExtraError: cryptography is not installed.
        """
        return make_checkpoint(self._store, key=key, out=out, actor=current_actor(actor))
