"""The audit log: append-only, hash-chained, in tables that the caller provides."""

from __future__ import annotations

from hashmatch.audit.log import AuditEntry, AuditLog
from hashmatch.audit.verify import verify

__all__ = ["AuditEntry", "AuditLog", "verify"]
