"""Levels: files of digests or vectors, each of the rows from an id on up to the next level.

A change is a new level. Levels that are not much larger are read from the store again and become
part of it, so there are few of them, and what was withdrawn goes with the old ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from hashmatch.database.segments.files import listed
from hashmatch.database.segments.manifest import Ids, Level
from hashmatch.database.segments.narrow_rows import Values
from hashmatch.index import DigestSetBuilder, VectorIndex
from hashmatch.types import DIGEST_BYTES

MERGED_BELOW = 4
"""Levels less than so many times as large as what comes after them are merged with it."""
VECTORS_A_FILE = 1 << 18
"""So much of an index of vectors is in memory while it is made."""
_SORTING_BYTES = 48 << 20


def first_to_read(
    levels: Iterable[Level], first_new: int, end: int, new: int, *, largest: int | None = None
) -> int:
    """The id from which on rows are read again.

    Args:
        levels: those that are there.
        first_new: the first id of rows that no level has.
        end: ids of the levels are below; above ``first_new`` where a purge freed ids that were
            given out again: levels that reach beyond ``first_new`` are not right any more.
        new: how many values are new.
        largest: levels of so many entries stay as they are.
    """
    sizes: dict[int, int] = {}
    for level in levels:
        sizes[level.first_id] = sizes.get(level.first_id, 0) + level.entries
    first, size = first_new, new
    for first_id in sorted(sizes, reverse=True):
        stale = end > first_new
        small = sizes[first_id] < MERGED_BELOW * size
        full = largest is not None and sizes[first_id] >= largest
        if not stale and (not small or full):
            break
        first, size, end = first_id, size + sizes[first_id], first_id
    return first


def kept_below(levels: Iterable[Level], first_id: int) -> list[Level]:
    return [level for level in levels if level.first_id < first_id]


def write_digests(
    blocks: Iterable[dict[str, tuple[Ids, Values]]], folder: Path, generation: int, first_id: int
) -> Iterator[Level]:
    """One file for each kind of digest that occurs; the payload of a digest is its opinion's id.

    Raises:
        IndexFileError: a file can't be written.
    """
    made: dict[str, tuple[Path, DigestSetBuilder]] = {}
    entries: dict[str, int] = {}
    with ExitStack() as stack:
        for block in blocks:
            for name, (ids, digests) in block.items():
                if name not in made:
                    path = folder / f"digests-{name}-{generation}.hmx"
                    builder = DigestSetBuilder(
                        path,
                        width=DIGEST_BYTES[name],
                        with_payload=True,
                        memory_bytes=_SORTING_BYTES,
                    )
                    made[name] = path, stack.enter_context(builder)
                made[name][1].add(digests, ids)
                entries[name] = entries.get(name, 0) + len(ids)
    for name, (path, _) in sorted(made.items()):
        yield Level(name, first_id, entries[name], listed(folder, path))


class VectorLevels:
    """Collects the vectors of one algorithm and writes files of at most ``VECTORS_A_FILE``."""

    def __init__(self, name: str, folder: Path, generation: int, first_id: int) -> None:
        self.levels: list[Level] = []
        self._name, self._folder, self._generation = name, folder, generation
        self._first_id = first_id
        self._waiting: list[tuple[Ids, Values]] = []
        self._count = 0

    def add(self, ids: Ids, values: Values) -> None:
        """Ids ascend over all calls."""
        self._waiting.append((ids, values))
        self._count += len(ids)
        if self._count >= VECTORS_A_FILE:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if not self._count:
            return
        ids = np.concatenate([ids for ids, _ in self._waiting])
        values = np.concatenate([values for _, values in self._waiting])
        self._waiting.clear()
        index = VectorIndex(values.shape[1])
        index.add(values, ids)
        del values
        place = len(self.levels)
        path = self._folder / f"vectors-{self._name}-{self._generation}-{place}.hmx"
        index.save(path)
        first_id = int(ids[0]) if self.levels else self._first_id
        self.levels.append(Level(self._name, first_id, len(ids), listed(self._folder, path)))
        self._count = 0
