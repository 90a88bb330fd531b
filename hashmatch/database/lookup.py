"""Perceptual hashes of the database, from the published segments and kept up with its revision."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from hashmatch.algorithms import Comparison, get_algorithm
from hashmatch.database.hash_base import HashSource, PublishedHashes, base_manifest
from hashmatch.database.opened import OpenedStore
from hashmatch.database.reading import SnapshotView
from hashmatch.database.segments import crowded, narrow_rows
from hashmatch.database.segments.held import GrowingHashes, HeldHashes, Values, held
from hashmatch.database.segments.manifest import Ids, Manifest
from hashmatch.errors import InputError
from hashmatch.index import HammingIndex, SearchResult

_NOTHING: Ids = np.empty(0, np.int64)


class HashesAt:
    """The hashes of one algorithm at one revision; it never changes.

    Attributes:
        revision: of the database; -1 where nothing was read yet.
        n_excluded: hashes that are stored but not matched because they are crowded.
    """

    def __init__(self, revision: int, hashes: HeldHashes, excluded: Ids) -> None:
        self.revision = revision
        self.n_excluded = len(excluded)
        self._hashes = hashes
        self._excluded = excluded

    def __len__(self) -> int:
        """Number of hashes that a search compares with and may give."""
        return len(self._hashes) - len(self._excluded)

    def range_search(
        self,
        queries: NDArray[np.uint8],
        max_distance: int,
        *,
        prefilter_distance: int | None = None,
    ) -> SearchResult:
        """Every hash within ``max_distance`` bits of each query; crowded ones are left out.

        Args:
            queries: uint8, shape (n_queries, bits // 8).
            max_distance: inclusive radius in bits.
            prefilter_distance: as ``HammingIndex.range_search``.
        """
        found = self._hashes.range_search(
            queries, max_distance, prefilter_distance=prefilter_distance
        )
        if not len(self._excluded) or not len(found.ids):
            return found
        return _kept(found, ~np.isin(found.ids, self._excluded))

    def crowded_near(self, queries: NDArray[np.uint8], max_distance: int) -> SearchResult:
        """What ``range_search`` leaves out: the crowded hashes within ``max_distance`` bits.

        Args:
            queries, max_distance: as ``range_search``.
        """
        found = self._hashes.range_search(queries, max_distance)
        return _kept(found, np.isin(found.ids, self._excluded))

    def excludes(self, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of these ids are stored and left out because they are crowded."""
        return np.isin(ids, self._excluded)

    def hashes(self, ids: NDArray[np.int64]) -> NDArray[np.uint8]:
        """The hashes under these ids, uint8 (n, bits // 8), in their order.

        Raises:
            InputError: an id that is not there.
        """
        return self._hashes.hashes(ids)


def _kept(found: SearchResult, kept: NDArray[np.bool_]) -> SearchResult:
    before = np.concatenate([[0], np.cumsum(kept, dtype=np.int64)])
    return SearchResult(before[found.offsets], found.ids[kept], found.distances[kept])


class HashLookup:
    """The matchable hashes of one algorithm that active opinions assert.

    Ids are those of table ``hash``; ``SnapshotView.media_by_hash_ids`` says what they stand for.
    The first ``catch_up`` maps the published segments and reads what came since, or, where there
    are none that can be used, reads all of it. Later ones read only what is new. Usable from
    several threads.

    Args:
        db: the database.
        algorithm: one that compares by Hamming distance.
        source: where the base comes from; None: the segments published on this machine.

    Raises:
        InputError: the algorithm is unknown or does not compare by Hamming distance.
    """

    def __init__(
        self, db: OpenedStore, algorithm: str = "pdq", *, source: HashSource | None = None
    ) -> None:
        known = get_algorithm(algorithm)
        if known.comparison is not Comparison.HAMMING:
            raise InputError(
                f"algorithm: expected one that compares by Hamming distance, got {algorithm!r}"
            )
        self._db = db
        self._algorithm = known
        self._source: HashSource = source or PublishedHashes(db.store, algorithm)
        self._lock = Lock()
        self._forget()

    def forget(self) -> None:
        """Begin again: the next ``catch_up`` opens the base anew, a later one if there is one."""
        with self._lock:
            self._forget()

    def _forget(self) -> None:
        self._index: GrowingHashes | None = None
        self._crowd = crowded.nobody(crowded.LEAST_LIMIT)
        self._end = 0  # every id in the index is smaller
        empty = HammingIndex(self._algorithm.bits)
        self._state = HashesAt(-1, empty.snapshot(), _NOTHING)

    @property
    def state(self) -> HashesAt:
        """What the latest ``catch_up`` led to."""
        return self._state

    @property
    def revision(self) -> int:
        """The database revision that is held; -1 before the first ``catch_up``."""
        return self._state.revision

    @property
    def n_excluded(self) -> int:
        """Hashes that are not matched because they are crowded."""
        return self._state.n_excluded

    def __len__(self) -> int:
        """Number of hashes that a search may give."""
        return len(self._state)

    def catch_up(self, view: SnapshotView | None = None) -> int:
        """Come to the revision of ``view``, or to the database's newest.

        A lookup that another thread has taken further stays there: hashes that the view does not
        know yet are left out by ``view.media_by_hash_ids``.

        Returns:
            The revision that is held now.

        Raises:
            DatabaseError: the database can't be read.
        """
        if view is None:
            with self._db.snapshot() as newest:
                return self.catch_up(newest)
        with self._lock:
            if view.revision > self._state.revision:
                try:
                    self._follow(view)
                except BaseException:
                    self._forget()  # what was done half is not continued
                    raise
            return self._state.revision

    def range_search(self, queries: NDArray[np.uint8], max_distance: int) -> SearchResult:
        """See ``HashesAt.range_search``."""
        return self._state.range_search(queries, max_distance)

    def laid_down(self, view: SnapshotView) -> tuple[Manifest, Iterator[tuple[Ids, Values]]]:
        """Everything that could match at the view's revision, to be laid down elsewhere as a base.

        Returns:
            (manifest, blocks): what identifies it, without files, and ids with hashes, uint8
            (n, bits // 8), in blocks.

        Raises:
            InputError: the lookup is beyond the view.
        """
        if self.catch_up(view) != view.revision or self._index is None:
            raise InputError(f"view: expected revision {self.revision} or later")
        manifest = base_manifest(view.connection, self._algorithm.name, self._crowd)
        return manifest, self._index.blocks()

    def _follow(self, view: SnapshotView) -> None:
        connection, name = view.connection, self._algorithm.name
        if self._index is not None and self._source.is_worth_opening(connection, self.revision):
            self._forget()
        revision = self.revision
        if self._index is None:
            revision = self._open(view)
        index = self._index = self._index or HammingIndex(self._algorithm.bits)
        first, removed = 0, np.empty((0, self._algorithm.n_bytes), np.uint8)
        if revision >= 0:
            first = narrow_rows.marks_after(connection, revision).next_hash_id
            removed = self._remove(index, view, revision, first)
        blocks = [
            (ids, values)
            for _, ids, values in narrow_rows.matchable_hashes(connection, first, name)
        ]
        added = np.concatenate([_NOTHING, *(ids for ids, _ in blocks)])
        if len(added):
            index.add(np.concatenate([values for _, values in blocks]), added)
            self._end = max(self._end, int(added[-1]) + 1)
        self._count(view, index, added, removed, whole=revision < 0)
        self._state = HashesAt(view.revision, index.snapshot(), self._crowd.excluded)

    def _remove(
        self, index: GrowingHashes, view: SnapshotView, revision: int, first: int
    ) -> NDArray[np.uint8]:
        """Take out what was withdrawn, and ids that a purge freed; gives their values."""
        gone = narrow_rows.withdrawn_hashes(view.connection, revision, self._end)
        ids = np.union1d(
            gone.get(self._algorithm.name, _NOTHING),
            np.arange(first, max(first, self._end), dtype=np.int64),
        )
        there = ids[held(index, ids)]
        values = index.hashes(there)
        index.remove(there)
        return values

    def _count(
        self,
        view: SnapshotView,
        index: GrowingHashes,
        added: Ids,
        removed: NDArray[np.uint8],
        *,
        whole: bool,
    ) -> None:
        media_of = partial(narrow_rows.media_of_hashes, view.connection)
        if whole:
            limit = crowded.limit_of(view.connection, self._algorithm.name, index)
            self._crowd = crowded.find_crowd(index, limit, media_of)
        elif len(added) or len(removed):
            # Of a large base, the limit is the published one until the next publication.
            small = len(index) <= crowded.LEAST_LIMIT * crowded.MEDIA_A_LIMIT
            limit = crowded.LEAST_LIMIT if small else self._crowd.limit
            self._crowd = crowded.follow_crowd(index, self._crowd, added, removed, limit, media_of)

    def _open(self, view: SnapshotView) -> int:
        """Stand on the base; gives its revision, -1 where there is none."""
        base = self._source.open(view.connection)
        if base is None:
            return -1
        self._index, self._end = base.hashes, base.end
        self._crowd = base.crowd or self._crowd
        return base.revision


LookupMaker = Callable[[OpenedStore, str], HashLookup]
"""Makes the lookup of an algorithm that compares by Hamming distance."""
