"""A store that is open: what every part of the database's face stands on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hashmatch.closing import Closing
from hashmatch.database.past import PastView
from hashmatch.database.reading import SnapshotView
from hashmatch.store import Store


class OpenedStore(Closing):
    """Where the database is, at which revision, and one revision to read."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def path(self) -> Path | None:
        """The SQLite file; None where the database is on a server."""
        return self._store.path

    @property
    def where(self) -> str:
        """The path, or the URL without password and options: for messages."""
        return self._store.where

    @property
    def encrypted(self) -> bool:
        """Whether hashmatch encrypts what is written to the disk."""
        return self._store.encrypted

    @property
    def read_only(self) -> bool:
        return self._store.read_only

    @property
    def store(self) -> Store:
        """What holds the rows; for the parts of the database."""
        return self._store

    @property
    def revision(self) -> int:
        """The counter of content changes, as committed now; on SQLite it costs microseconds."""
        return self._store.current_revision()

    @contextmanager
    def snapshot(self, *, as_of: int | None = None) -> Iterator[SnapshotView]:
        """One revision, whatever is written meanwhile; one thread at a time.

        Args:
            as_of: an earlier revision, answered as a view of it answered then; by default the
                newest.

        Raises:
            InputError: ``as_of`` is before the history begins, or has not been yet.
        """
        with self._store.reading() as connection:
            yield SnapshotView(connection) if as_of is None else PastView(connection, as_of)

    def close(self) -> None:
        """Give all connections back; later calls raise DatabaseError."""
        self._store.close()
