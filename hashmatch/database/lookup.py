"""Perceptual hashes of the database in memory, kept up with its revision."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Lock
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from hashmatch.algorithms import Comparison, get_algorithm
from hashmatch.database.database import Database
from hashmatch.database.reading import SnapshotView
from hashmatch.errors import InputError
from hashmatch.index import HammingIndex, SearchResult
from hashmatch.store import run

_BLOCK = 65_536
_BLOCKS_AT_ONCE = 64

_NEW = """
SELECT hash.id, hash.value FROM hash JOIN opinion ON opinion.id = hash.opinion_id
WHERE hash.id > ? AND hash.algorithm = ? AND hash.matchable
    AND opinion.withdrawn_revision IS NULL
ORDER BY hash.id"""
_WITHDRAWN = """
SELECT hash.id FROM opinion CROSS JOIN hash ON hash.opinion_id = opinion.id
WHERE opinion.withdrawn_revision > ? AND hash.id <= ? AND hash.algorithm = ? AND hash.matchable"""


class HashIndex(Protocol):
    """What a lookup needs of an index; ``hashmatch.index.HammingIndex`` is one."""

    def add(self, hashes: NDArray[np.uint8], ids: NDArray[np.int64]) -> object: ...
    def remove(self, ids: NDArray[np.int64]) -> object: ...
    def range_search(self, queries: NDArray[np.uint8], max_distance: int) -> SearchResult: ...
    def __len__(self) -> int: ...


class HashLookup:
    """An index over the matchable hashes of one algorithm that active opinions assert.

    Ids are those of table ``hash``; ``SnapshotView.media_by_hash_ids`` says what they stand for.
    Hash rows are never changed or deleted, and ids grow, so catching up reads only what is new.
    Usable from several threads if the index is.

    Args:
        db: the database; only its path of errors and its snapshots are used.
        algorithm: one that compares by Hamming distance.
        index: an empty index; a ``HammingIndex`` of the algorithm's bits by default.

    Raises:
        InputError: the algorithm is unknown or does not compare by Hamming distance.
    """

    def __init__(
        self, db: Database, algorithm: str = "pdq", *, index: HashIndex | None = None
    ) -> None:
        known = get_algorithm(algorithm)
        if known.comparison is not Comparison.HAMMING:
            raise InputError(
                f"algorithm: expected one that compares by Hamming distance, got {algorithm!r}"
            )
        self._db = db
        self._algorithm = known
        self._index = HammingIndex(bits=known.bits) if index is None else index
        self._lock = Lock()
        # The index holds exactly the hashes up to _last_id that were active at _cleared, even
        # after a failure half-way: each step moves its own mark.
        self._last_id = 0
        self._cleared = 0
        self._revision = -1

    @property
    def revision(self) -> int:
        """The database revision that the index holds; -1 before the first ``catch_up``."""
        return self._revision

    def __len__(self) -> int:
        """Number of hashes in the index."""
        return len(self._index)

    def catch_up(self, view: SnapshotView | None = None) -> int:
        """Bring the index to the revision of ``view``, or to the database's newest.

        A lookup that another thread has taken further stays there: hashes that the view does not
        know yet are left out by ``view.media_by_hash_ids``.

        Returns:
            The revision that the index holds now.

        Raises:
            DatabaseError: the database can't be read.
        """
        if view is None:
            with self._db.snapshot() as newest:
                return self.catch_up(newest)
        with self._lock:
            if view.revision > self._revision:
                self._remove_withdrawn(view)
                self._add_new(view.connection)
                self._revision = view.revision
            return self._revision

    def range_search(self, queries: NDArray[np.uint8], max_distance: int) -> SearchResult:
        """Every hash within ``max_distance`` bits of each query; see ``HammingIndex``.

        Args:
            queries: uint8, shape (n_queries, bits // 8).
            max_distance: inclusive radius in bits.
        """
        return self._index.range_search(queries, max_distance)

    def _remove_withdrawn(self, view: SnapshotView) -> None:
        rows = run(
            view.connection, _WITHDRAWN, (self._cleared, self._last_id, self._algorithm.name)
        )
        ids = np.fromiter((row[0] for row in rows), dtype=np.int64)
        if len(ids):
            self._index.remove(ids)
        self._cleared = view.revision

    def _add_new(self, connection: Connection) -> None:
        # Few large additions: an index of segments builds each hash's tables once.
        waiting: list[tuple[NDArray[np.int64], NDArray[np.uint8]]] = []
        for block in self._blocks(connection):
            waiting.append(block)
            if len(waiting) == _BLOCKS_AT_ONCE:
                self._add(waiting)
        self._add(waiting)

    def _add(self, waiting: list[tuple[NDArray[np.int64], NDArray[np.uint8]]]) -> None:
        if not waiting:
            return
        ids = np.concatenate([ids for ids, _ in waiting])
        self._index.add(np.concatenate([hashes for _, hashes in waiting]), ids)
        self._last_id = int(ids[-1])
        waiting.clear()

    def _blocks(
        self, connection: Connection
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint8]]]:
        rows = run(connection, _NEW, (self._last_id, self._algorithm.name))
        while block := rows.fetchmany(_BLOCK):
            ids = np.fromiter((row[0] for row in block), dtype=np.int64, count=len(block))
            packed = np.frombuffer(b"".join([row[1] for row in block]), dtype=np.uint8)
            yield ids, packed.reshape(len(block), self._algorithm.n_bytes)
