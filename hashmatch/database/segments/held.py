"""Sets of hashes as the database asks them: an index of this machine, or what answers as one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hashmatch.database.segments.manifest import Ids
from hashmatch.errors import InputError
from hashmatch.index import SearchResult

Values = NDArray[np.uint8]


class HeldHashes(Protocol):
    """Hashes of one moment: a ``HammingSnapshot``, or what answers as one."""

    def __len__(self) -> int: ...

    def range_search(
        self, queries: Values, max_distance: int, *, prefilter_distance: int | None = None
    ) -> SearchResult: ...

    def hashes(self, ids: Ids) -> Values: ...


class GrowingHashes(Protocol):
    """Hashes that follow the database: a ``HammingIndex``, or what answers as one."""

    @property
    def bits(self) -> int: ...

    def __len__(self) -> int: ...

    def add(self, hashes: Values, ids: Ids) -> Ids: ...

    def remove(self, ids: Ids) -> None: ...

    def blocks(self) -> Iterator[tuple[Ids, Values]]: ...

    def range_search(self, queries: Values, max_distance: int, *, threads: int) -> SearchResult: ...

    def hashes(self, ids: Ids) -> Values: ...

    def snapshot(self) -> HeldHashes: ...


def held(hashes: HeldHashes | GrowingHashes, ids: Ids) -> NDArray[np.bool_]:
    """Which of the ids are there. Mostly all are, which is one question: it may go to shards."""
    if not len(ids):
        return np.empty(0, np.bool_)
    try:
        hashes.hashes(ids)
    except InputError:
        if len(ids) == 1:
            return np.zeros(1, np.bool_)
        middle = len(ids) // 2
        return np.concatenate([held(hashes, ids[:middle]), held(hashes, ids[middle:])])
    return np.ones(len(ids), np.bool_)
