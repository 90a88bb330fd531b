"""Checking the audit log's hash chain from the first entry to the recorded head."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection, Table

from hashmatch.audit.checkpoint import AuditCheckpoint
from hashmatch.audit.entry import FIRST_PREVIOUS, canonical_json
from hashmatch.audit.log import AuditLog
from hashmatch.audit.stored import Decoder, stored_rows
from hashmatch.errors import AuditError, AuditTamperedError


@dataclass(frozen=True, slots=True)
class VerifiedChain:
    """A log that is whole: where it ends.

    Attributes:
        count: number of entries.
        digest: of the last one; 32 zero bytes where there is none.
        revision: the highest that an entry names; -1 where there is none.
    """

    count: int
    digest: bytes
    revision: int


NOTHING = VerifiedChain(0, FIRST_PREVIOUS, -1)


def verify(
    connection: Connection,
    *,
    entries: Table,
    head: Table,
    checkpoints: Iterable[AuditCheckpoint] = (),
    after: VerifiedChain = NOTHING,
) -> VerifiedChain:
    """Read the whole log in bounded memory and recompute every seal.

    Finds an entry that was changed, removed, inserted, repeated or moved, and entries cut off the
    end. Someone who can write to the file and recomputes every later seal and the head is found
    with a checkpoint that was signed before and kept elsewhere.

    Args:
        checkpoints: with signatures that were checked already.
        after: what was verified before, so that only the rest is read; checkpoints must lie there.

    Raises:
        AuditTamperedError: names the first entry that is wrong.
    """
    log = AuditLog(entries, head)
    count, last = log.read_head(connection)
    signed: dict[int, list[AuditCheckpoint]] = {}
    for checkpoint in checkpoints:
        signed.setdefault(checkpoint.seq, []).append(checkpoint)
    values = Decoder(connection, entries).values
    expected, previous, highest = after.count + 1, after.digest, after.revision
    with closing(stored_rows(connection, entries, after=after.count)) as rows:
        for row in rows:
            seq = row[0]
            if seq != expected:
                raise _out_of_order(seq, expected)
            _, at, actor, action, revision, details, linked, digest = values(row)
            if linked != previous:
                raise AuditTamperedError(f"audit entry {seq}: does not follow from entry {seq - 1}")
            try:
                sealed = canonical_json([seq, at, actor, action, revision, details, linked.hex()])
            except AuditError as error:  # no entry was ever written so
                raise AuditTamperedError(f"audit entry {seq}: its content was changed") from error
            if sha256(sealed.encode("ascii")).digest() != digest:
                raise AuditTamperedError(f"audit entry {seq}: its content was changed")
            if seq in signed:
                _compare(signed.pop(seq), digest)
            if revision > highest:
                highest = revision
            expected, previous = seq + 1, digest
    found = expected - 1
    if signed:
        first = signed[min(signed)][0]
        raise AuditTamperedError(
            f"audit entry {found + 1}: missing; the checkpoint of {first.at} has signed entry "
            f"{first.seq}: entries were cut off, or this is an older copy of the database"
        )
    if found != count:
        raise AuditTamperedError(
            f"audit entry {min(found, count) + 1}: expected {count} entries, got {found}"
        )
    if previous != last:
        raise AuditTamperedError(f"audit entry {found}: not the one that the head record names")
    return VerifiedChain(found, previous, highest)


def _out_of_order(seq: object, expected: int) -> AuditTamperedError:
    if seq == expected - 1 and expected > 1:
        return AuditTamperedError(f"audit entry {seq}: is there more than once")
    return AuditTamperedError(f"audit entry {expected}: missing; the next one present is {seq!r}")


def _compare(checkpoints: list[AuditCheckpoint], digest: bytes) -> None:
    for checkpoint in checkpoints:
        if checkpoint.digest != digest:
            raise AuditTamperedError(
                f"audit entry {checkpoint.seq}: not the one that the checkpoint of "
                f"{checkpoint.at} has signed; the log was rewritten up to here or before"
            )
