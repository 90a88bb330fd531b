"""The first list of an empty database: nothing is asked of tables that are being filled.

A statement whose digests nobody stated before is stored straight away. Whether that is so is known
from the tokens of what came before; what shares one is put aside until everything else is stored,
and then goes the ordinary way. Indexes are built once, over all of it.
"""

from __future__ import annotations

import marshal
import secrets
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress

import numpy as np
from sqlalchemy import Connection

from hashmatch import _native
from hashmatch.database.statement import Statement
from hashmatch.store import drop_indexes, is_postgres, restore_indexes, run, run_many

TOKENS = 3
"""64-bit tokens of one statement."""
_NONE = bytes(8)
_INSTEAD_OF_ZERO = bytes((1,)) + bytes(7)

# In the database's own temporary storage: that of an encrypted one never reaches the disk.
_CREATE = "CREATE TEMPORARY TABLE import_later (seq BIGINT PRIMARY KEY, statements {blob})"


class FirstImport:
    """Sorts the statements of a first import into those that are new for certain, and others."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._seen = _native.SeenTokens(secrets.randbits(64))
        self._later = 0
        blob = "BYTEA" if is_postgres(connection) else "BLOB"
        run(connection, "DROP TABLE IF EXISTS import_later")
        run(connection, _CREATE.format(blob=blob))
        self._indexes = drop_indexes(connection)

    def take(self, statements: Sequence[Statement]) -> Sequence[Statement]:
        """Those whose digests, or set of hashes, no earlier statement has; others are kept."""
        tokens = np.frombuffer(tokens_of(statements), dtype=np.uint64).reshape(-1, TOKENS)
        is_new = self._seen.add(tokens)
        if is_new.all():
            return statements
        self._keep(list(compress(statements, is_new == 0)))
        return list(compress(statements, is_new))

    def finish(self) -> Iterator[list[Statement]]:
        """Build the indexes, then give back what was kept, in its order."""
        restore_indexes(self._connection, self._indexes)
        for seq in range(self._later):
            sql = "SELECT statements FROM import_later WHERE seq = ?"
            payload = run(self._connection, sql, (seq,)).scalar_one()
            statements: list[Statement] = marshal.loads(payload)  # noqa: S302 - from _keep
            yield statements
        run(self._connection, "DROP TABLE import_later")

    def _keep(self, statements: list[Statement]) -> None:
        row = (self._later, marshal.dumps(statements, 2))
        run_many(self._connection, "INSERT INTO import_later VALUES (?, ?)", [row])
        self._later += 1


def tokens_of(statements: Iterable[Statement]) -> bytes:
    """For each statement ``TOKENS`` native uint64: a part of each of its digests, or of its
    ``hash_set_key`` in the first place; 0 for none.

    Statements that have no token in common, place by place, have no digest in common.
    """
    parts: list[bytes] = []
    for statement in statements:
        hash_set = statement[3]
        if hash_set is not None:
            parts += (_token(hash_set), _NONE, _NONE)
            continue
        for value in statement[2]:
            parts.append(_NONE if value is None else _token(value))
    return b"".join(parts)


def _token(value: bytes) -> bytes:
    token = value[:8]
    return _INSTEAD_OF_ZERO if token == _NONE else token
