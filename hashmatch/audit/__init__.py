"""The audit log: append-only, hash-chained, in tables that the caller provides."""

from __future__ import annotations

from hashmatch.audit.checkpoint import AuditCheckpoint, NewFile, read_checkpoint
from hashmatch.audit.entry import AuditEntry
from hashmatch.audit.log import AuditLog
from hashmatch.audit.signing import (
    fingerprint,
    load_private_key,
    load_public_key,
    make_signing_key,
    require_signature,
    sign,
)
from hashmatch.audit.stored import Decoder, stored_rows
from hashmatch.audit.verify import NOTHING, VerifiedChain, verify

__all__ = [
    "NOTHING",
    "AuditCheckpoint",
    "AuditEntry",
    "AuditLog",
    "Decoder",
    "NewFile",
    "VerifiedChain",
    "fingerprint",
    "load_private_key",
    "load_public_key",
    "make_signing_key",
    "read_checkpoint",
    "require_signature",
    "sign",
    "stored_rows",
    "verify",
]
