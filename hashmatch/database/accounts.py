"""The face for what the database holds, what it said, and what became different."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hashmatch.database.content import content_digest
from hashmatch.database.differing import RevisionDiff
from hashmatch.database.dossier import Dossier
from hashmatch.database.dossier_reading import dossier, media_of_digest
from hashmatch.database.indicating import read_indicators
from hashmatch.database.indicators import Indicators
from hashmatch.database.opened import OpenedStore
from hashmatch.database.statistics import DatabaseStats, read_statistics
from hashmatch.errors import InputError
from hashmatch.types import Digests


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

    def show(
        self, digests: Digests | None = None, *, media_id: int | None = None
    ) -> Iterator[Dossier]:
        """Everything on the media that hold a digest, or on one by its id; one at a time.

        Where no media holds a digest any more: on those that did, or what took their place.

        Args:
            digests: any of these is enough.
            media_id: as every answer names it.

        Raises:
            InputError: neither or both were given, or there is no media of that id.
        """
        if (digests is None) is (media_id is None):
            given = "neither" if digests is None else "both"
            raise InputError(f"digests or media_id: expected one of them, got {given}")
        return self._dossiers(digests, media_id)

    def _dossiers(self, digests: Digests | None, media_id: int | None) -> Iterator[Dossier]:
        with self.snapshot() as view:
            if media_id is not None:
                yield dossier(view, media_id)
            elif digests is not None:
                for found in media_of_digest(view, digests):
                    yield dossier(view, found)

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
