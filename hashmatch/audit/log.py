"""Appending to the audit log: each entry seals the one before it.

The tables are handed in, so this package knows neither the store nor what the acts mean:
``entries`` has the columns seq, at, actor, action, revision, details, previous_digest and
digest; ``head`` has key and value, and keeps the number of entries and the last digest, so that
entries cut off the end are missed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from hashmatch.errors import AuditError, AuditTamperedError

COUNT_KEY = "audit_count"
HEAD_KEY = "audit_head"
FIRST_PREVIOUS = bytes(32)
"""``previous_digest`` of the first entry."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act.

    Attributes:
        seq: 1, 2, 3, without gaps.
        at: UTC, ISO 8601.
        actor: who, as the caller named them.
        action: one word: init, import, withdraw, export, check.
        revision: the database's revision after the act.
        details: canonical JSON text of what was done.
        previous_digest: ``digest`` of the entry before; 32 zero bytes for the first.
        digest: SHA-256 over all of the above.
    """

    seq: int
    at: str
    actor: str
    action: str
    revision: int
    details: str
    previous_digest: bytes
    digest: bytes


def canonical_json(value: Any) -> str:
    """One text for one value: sorted keys, no spaces, ASCII only, no NaN.

    Raises:
        AuditError: the value has no JSON form.
    """
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise AuditError(f"audit details: expected JSON values, got {error}") from error


def seal(
    *,
    seq: int,
    at: str,
    actor: str,
    action: str,
    revision: int,
    details: str,
    previous_digest: bytes,
) -> bytes:
    """The digest that an entry with this content must carry."""
    sealed = canonical_json([seq, at, actor, action, revision, details, previous_digest.hex()])
    return hashlib.sha256(sealed.encode("ascii")).digest()


class AuditLog:
    """The log in two tables of a database; see the module's text for their columns."""

    def __init__(self, entries: Table, head: Table) -> None:
        self._entries = entries
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
        connection.execute(insert(self._entries).values(**content, digest=entry.digest))
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
            if connection.scalar(select(self._entries.c.seq).limit(1)) is not None:
                raise AuditTamperedError("audit head: expected one, as there are entries; got none")
            return 0, FIRST_PREVIOUS
        try:
            return int(head[COUNT_KEY]), bytes.fromhex(head[HEAD_KEY])
        except (KeyError, ValueError) as error:
            raise AuditTamperedError(
                f"audit head: expected count and digest, got {head}"
            ) from error

    def _write_head(self, connection: Connection, entry: AuditEntry, *, first: bool) -> None:
        for key, value in ((COUNT_KEY, str(entry.seq)), (HEAD_KEY, entry.digest.hex())):
            if first:
                connection.execute(insert(self._head).values(key=key, value=value))
            else:
                connection.execute(
                    update(self._head).where(self._head.c.key == key).values(value=value)
                )
