"""The database's face for its audit log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hashmatch.audit import AuditEntry, verify
from hashmatch.database.acting import AUDIT_LOG, current_actor
from hashmatch.database.opened import OpenedStore
from hashmatch.store import read_revision, schema


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

    def verify_audit(self) -> int:
        """Check the audit log's chain; see ``hashmatch.audit.verify``.

        Returns:
            The number of entries.

        Raises:
            AuditTamperedError: names the first bad entry.
        """
        with self._store.reading() as connection:
            return verify(connection, entries=schema.audit, head=schema.meta)
