"""Appending to the audit log: each entry seals the one before it.

The tables are handed in, so this package knows neither the store nor what the acts mean:
``entries`` has the columns seq, at, actor, action, revision, details, previous_digest and
digest; ``head`` has key and value, and keeps the number of entries and the last digest, so that
entries cut off the end are missed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from hashmatch.audit.entry import FIRST_PREVIOUS, AuditEntry, canonical_json, seal
from hashmatch.errors import AuditTamperedError

COUNT_KEY = "audit_count"
HEAD_KEY = "audit_head"


class AuditLog:
    """The log in two tables of a database; see the module's text for their columns."""

    def __init__(self, entries: Table, head: Table) -> None:
        self.entries = entries
        self._head = head

    def append(
        self,
        connection: Connection,
        *,
        actor: str,
        action: str,
        revision: int,
        details: Mapping[str, Any],
    ) -> AuditEntry:
        """Add one entry within the caller's write transaction.

        Raises:
            AuditError: ``details`` has no JSON form.
            AuditTamperedError: the head record is missing or malformed.
        """
        count, previous = self.read_head(connection)
        content: dict[str, Any] = {
            "seq": count + 1,
            "at": datetime.now(UTC).isoformat(timespec="microseconds"),
            "actor": actor,
            "action": action,
            "revision": revision,
            "details": canonical_json(dict(details)),
            "previous_digest": previous,
        }
        entry = AuditEntry(**content, digest=seal(**content))
        connection.execute(insert(self.entries).values(**content, digest=entry.digest))
        self._write_head(connection, entry, first=count == 0)
        return entry

    def read_head(self, connection: Connection) -> tuple[int, bytes]:
        """Number of entries and digest of the last one, as the head record has them.

        Raises:
            AuditTamperedError: there are entries but no head, or it is malformed.
        """
        rows = connection.execute(
            select(self._head.c.key, self._head.c.value).where(
                self._head.c.key.in_((COUNT_KEY, HEAD_KEY))
            )
        )
        head = {row.key: row.value for row in rows}
        if not head:
            if connection.scalar(select(self.entries.c.seq).limit(1)) is not None:
                raise AuditTamperedError("audit head: expected one, as there are entries; got none")
            return 0, FIRST_PREVIOUS
        try:
            count, digest = int(head[COUNT_KEY]), bytes.fromhex(head[HEAD_KEY])
        except (KeyError, ValueError, TypeError) as error:
            raise AuditTamperedError(
                f"audit head: expected count and digest, got {head}"
            ) from error
        # Only as it is written: "07" is seven, and yet someone has been here.
        if head != {COUNT_KEY: str(count), HEAD_KEY: digest.hex()} or not (
            count > 0 and len(digest) == len(FIRST_PREVIOUS)
        ):
            raise AuditTamperedError(f"audit head: expected count and digest, got {head}")
        return count, digest

    def _write_head(self, connection: Connection, entry: AuditEntry, *, first: bool) -> None:
        for key, value in ((COUNT_KEY, str(entry.seq)), (HEAD_KEY, entry.digest.hex())):
            if first:
                connection.execute(insert(self._head).values(key=key, value=value))
            else:
                connection.execute(
                    update(self._head).where(self._head.c.key == key).values(value=value)
                )
