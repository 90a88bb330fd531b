"""What a VectorIndex answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hashmatch.errors import InputError


@dataclass(frozen=True, slots=True)
class VectorSearchResult:
    """Hits of many queries in CSR form, ordered by (query, distance, id).

    Hits of query ``i`` are ``ids[offsets[i]:offsets[i + 1]]``, with ``distances`` beside them.

    Attributes:
        offsets: int64, shape (n_queries + 1,).
        ids: int64, shape (n_hits,).
        distances: int64, shape (n_hits,), squared Euclidean.
        orientations: uint8, shape (n_hits,): which orientation of the query was nearest (the
            lowest number among equals); None unless orientations were asked for.
        searched: uint8, shape (n_queries,): how many orientations of each query had the entropy
            asked for and were searched; 0: none, so no hit was possible.
    """

    offsets: NDArray[np.int64]
    ids: NDArray[np.int64]
    distances: NDArray[np.int64]
    orientations: NDArray[np.uint8] | None
    searched: NDArray[np.uint8]

    def __len__(self) -> int:
        """Number of queries."""
        return len(self.offsets) - 1

    def of(self, query: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(ids, distances) of one query."""
        if not 0 <= query < len(self):
            raise InputError(f"query: expected 0..{len(self) - 1}, got {query}")
        hits = slice(self.offsets[query], self.offsets[query + 1])
        return self.ids[hits], self.distances[hits]


def folded(
    queries: NDArray[np.int64],
    turns: NDArray[np.int64],
    ids: NDArray[np.int64],
    distances: NDArray[np.int64],
    searched: NDArray[np.uint8],
    oriented: bool,
) -> VectorSearchResult:
    """Hits of several orientations as hits of their queries: each id once, the nearest one."""
    order = np.lexsort((turns, distances, ids, queries))
    queries, turns, ids, distances = (a[order] for a in (queries, turns, ids, distances))
    first = np.ones(len(ids), bool)
    first[1:] = (ids[1:] != ids[:-1]) | (queries[1:] != queries[:-1])
    best = np.flatnonzero(first)
    best = best[np.lexsort((ids[best], distances[best], queries[best]))]
    offsets = np.zeros(len(searched) + 1, np.int64)
    np.cumsum(np.bincount(queries[best], minlength=len(searched)), out=offsets[1:])
    nearest = turns[best].astype(np.uint8) if oriented else None
    return VectorSearchResult(offsets, ids[best], distances[best], nearest, searched)
