"""The newest revision of an SQLite file, asked before every answer and so on a kept connection."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any

from hashmatch.errors import DatabaseError

_REVISION = "SELECT value FROM meta WHERE key = 'revision'"


class RevisionWatch:
    """Reads the revision outside any transaction, so that each call sees the last commit.

    Args:
        connect: opens a connection of SQLite's driver that several threads may use, one at a time.
    """

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect
        self._lock = Lock()
        self._connection: Any = None

    def revision(self) -> int:
        """As committed now.

        Raises:
            Exception: the driver's own errors.
            DatabaseError: there is no revision, so this is no complete hashmatch database.
        """
        with self._lock:
            if self._connection is None:
                self._connection = self._connect()
            row = self._connection.execute(_REVISION).fetchone()
        if row is None:
            raise DatabaseError("meta: expected an entry 'revision', got none")
        return int(row[0])

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
