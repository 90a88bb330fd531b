"""Of which algorithms the database has hashes that may match, kept up with its revision."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hashmatch.database.following import FollowingLookup
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


class AlgorithmsLookup(FollowingLookup[AlgorithmsAt]):
    """Names of the algorithms of hashes that may match. Usable from several threads.

    The first ``catch_up`` takes them from the published segments, later ones look at rows that are
    new: no row is looked at twice.
    """

    def __init__(self, db: OpenedStore) -> None:
        super().__init__(db, AlgorithmsAt(-1, frozenset()))

    def _followed(self, view: SnapshotView) -> AlgorithmsAt:
        connection, before = view.connection, self._state
        if before.revision < 0:
            folder = folder_of(self._db.store, connection)
            before = open_if_usable(folder, connection, _take) or before
        first = 0
        if before.revision >= 0:
            first = narrow_rows.marks_after(connection, before.revision).next_hash_id
        new = {str(row[0]) for row in run(connection, _NAMES, (first,))}
        return AlgorithmsAt(view.revision, before.names | new)


def _take(_: Path, manifest: Manifest) -> AlgorithmsAt:
    names = {one.name for one in manifest.hashes} | {one.name for one in manifest.vectors}
    return AlgorithmsAt(manifest.revision, frozenset(names))
