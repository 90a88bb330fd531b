"""One entry of the audit log: what it says, and the seal over it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from hashmatch.errors import AuditError

FIRST_PREVIOUS = bytes(32)
"""``previous_digest`` of the first entry."""

# One encoder for all entries: making one costs more than using it.
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False).encode


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act.

    Attributes:
        seq: 1, 2, 3, without gaps.
        at: UTC, ISO 8601.
        actor: who, as the caller named them.
        action: one word: init, import, withdraw, export, check, checkpoint.
        revision: the database's revision after the act, or the one that it read.
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

    def to_dict(self) -> dict[str, Any]:
        """JSON values; digests as hex, ``details`` as the object that its text stands for.

        Details that are no JSON any more stay the text that they are.
        """
        try:
            details = json.loads(self.details)
        except (ValueError, RecursionError):
            details = self.details
        return {
            "seq": self.seq,
            "at": self.at,
            "actor": self.actor,
            "action": self.action,
            "revision": self.revision,
            "details": details,
            "previous_digest": self.previous_digest.hex(),
            "digest": self.digest.hex(),
        }


def canonical_json(value: Any) -> str:
    """One text for one value: sorted keys, no spaces, ASCII only, no NaN.

    Raises:
        AuditError: the value has no JSON form.
    """
    try:
        return _encode(value)
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
