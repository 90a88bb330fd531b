"""Of which algorithms the database has hashes that may match, kept up with its revision."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from sqlalchemy import Connection

from hashmatch.database.opened import OpenedStore
from hashmatch.database.reading import SnapshotView
from hashmatch.database.segments import narrow_rows
from hashmatch.database.segments.manifest import Manifest
from hashmatch.database.segments.opening import open_if_usable
from hashmatch.database.segments.places import folder_of
from hashmatch.store import run

_NAMES = "SELECT DISTINCT algorithm FROM hash WHERE id >= ? AND matchable"


@dataclass(frozen=True, slots=True)
class AlgorithmsAt:
    """Of one revision.

    Attributes:
        revision: of the database; -1 where nothing was read yet.
        names: what is missing here, no hash that may match has; what is here may have been
            withdrawn since.
    """

    revision: int
    names: frozenset[str]


class AlgorithmsLookup:
    """Names of the algorithms of hashes that may match. Usable from several threads.

    The first ``catch_up`` takes them from the published segments, later ones look at rows that are
    new: no row is looked at twice.
    """

    def __init__(self, db: OpenedStore) -> None:
        self._db = db
        self._lock = Lock()
        self._state = AlgorithmsAt(-1, frozenset())

    @property
    def state(self) -> AlgorithmsAt:
        """What the latest ``catch_up`` led to."""
        return self._state

    def catch_up(self, view: SnapshotView) -> int:
        """Come to the revision of ``view``, but never back.

        Raises:
            DatabaseError: the database can't be read.
        """
        with self._lock:
            if view.revision > self._state.revision:
                self._state = self._followed(view.connection, view.revision)
            return self._state.revision

    def _followed(self, connection: Connection, revision: int) -> AlgorithmsAt:
        before = self._state
        if before.revision < 0:
            folder = folder_of(self._db.store, connection)
            before = open_if_usable(folder, connection, _take) or before
        first = 0
        if before.revision >= 0:
            first = narrow_rows.marks_after(connection, before.revision).next_hash_id
        new = {str(row[0]) for row in run(connection, _NAMES, (first,))}
        return AlgorithmsAt(revision, before.names | new)


def _take(_: Path, manifest: Manifest) -> AlgorithmsAt:
    names = {one.name for one in manifest.hashes} | {one.name for one in manifest.vectors}
    return AlgorithmsAt(manifest.revision, frozenset(names))
