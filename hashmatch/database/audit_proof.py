"""Proof that the audit log is whole: its chain, its reach, signed checkpoints of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from os import PathLike

from sqlalchemy import Connection

from hashmatch.audit import (
    NOTHING,
    AuditCheckpoint,
    NewFile,
    VerifiedChain,
    fingerprint,
    load_private_key,
    load_public_key,
    read_checkpoint,
    require_signature,
    sign,
    verify,
)
from hashmatch.database.acting import AUDIT_LOG
from hashmatch.errors import AuditTamperedError, InputError
from hashmatch.store import Store, read_meta, read_revision, schema


def verify_log(
    connection: Connection,
    checkpoints: Sequence[AuditCheckpoint] = (),
    *,
    after: VerifiedChain = NOTHING,
) -> VerifiedChain:
    """Check the log as one transaction sees it; see ``Database.verify_audit``.

    Raises:
        AuditTamperedError: names what is wrong.
    """
    revision = read_revision(connection)
    database_id = read_meta(connection, "database_id")
    for checkpoint in checkpoints:
        if checkpoint.database_id != database_id:
            raise AuditTamperedError(
                f"audit log: the checkpoint of {checkpoint.at} is of the database "
                f"{checkpoint.database_id}, this one is {database_id}"
            )
    chain = verify(
        connection,
        entries=schema.audit,
        head=schema.meta,
        checkpoints=checkpoints,
        after=after,
    )
    if chain.count == 0:
        raise AuditTamperedError(
            "audit entry 1: missing; every database has one of its creation, and the log is empty"
        )
    # A change of content and its entry are one transaction.
    if chain.revision != revision:
        raise AuditTamperedError(
            f"audit entry {chain.count + 1}: expected entries up to the database's revision "
            f"{revision}, got them up to {chain.revision}: entries were cut off, or the content "
            "was changed without one"
        )
    return chain


def verified_checkpoints(
    paths: Iterable[str | PathLike[str]], public_key: str | PathLike[str] | None
) -> list[AuditCheckpoint]:
    """Checkpoints whose signatures hold; see ``Database.verify_audit``."""
    files = list(paths)
    if not files:
        return []
    if public_key is None:
        raise InputError("public_key: expected the key that verifies the checkpoints, got None")
    key = load_public_key(public_key)
    found = []
    for path in files:
        checkpoint = read_checkpoint(path)
        require_signature(checkpoint, key, where=str(path))
        found.append(checkpoint)
    return found


def make_checkpoint(
    store: Store, *, key: str | PathLike[str], out: str | PathLike[str], actor: str
) -> AuditCheckpoint:
    """See ``Database.audit_checkpoint``."""
    private = load_private_key(key)
    public = fingerprint(private.public_key())
    # The file is reserved first, and filled only after the commit: an entry without its file is
    # harmless, a signature of an entry that was rolled back would accuse a sound log for ever.
    with NewFile(out, mode=0o644) as file:
        with store.reading() as connection:
            verified = verify_log(connection)
        with store.writing() as connection:
            verify_log(connection, after=verified)  # what came in between
            revision = read_revision(connection)
            entry = AUDIT_LOG.append(
                connection,
                actor=actor,
                action="checkpoint",
                revision=revision,
                details={"public_key_sha256": public},
            )
            database_id = read_meta(connection, "database_id")
        signed = sign(
            AuditCheckpoint(
                database_id=database_id,
                seq=entry.seq,
                digest=entry.digest,
                revision=revision,
                at=datetime.now(UTC).isoformat(timespec="microseconds"),
                public_key_sha256=public,
            ),
            private,
        )
        file.write((json.dumps(signed.to_dict(), indent=2) + "\n").encode("ascii"))
    return signed
