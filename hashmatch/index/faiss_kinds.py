"""faiss's two kinds of binary index as we use them: built, and asked for all within a radius."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashmatch.errors import InputError
from hashmatch.index.arguments import at_least
from hashmatch.index.faiss_library import faiss_library

KINDS = ("hnsw", "ivf")
MOST_NEIGHBOURS = 4096
"""Neighbours of one query after which a graph is not asked for more."""

_FIRST_NEIGHBOURS = 16


@dataclass(frozen=True, slots=True)
class Hits:
    """In no order."""

    queries: NDArray[np.int64]
    positions: NDArray[np.int64]
    distances: NDArray[np.int64]
    truncated: NDArray[np.bool_]


def graph(rows: NDArray[np.uint8], links: int, effort: int) -> Any:
    """A filled IndexBinaryHNSW."""
    faiss = faiss_library()
    index = faiss.IndexBinaryHNSW(rows.shape[1] * 8, links)
    index.hnsw.efConstruction = effort
    index.hnsw.efSearch = effort
    index.add(rows)
    return index


def inverted_lists(rows: NDArray[np.uint8], lists: int | None, probes: int) -> Any:
    """A trained and filled IndexBinaryIVF; ``lists`` None: about the square root of n."""
    faiss = faiss_library()
    count = max(1, round(len(rows) ** 0.5)) if lists is None else at_least(lists, 1, "lists")
    if count > len(rows):
        raise InputError(f"lists: expected at most one a hash ({len(rows)}), got {count}")
    bits = rows.shape[1] * 8
    index = faiss.IndexBinaryIVF(faiss.IndexBinaryFlat(bits), bits, count)
    # faiss writes a warning to stderr below 39 hashes a list; the measured recall says it better.
    index.cp.min_points_per_centroid = 1
    index.nprobe = min(probes, count)
    index.train(rows)
    index.add(rows)
    return index


def within(index: Any, kind: str, queries: NDArray[np.uint8], radius: int) -> Hits:
    """Everything that the index finds within an inclusive radius."""
    if kind == "ivf":
        # faiss finds distances below its radius; ours is inclusive.
        limits, distances, positions = index.range_search(queries, radius + 1)
        numbers = np.repeat(np.arange(len(queries)), np.diff(limits.astype(np.int64)))
        return Hits(
            numbers,
            positions.astype(np.int64),
            distances.astype(np.int64),
            np.zeros(len(queries), bool),
        )
    return _grown(index, queries, radius)


def _grown(index: Any, queries: NDArray[np.uint8], radius: int) -> Hits:
    """Neighbours of a graph within the radius: asks for four times as many until one is beyond."""
    most = min(MOST_NEIGHBOURS, index.ntotal)
    truncated = np.zeros(len(queries), bool)
    parts: list[tuple[NDArray[np.int64], ...]] = []
    open_queries = np.arange(len(queries))
    count = min(_FIRST_NEIGHBOURS, most)
    while len(open_queries):
        distances, positions = index.search(queries[open_queries], count)
        inside = (positions >= 0) & (distances <= radius)
        more = inside[:, -1] & (count < most)
        truncated[open_queries] = inside[:, -1] & (count == most) & (most < index.ntotal)
        rows, columns = np.nonzero(inside & ~more[:, None])
        parts.append(
            (
                open_queries[rows],
                positions[rows, columns].astype(np.int64),
                distances[rows, columns].astype(np.int64),
            )
        )
        open_queries = open_queries[more]
        count = min(4 * count, most)
    if not parts:
        empty = np.empty(0, np.int64)
        return Hits(empty, empty, empty, truncated)
    numbers, found, apart = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Hits(numbers, found, apart, truncated)
