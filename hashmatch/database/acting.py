"""Who acts, and the log of what they do."""

from __future__ import annotations

import getpass
import os

from hashmatch.audit import AuditLog
from hashmatch.store import schema

AUDIT_LOG = AuditLog(schema.audit, schema.meta)
"""The log in the tables of a national database."""


def current_actor(actor: str | None) -> str:
    """``actor``, or the name of the operating system's account, or its number."""
    if actor is not None:
        return actor
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return f"uid {os.getuid()}"
