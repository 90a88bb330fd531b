"""Shards of one revision, and what the database said since: together they answer as one index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hashmatch.database.segments.held import HeldHashes, held
from hashmatch.errors import InputError
from hashmatch.index import HammingIndex, HammingSnapshot, SearchResult

Ids = NDArray[np.int64]
Values = NDArray[np.uint8]
_NOTHING: Ids = np.empty(0, np.int64)


class ShardReader(HeldHashes, Protocol):
    """Hashes that lie in shards, as they were at one revision."""

    bits: int

    def blocks(self) -> Iterator[tuple[Ids, Values]]: ...


class OverlaidShards:
    """What the shards held, without what was removed and with what was added since; never changes.

    Args:
        shards: of one revision.
        added: hashes that came since.
        removed: ids of the shards that no longer count, ascending.
    """

    def __init__(self, shards: ShardReader, added: HammingSnapshot, removed: Ids) -> None:
        self._shards = shards
        self._added = added
        self._removed = removed

    def __len__(self) -> int:
        return len(self._shards) - len(self._removed) + len(self._added)

    def range_search(
        self,
        queries: Values,
        max_distance: int,
        *,
        prefilter_distance: int | None = None,
        threads: int = 1,
    ) -> SearchResult:
        """As ``HammingIndex.range_search``; ``threads`` are used for what was added."""
        added = self._added.range_search(
            queries, max_distance, prefilter_distance=prefilter_distance, threads=threads
        )
        stored = self._shards.range_search(
            queries, max_distance, prefilter_distance=prefilter_distance
        )
        kept = ~np.isin(stored.ids, self._removed)
        if not len(added.ids) and kept.all():
            return SearchResult(stored.offsets, stored.ids, stored.distances, prefilter_distance)
        query = np.concatenate([_rows(stored)[kept], _rows(added)])
        ids = np.concatenate([stored.ids[kept], added.ids])
        distances = np.concatenate([stored.distances[kept], added.distances])
        order = np.lexsort((ids, distances, query))
        offsets = np.zeros(len(stored.offsets), np.int64)
        np.cumsum(np.bincount(query, minlength=len(offsets) - 1), out=offsets[1:])
        return SearchResult(offsets, ids[order], distances[order], prefilter_distance)

    def hashes(self, ids: Ids) -> Values:
        """The hashes under these ids, uint8 (n, bits // 8), in their order.

        Raises:
            InputError: an id that is not there.
        """
        recent = np.array([number in self._added for number in ids.tolist()], np.bool_)
        gone = ~recent & np.isin(ids, self._removed)
        if gone.any():
            raise InputError(f"ids: expected ids of the index, got {int(ids[gone][0])}")
        found = np.zeros((len(ids), self._shards.bits // 8), np.uint8)
        if recent.any():
            found[recent] = self._added.hashes(ids[recent])
        if not recent.all():
            found[~recent] = self._shards.hashes(ids[~recent])
        return found

    def blocks(self) -> Iterator[tuple[Ids, Values]]:
        """All ids and hashes in blocks. It reads every shard: days apart, if at all."""
        for ids, values in self._shards.blocks():
            kept = ~np.isin(ids, self._removed)
            if kept.any():
                yield ids[kept], values[kept]
        yield from self._added.blocks()


class ShardOverlay:
    """Shards that are followed: what the database adds and withdraws is kept beside them.

    One thread changes it at a time; a ``snapshot`` never changes.

    Args:
        shards: of one revision.
    """

    def __init__(self, shards: ShardReader) -> None:
        self._shards = shards
        self._added = HammingIndex(shards.bits)
        self._removed = _NOTHING

    @property
    def bits(self) -> int:
        return self._shards.bits

    def snapshot(self) -> OverlaidShards:
        """What it holds now, for as long as the caller keeps it."""
        return OverlaidShards(self._shards, self._added.snapshot(), self._removed)

    def __len__(self) -> int:
        return len(self.snapshot())

    def add(self, hashes: Values, ids: Ids) -> Ids:
        """Add hashes; what was removed may come again.

        Raises:
            InputError: as ``HammingIndex.add``, of what was added since the shards were made.
        """
        return self._added.add(hashes, ids)

    def remove(self, ids: Ids) -> None:
        """Remove the hashes under these ids; all of them or, on an error, none.

        Raises:
            InputError: an id that is not there.
        """
        there = self._holds(ids)
        if not there.all():
            raise InputError(f"ids: expected ids of the index, got {int(ids[~there][0])}")
        recent = np.array([number in self._added for number in ids.tolist()], np.bool_)
        self._added.remove(ids[recent])
        self._removed = np.union1d(self._removed, ids[~recent])

    def range_search(self, queries: Values, max_distance: int, *, threads: int = 1) -> SearchResult:
        """As ``HammingIndex.range_search``."""
        return self.snapshot().range_search(queries, max_distance, threads=threads)

    def hashes(self, ids: Ids) -> Values:
        """As ``OverlaidShards.hashes``."""
        return self.snapshot().hashes(ids)

    def blocks(self) -> Iterator[tuple[Ids, Values]]:
        """As ``OverlaidShards.blocks``."""
        return self.snapshot().blocks()

    def _holds(self, ids: Ids) -> NDArray[np.bool_]:
        """Which of the ids are there. Mostly all are, and the shards are asked once."""
        recent = np.array([number in self._added for number in ids.tolist()], np.bool_)
        asked = ~recent & ~np.isin(ids, self._removed)
        there = recent.copy()
        there[asked] = held(self._shards, ids[asked])
        return there


def _rows(found: SearchResult) -> Ids:
    """The query that each hit is of."""
    return np.repeat(np.arange(len(found), dtype=np.int64), np.diff(found.offsets))
