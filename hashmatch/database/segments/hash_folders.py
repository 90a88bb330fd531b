"""One ``HammingIndex`` for each algorithm, as it was and with what changed, in a new folder."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np
from sqlalchemy import Connection

from hashmatch.algorithms import get_algorithm
from hashmatch.database.segments import crowded, narrow_rows
from hashmatch.database.segments.files import copy_folder, listed
from hashmatch.database.segments.manifest import Crowd, Folder, Ids, Manifest
from hashmatch.database.segments.narrow_rows import Values
from hashmatch.index import HammingIndex

ROWS_AT_ONCE = 1 << 20
"""Hashes that become one segment of an index: few large additions are the quickest."""


class HashFolders:
    """The Hamming indexes of one publication.

    Args:
        before: the publication that this one goes on from; its folders are not changed.
    """

    def __init__(
        self,
        connection: Connection,
        folder: Path,
        generation: int,
        before: Manifest | None = None,
    ) -> None:
        self._connection = connection
        self._folder = folder
        self._generation = generation
        self._kept = {} if before is None else {one.name: one for one in before.hashes}
        self._crowds = {} if before is None else dict(before.crowds)
        self._open: dict[str, HammingIndex] = {}
        self._added: dict[str, list[Ids]] = {}
        self._removed: dict[str, Values] = {}
        self._waiting: dict[str, list[tuple[Ids, Values]]] = {}

    def remove(self, gone: Mapping[str, Ids], *, first_new: int, end: int) -> None:
        """Take out what was withdrawn, and ids that a purge freed and that are given out again.

        Args:
            gone: ids by algorithm; those that are not there are passed over.
            first_new, end: ids between these are free again.
        """
        for name in self._kept:
            ids = gone.get(name, np.empty(0, np.int64))
            ids = np.union1d(ids, np.arange(first_new, max(first_new, end), dtype=np.int64))
            if not len(ids):
                continue
            index = self._index(name)
            there = [number for number in ids.tolist() if number in index]
            removed = np.array(there, dtype=np.int64)
            self._removed[name] = index.hashes(removed)
            index.remove(removed)

    def add(self, name: str, ids: Ids, values: Values) -> None:
        """Add hashes of one algorithm."""
        waiting = self._waiting.setdefault(name, [])
        waiting.append((ids, values))
        if sum(len(ids) for ids, _ in waiting) >= ROWS_AT_ONCE:
            self._flush(name)

    def finish(self) -> tuple[tuple[Folder, ...], dict[str, Crowd]]:
        """Count crowds and write what changed.

        Raises:
            IndexFileError: a folder can't be written.
        """
        for name in list(self._waiting):
            self._flush(name)
        for name, crowd in self._crowds.items():
            if len(crowd.ids):
                self._index(name)  # media may have been merged: count again
        folders = {name: one for name, one in self._kept.items() if name not in self._open}
        for name in sorted(self._open):
            index = self._open.pop(name)
            self._crowds[name] = self._crowd(name, index)
            folders[name] = self._save(name, index)
        return tuple(folders[name] for name in sorted(folders)), self._crowds

    def _index(self, name: str) -> HammingIndex:
        index = self._open.get(name)
        if index is None:
            kept = self._kept.get(name)
            if kept is None:
                index = HammingIndex(get_algorithm(name).bits)
            else:
                copy_folder(self._folder / kept.folder, self._folder / self._name(name))
                index = HammingIndex.open(self._folder / self._name(name))
            self._open[name] = index
        return index

    def _flush(self, name: str) -> None:
        waiting = self._waiting.pop(name)
        ids = np.concatenate([ids for ids, _ in waiting])
        values = np.concatenate([values for _, values in waiting])
        waiting.clear()
        self._index(name).add(values, ids)
        self._added.setdefault(name, []).append(ids)

    def _crowd(self, name: str, index: HammingIndex) -> Crowd:
        media_of = partial(narrow_rows.media_of_hashes, self._connection)
        limit = crowded.limit_of(self._connection, name, index)
        before = self._crowds.get(name)
        if before is None:
            return crowded.find_crowd(index, limit, media_of)
        added = np.concatenate([np.empty(0, np.int64), *self._added.get(name, ())])
        removed = self._removed.get(name, np.empty((0, index.bits // 8), np.uint8))
        return crowded.follow_crowd(index, before, added, removed, limit, media_of, recount=True)

    def _save(self, name: str, index: HammingIndex) -> Folder:
        path = self._folder / self._name(name)
        index.save(path)
        files = sorted(path.glob("*.hmx"))
        return Folder(
            name,
            path.name,
            len(index),
            tuple(listed(self._folder, file) for file in files),
        )

    def _name(self, name: str) -> str:
        return f"hashes-{name}-{self._generation}"
