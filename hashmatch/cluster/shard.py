"""One shard in a process of its own: what a Ray actor runs.

A plain class: Ray makes an actor of it (``replicas``), and nothing here imports Ray.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from threading import RLock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashmatch.cluster.merging import Part
from hashmatch.cluster.revision_files import committed, open_shard
from hashmatch.cluster.wire import packed, received
from hashmatch.errors import IndexFileError, InputError, RevisionGoneError
from hashmatch.index import HammingIndex, SearchResult


class Shard:
    """The mapped segments of one shard, at the revisions that may be asked for.

    These are the one that counts, the one before it, for searches that have begun with it, and
    while a switch is on its way the next one. A process that was started again holds the one that
    counts, and no other.

    Args:
        folder: of the sharded index.
        number: of the shard.
    """

    def __init__(self, folder: str, number: int) -> None:
        self._folder = Path(folder)
        self._number = number
        self._held: dict[int, HammingIndex] = {}
        self._lock = RLock()
        # What is wrong with the files is told to whoever asks first: an actor that can't be made
        # could tell nobody.
        with suppress(IndexFileError):
            self._at(committed(self._folder))

    def ping(self) -> None:
        """Answers: the process is there."""

    def state(self) -> tuple[int, tuple[int, ...]]:
        """Process id, and the revisions that are held."""
        return os.getpid(), tuple(sorted(self._held))

    def prepare(self, revision: int) -> None:
        """Open and check a revision, so that it can be asked for once it is switched to.

        Raises:
            IndexFileError and its children: its files are not what they should be.
        """
        opened = open_shard(self._folder, revision, self._number, verify=True)
        with self._lock:
            counting = committed(self._folder)
            self._held = {
                number: index for number, index in self._held.items() if number == counting
            }
            self._held[revision] = opened

    def forget(self, revision: int) -> None:
        """Give up a revision that was prepared in vain."""
        with self._lock:
            if revision != committed(self._folder):
                self._held.pop(revision, None)

    def memory_bytes(self, revision: int) -> int:
        return self._at(revision).memory_bytes

    def range_search(
        self,
        revision: int,
        queries: bytes | NDArray[np.uint8],
        max_distance: int,
        prefilter_distance: int | None,
        threads: int,
    ) -> bytes | Part:
        """See ``HammingIndex.range_search``. Raises RevisionGoneError."""
        index = self._at(revision)
        found = index.range_search(
            received(queries, index.bits // 8),
            max_distance,
            prefilter_distance=prefilter_distance,
            threads=threads,
        )
        return packed(_plain(found))

    def knn(
        self, revision: int, queries: bytes | NDArray[np.uint8], k: int, threads: int
    ) -> bytes | Part:
        """See ``HammingIndex.knn``. Raises RevisionGoneError."""
        index = self._at(revision)
        found = index.knn(received(queries, index.bits // 8), k, threads=threads)
        return packed(_plain(found))

    def hashes(
        self, revision: int, ids: NDArray[np.int64]
    ) -> tuple[NDArray[np.uint8] | None, NDArray[np.bool_]]:
        """The hashes under these ids, or None and which of them are there."""
        index = self._at(revision)
        try:
            return index.hashes(ids), np.ones(len(ids), np.bool_)
        except InputError:
            return None, np.array([number in index for number in ids.tolist()], np.bool_)

    def _at(self, revision: int) -> HammingIndex:
        held = self._held.get(revision)
        if held is not None:
            return held
        with self._lock:
            held = self._held.get(revision)
            if held is None:
                counting = committed(self._folder)
                if revision != counting:
                    raise RevisionGoneError(
                        f"shard {self._number}: revision {revision} is not held; {counting} counts"
                    )
                held = open_shard(self._folder, revision, self._number)
                self._held = {**self._held, revision: held}
            return held


def _plain(found: SearchResult) -> Part:
    work: Any = None if found.work is None else tuple(found.work)
    return found.offsets, found.ids, found.distances, work
