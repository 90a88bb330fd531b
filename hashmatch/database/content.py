"""One digest of all that the database says now: equal where two databases say the same.

It does not depend on the order of imports, on what was said before, on ids, times or the engine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
from sqlalchemy import Connection

from hashmatch.store import stream

_BLOCK = 10_000
_LINE = 32  # bytes of SHA-256

# Blobs sort as their bytes in every engine; texts do not.
_STATEMENTS = """
SELECT content_digest, source.name, record_key, md5, sha1, sha256,
    CASE WHEN md5 IS NULL AND sha1 IS NULL AND sha256 IS NULL THEN exact_key END
FROM opinion
    JOIN source ON source.id = opinion.source_id
    JOIN media ON media.id = opinion.media_id
WHERE opinion.withdrawn_revision IS NULL
ORDER BY content_digest"""
_SIGHTINGS = """
SELECT opinion.content_digest, source.name, record_key, sighting.content_digest
FROM sighting
    JOIN opinion ON opinion.id = sighting.opinion_id
    JOIN source ON source.id = opinion.source_id
WHERE opinion.withdrawn_revision IS NULL
ORDER BY opinion.content_digest"""


def content_digest(connection: Connection) -> str:
    """SHA-256 over every active statement, the identity of its media, and every sighting, hex.

    A line is the SHA-256 of one statement's content digest, source, key and media, or of one
    sighting; lines are in the order of the content digests, and of themselves among equal ones.
    Memory is bounded by the statements of one content.
    """
    whole = hashlib.sha256()
    for sql in (_STATEMENTS, _SIGHTINGS):
        part = hashlib.sha256()
        for lines in _sorted_lines(connection, sql):
            part.update(lines)
        whole.update(part.digest())
    return whole.hexdigest()


def _sorted_lines(connection: Connection, sql: str) -> Iterator[bytes]:
    """Lines of equal content digest, concatenated in their own order."""
    content: bytes | None = None
    lines = bytearray()
    for rows in stream(connection, sql, block=_BLOCK):
        for first, source, key, *rest in rows:
            if first != content:
                yield _sorted(lines)
                content = first
                lines = bytearray()
            # No stored text contains U+0000 or begins with a bare U+001A.
            parts = [first.hex(), source, key]
            parts.extend(["\x1a" if value is None else value.hex() for value in rest])
            lines += hashlib.sha256("\0".join(parts).encode("utf-8")).digest()
    yield _sorted(lines)


def _sorted(lines: bytearray) -> bytes:
    if len(lines) <= _LINE:
        return bytes(lines)
    return np.sort(np.frombuffer(lines, dtype=f"S{_LINE}")).tobytes()
