"""A store that is open: what every part of the database's face stands on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hashmatch.closing import Closing
from hashmatch.database.reading import SnapshotView
from hashmatch.store import SqliteStore, read_revision


class OpenedStore(Closing):
    """Where the database is, at which revision, and one revision to read."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store

    @property
    def path(self) -> Path:
        return self._store.path

    @property
    def read_only(self) -> bool:
        return self._store.read_only

    @property
    def revision(self) -> int:
        """The counter of content changes, as committed now."""
        with self._store.reading() as connection:
            return read_revision(connection)

    @contextmanager
    def snapshot(self) -> Iterator[SnapshotView]:
        """One revision, whatever is written meanwhile; one thread at a time."""
        with self._store.reading() as connection:
            yield SnapshotView(connection)

    def close(self) -> None:
        """Give all connections back; later calls raise DatabaseError."""
        self._store.close()
