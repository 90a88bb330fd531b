"""PhotoDNA values of the database, from the published segments and kept up with its revision."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hashmatch.algorithms import get_algorithm
from hashmatch.database.following import FollowingLookup
from hashmatch.database.opened import OpenedStore
from hashmatch.database.reading import SnapshotView
from hashmatch.database.segments import narrow_rows
from hashmatch.database.segments.manifest import Ids, Manifest
from hashmatch.database.segments.opening import is_worth_opening, open_if_usable
from hashmatch.database.segments.places import folder_of
from hashmatch.errors import InputError
from hashmatch.index import VectorIndex, VectorSearchResult

_NOTHING: Ids = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class VectorsAt:
    """The values of one algorithm at one revision; what it answers never changes.

    Attributes:
        revision: of the database; -1 where nothing was read yet.
        history_from: of the database; a purge moves it.
        end: every id is smaller.
        levels: mapped files, and an index of what came later, which grows in place: its ids from
            ``end`` on are of later revisions.
        gone: ids in the levels that were withdrawn, ascending.
        count: values that a search compares with and may give.
    """

    revision: int
    history_from: int
    end: int
    levels: tuple[VectorIndex, ...]
    gone: Ids
    count: int

    def __len__(self) -> int:
        return self.count

    def range_search(self, queries: NDArray[np.uint8], max_distance: int) -> VectorSearchResult:
        """Every value within a squared Euclidean distance of each query.

        Args:
            queries: uint8, shape (n_queries, bytes of a value).
            max_distance: inclusive.
        """
        parts = []
        for level in self.levels:
            found = level.range_search(queries, max_distance)
            query = np.repeat(np.arange(len(queries)), np.diff(found.offsets))
            kept = (found.ids < self.end) & ~np.isin(found.ids, self.gone)
            parts.append((query[kept], found.distances[kept], found.ids[kept]))
        query, distances, ids = (np.concatenate(column) for column in zip(*parts, strict=True))
        order = np.lexsort((ids, distances, query))
        offsets = np.zeros(len(queries) + 1, np.int64)
        np.cumsum(np.bincount(query, minlength=len(queries)), out=offsets[1:])
        searched = np.ones(len(queries), np.uint8)
        return VectorSearchResult(offsets, ids[order], distances[order], None, searched)


class VectorLookup(FollowingLookup[VectorsAt]):
    """The matchable values of an algorithm that compares as vectors; nothing is read before it is
    asked for. Usable from several threads.

    Ids are those of table ``hash``; ``SnapshotView.media_by_hash_ids`` says what they stand for.
    The first ``catch_up`` maps the published segments and reads what came since, or, where there
    are none that can be used, reads all of it. Later ones read only what is new.

    Raises:
        InputError: the algorithm's values are not compared as vectors.
    """

    def __init__(self, db: OpenedStore, algorithm: str = "photodna") -> None:
        if algorithm not in narrow_rows.VECTORS:
            raise InputError(
                f"algorithm: expected one of {', '.join(sorted(narrow_rows.VECTORS))}, "
                f"got {algorithm!r}"
            )
        self._algorithm = get_algorithm(algorithm)
        super().__init__(db, self._nothing())

    def _nothing(self) -> VectorsAt:
        # The last level is the one that grows; it is never a mapped one.
        return VectorsAt(-1, -1, 0, (VectorIndex(self._algorithm.n_bytes),), _NOTHING, 0)

    def __len__(self) -> int:
        return len(self._state)

    def _followed(self, view: SnapshotView) -> VectorsAt:
        connection, before = view.connection, self._state
        folder = folder_of(self._db.store, connection)
        if before.revision < 0 or is_worth_opening(folder, connection, before.revision):
            before = open_if_usable(folder, connection, self._take) or self._nothing()
        history_from = narrow_rows.history_of(connection)
        if before.history_from != history_from:
            before = self._nothing()  # a purge deleted rows, and may have freed their ids
        first, gone = 0, _NOTHING
        if before.revision >= 0:
            first = narrow_rows.marks_after(connection, before.revision).next_hash_id
            gone = narrow_rows.withdrawn_hashes(connection, before.revision, before.end).get(
                self._algorithm.name, _NOTHING
            )
        ids, values = self._read(view, first)
        end = max(narrow_rows.marks_now(connection).next_hash_id, before.end)
        if len(ids):
            before.levels[-1].add(values, ids)  # last: nothing of it may have to be undone
        return VectorsAt(
            revision=view.revision,
            history_from=history_from,
            end=end,
            levels=before.levels,
            gone=np.union1d(before.gone, gone),
            count=before.count + len(ids) - len(gone),
        )

    def _read(self, view: SnapshotView, first: int) -> tuple[Ids, NDArray[np.uint8]]:
        name = self._algorithm.name
        blocks = list(narrow_rows.matchable_hashes(view.connection, first, name))
        empty = np.empty((0, self._algorithm.n_bytes), np.uint8)
        return (
            np.concatenate([_NOTHING, *(ids for _, ids, _ in blocks)]),
            np.concatenate([empty, *(values for _, _, values in blocks)]),
        )

    def _take(self, folder: Path, manifest: Manifest) -> VectorsAt:
        listed = [level for level in manifest.vectors if level.name == self._algorithm.name]
        opened = [VectorIndex.open(folder / level.file.name, verify=True) for level in listed]
        entries = sum(len(index) for index in opened)
        return VectorsAt(
            revision=manifest.revision,
            history_from=manifest.history_from,
            end=manifest.next_hash_id,
            levels=(*opened, *self._nothing().levels),
            gone=manifest.withdrawn_hashes,
            count=entries - len(manifest.withdrawn_hashes),
        )
