"""The face for what the database holds, what it said, and what became different."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hashmatch.database.content import content_digest
from hashmatch.database.differing import RevisionDiff
from hashmatch.database.indicating import read_indicators
from hashmatch.database.indicators import Indicators
from hashmatch.database.opened import OpenedStore
from hashmatch.database.statistics import DatabaseStats, read_statistics


class Accounts(OpenedStore):
    """Counts, digests and differences; part of ``Database``."""

    def stats(self) -> DatabaseStats:
        """Counts over the whole database, at one revision."""
        with self._store.reading() as connection:
            return read_statistics(connection)

    def indicators(self) -> Indicators:
        """What is known, by whom, how fresh it is and what it answered, at one revision.

        Reads every active statement once, in bounded memory.
        """
        with self._store.reading() as connection:
            return read_indicators(connection)

    def content_digest(self) -> str:
        """SHA-256, hex, of all that the database says now: of every active statement and sighting.

        Equal where two databases say the same, in whatever order they learned it and whichever
        engine holds them.
        """
        with self._store.reading() as connection:
            return content_digest(connection)

    @contextmanager
    def diff(
        self, from_revision: int, to_revision: int, *, source: str | None = None
    ) -> Iterator[RevisionDiff]:
        """What became different from one revision to a later one, streamed.

        Args:
            source: only what this source says, and media as its statements alone show them.

        Raises:
            InputError: a revision is before the history begins or has not been yet, they are in
                the wrong order, or there is no such source.
        """
        with self._store.reading() as connection:
            yield RevisionDiff(connection, from_revision, to_revision, source=source)
