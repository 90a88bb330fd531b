"""Answers of shards as one answer, in the stated order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hashmatch.index import SearchResult, SearchWork

Part = tuple[
    NDArray[np.int64], NDArray[np.int64], NDArray[np.uint16], tuple[int, int, int, int] | None
]
"""Offsets, ids, distances and work of one shard: plain values, as they cross processes."""


def merged(
    parts: Sequence[Part], *, most: int | None = None, prefilter_distance: int | None = None
) -> SearchResult:
    """One result of the same queries asked of different entries.

    Args:
        parts: at least one.
        most: hits of each query that are kept, the nearest; None: all.

    Returns:
        Ordered by (query, distance, id), as one index over all entries gives it. Its work is the
        sum, where each part counted its own.
    """
    n = len(parts[0][0]) - 1
    queries = np.concatenate([np.repeat(np.arange(n), np.diff(part[0])) for part in parts])
    ids = np.concatenate([part[1] for part in parts])
    distances = np.concatenate([part[2] for part in parts])
    if len(parts) > 1:
        order = np.lexsort((ids, distances, queries))
        queries, ids, distances = queries[order], ids[order], distances[order]
    counts = np.bincount(queries, minlength=n)
    if most is not None and (counts > most).any():
        starts = np.cumsum(counts) - counts
        kept = np.arange(len(queries)) - starts[queries] < most
        ids, distances = ids[kept], distances[kept]
        counts = np.minimum(counts, most)
    offsets = np.zeros(n + 1, np.int64)
    np.cumsum(counts, out=offsets[1:])
    return SearchResult(offsets, ids, distances, prefilter_distance, _work(parts))


def joined(results: Sequence[SearchResult]) -> SearchResult:
    """Results of consecutive queries, at least one, as one result."""
    if len(results) == 1:
        return results[0]
    before = np.cumsum([0, *(len(result.ids) for result in results[:-1])])
    ends = [result.offsets[1:] + start for result, start in zip(results, before, strict=True)]
    works = [result.work for result in results if result.work is not None]
    return SearchResult(
        np.concatenate([np.zeros(1, np.int64), *ends]),
        np.concatenate([result.ids for result in results]),
        np.concatenate([result.distances for result in results]),
        results[0].prefilter_distance,
        _sum(works) if len(works) == len(results) else None,
    )


def _work(parts: Sequence[Part]) -> SearchWork | None:
    works = [part[3] for part in parts if part[3] is not None]
    return _sum(works) if len(works) == len(parts) else None


def _sum(works: Sequence[tuple[int, int, int, int]]) -> SearchWork:
    return SearchWork(*(sum(work[i] for work in works) for i in range(4)))
