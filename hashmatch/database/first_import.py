"""The first list of an empty database: nothing is asked of tables that are being filled.

A statement whose digests nobody stated before is stored straight away. Whether that is so is known
from the tokens of what came before; what shares one is put aside until everything else is stored,
and then goes the ordinary way. Indexes are built once, over all of it.
"""

from __future__ import annotations

import marshal
import secrets
from collections.abc import Iterator, Sequence
from itertools import compress

import numpy as np
from sqlalchemy import Connection

from hashmatch import _native
from hashmatch.database.batches import TOKENS, Batch
from hashmatch.database.statement import Statement
from hashmatch.store import drop_indexes, restore_indexes, run, run_many

# In the database's own temporary storage: that of an encrypted one never reaches the disk.
_CREATE = "CREATE TEMPORARY TABLE import_later (seq BIGINT PRIMARY KEY, statements {blob})"


class FirstImport:
    """Sorts the statements of a first import into those that are new for certain, and others."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._seen = _native.SeenTokens(secrets.randbits(64))
        self._later = 0
        blob = "BYTEA" if connection.dialect.name == "postgresql" else "BLOB"
        run(connection, "DROP TABLE IF EXISTS import_later")
        run(connection, _CREATE.format(blob=blob))
        self._indexes = drop_indexes(connection)

    def take(self, batch: Batch) -> Sequence[Statement]:
        """Those whose digests, or set of hashes, no earlier statement has; others are kept."""
        tokens = np.frombuffer(batch.tokens, dtype=np.uint64).reshape(-1, TOKENS)
        is_new = self._seen.add(tokens)
        if is_new.all():
            return batch.statements
        self._keep(list(compress(batch.statements, is_new == 0)))
        return list(compress(batch.statements, is_new))

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
