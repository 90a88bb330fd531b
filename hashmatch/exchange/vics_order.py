"""The order of records in a written list: the same content gives the same bytes."""

from __future__ import annotations

from hashmatch.types import HashRecord

SortKey = tuple[str, str, str, str]


def sort_key(record: HashRecord) -> SortKey:
    """(MD5, SHA-1, SHA-256, record key) as text, "" where unknown; compared by code point.

    In SQL: ``ORDER BY coalesce(md5, ''), coalesce(sha1, ''), coalesce(sha256, ''), record_key``
    under a binary collation (SQLite's default; ``COLLATE "C"`` in PostgreSQL).
    """
    digests = record.digests
    return digests.md5 or "", digests.sha1 or "", digests.sha256 or "", record.record_key
