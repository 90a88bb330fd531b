"""Clusters around medoids: everything within the radius of one of its members."""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray

from hashmatch.clustering.compiled import compiled
from hashmatch.clustering.complete import smallest_named

Ids = NDArray[np.int64]


@compiled
def _assigned(starts: Ids, others: Ids) -> Ids:
    n = len(starts) - 1
    names = np.full(n, -1)
    free = starts[1:] - starts[:-1]  # neighbours that are not assigned yet
    # Entries are never taken back: one whose number of neighbours is no longer true is passed over.
    queue = [(-free[node], node) for node in range(n)]
    heapq.heapify(queue)
    while len(queue) > 0:
        lacking, best = heapq.heappop(queue)
        if names[best] >= 0 or free[best] != -lacking:
            continue
        members = np.empty(free[best] + 1, np.int64)
        members[0], count = best, 1
        for at in range(starts[best], starts[best + 1]):
            if names[others[at]] < 0:
                members[count] = others[at]
                count += 1
        for member in members:
            names[member] = best
        for member in members:
            for at in range(starts[member], starts[member + 1]):
                other = others[at]
                if names[other] < 0:
                    free[other] -= 1
                    heapq.heappush(queue, (-free[other], other))
    return names


def medoid_clusters(n: int, first: Ids, second: Ids) -> tuple[Ids, Ids]:
    """Clusters in which every node is within the radius of the medoid.

    Again and again the node with the most unassigned neighbours takes them all; of equals, the
    smallest node.

    Args:
        n: nodes, 0 .. n - 1, in an order that decides between equals.
        first, second: int64 (m,), every pair within the radius, each once.

    Returns:
        For each node the smallest node of its cluster, and its medoid; int64 (n,) both.
    """
    ends = np.concatenate([first, second])
    order = np.argsort(ends, kind="stable")
    others = np.concatenate([second, first])[order]
    starts = np.searchsorted(ends[order], np.arange(n + 1)).astype(np.int64)
    medoids = _assigned(starts, others)
    return smallest_named(medoids), medoids
