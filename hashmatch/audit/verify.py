"""Checking the audit log's hash chain from the first entry to the recorded head."""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping, Table, select

from hashmatch.audit.log import FIRST_PREVIOUS, AuditLog, seal
from hashmatch.errors import AuditError, AuditTamperedError


def verify(connection: Connection, *, entries: Table, head: Table) -> int:
    """Read the whole log, one entry at a time, and recompute every seal.

    Finds an entry that was changed, removed, inserted or moved, and entries cut off the end.
    Someone who can write to the file and recomputes every later seal and the head is not found
    by the chain alone; that takes a copy of a digest kept elsewhere.

    Returns:
        The number of entries.

    Raises:
        AuditTamperedError: names the first entry that is wrong.
    """
    count, last = AuditLog(entries, head).read_head(connection)
    expected_seq, previous = 1, FIRST_PREVIOUS
    rows = connection.execute(
        select(entries).order_by(entries.c.seq).execution_options(yield_per=1000)
    )
    for row in rows.mappings():
        seq = row["seq"]
        if seq != expected_seq:
            raise AuditTamperedError(
                f"audit entry {expected_seq}: missing; the next one present is {seq}"
            )
        if row["previous_digest"] != previous:
            raise AuditTamperedError(f"audit entry {seq}: does not follow from entry {seq - 1}")
        if not _is_sealed(row):
            raise AuditTamperedError(f"audit entry {seq}: its content was changed")
        expected_seq, previous = seq + 1, row["digest"]
    found = expected_seq - 1
    if found != count:
        raise AuditTamperedError(
            f"audit entry {min(found, count) + 1}: expected {count} entries, got {found}"
        )
    if previous != last:
        raise AuditTamperedError(f"audit entry {found}: not the one that the head record names")
    return found


def _is_sealed(row: RowMapping) -> bool:
    content = {name: value for name, value in row.items() if name != "digest"}
    try:
        return bool(seal(**content) == row["digest"])
    except AuditError:  # a value of a type that no entry ever has
        return False
