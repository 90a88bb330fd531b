"""Complete linkage over a sparse set of pairs: no two of a cluster are farther apart than allowed.

The pairs within the radius are taken from the nearest on. Two clusters become one when every pair
across them has been seen, which is complete linkage exactly: the last of those pairs is the
distance of the two. What is not among the pairs is farther than the radius, and never joins.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hashmatch.clustering.compiled import compiled
from hashmatch.clustering.unions import find

Ids = NDArray[np.int64]

_FREE = -1


@compiled
def _slot(keys: Ids, key: int) -> int:
    """Where a key stands in the open table, or where it would."""
    mask = len(keys) - 1
    at = ((key * -7046029254386353131) >> 20) & mask
    while keys[at] != _FREE and keys[at] != key:
        at = (at + 1) & mask
    return at


@compiled
def _grown(keys: Ids, counts: Ids) -> tuple[Ids, Ids, int]:
    """The table without what was taken out of it, at most a third full."""
    live = 0
    for at in range(len(keys)):
        if keys[at] != _FREE and counts[at] > 0:
            live += 1
    size = 16
    while size < 3 * live:
        size *= 2
    new_keys, new_counts = np.full(size, _FREE, np.int64), np.zeros(size, np.int64)
    for at in range(len(keys)):
        if keys[at] != _FREE and counts[at] > 0:
            to = _slot(new_keys, keys[at])
            new_keys[to], new_counts[to] = keys[at], counts[at]
    return new_keys, new_counts, live


@compiled
def _merged(n: int, first: Ids, second: Ids) -> Ids:
    parents, sizes = np.arange(n), np.ones(n, np.int64)
    # Neighbours of a cluster: a list through `following`; those that have moved stay in it.
    heads, lengths = np.full(n, -1), np.zeros(n, np.int64)
    neighbours = np.empty(64, np.int64)
    following = np.empty(64, np.int64)
    n_entries = 0
    keys, counts = np.full(64, _FREE, np.int64), np.zeros(64, np.int64)
    used = 0
    for edge in range(len(first)):
        a, b = find(parents, first[edge]), find(parents, second[edge])
        if a == b:
            continue
        moved, amounts = np.full(1, b), np.ones(1, np.int64)
        joins = False
        # First one more pair between a and b; if that joins them, then all that b had becomes a's.
        # A third cluster can't be complete to both then: it would have joined one of them before.
        for stage in range(2):
            for k in range(len(moved)):
                c = moved[k]
                if 2 * (used + 1) > len(keys):
                    keys, counts, used = _grown(keys, counts)
                at = _slot(keys, min(a, c) * n + max(a, c))
                if keys[at] == _FREE:
                    keys[at] = min(a, c) * n + max(a, c)
                    used += 1
                if counts[at] == 0:
                    for end, other in ((a, c), (c, a)):
                        if n_entries == len(neighbours):
                            neighbours = np.concatenate((neighbours, np.empty_like(neighbours)))
                            following = np.concatenate((following, np.empty_like(following)))
                        neighbours[n_entries], following[n_entries] = other, heads[end]
                        heads[end] = n_entries
                        lengths[end] += 1
                        n_entries += 1
                counts[at] += amounts[k]
                if stage == 0:
                    joins = counts[at] == sizes[a] * sizes[c]
            if stage == 1 or not joins:
                break
            if lengths[a] < lengths[b]:
                a, b = b, a  # the one with fewer neighbours moves
            moved, amounts = np.empty(lengths[b], np.int64), np.empty(lengths[b], np.int64)
            n_moved, entry = 0, heads[b]
            while entry >= 0:
                c = neighbours[entry]
                entry = following[entry]
                at = _slot(keys, min(b, c) * n + max(b, c))
                if keys[at] == _FREE or counts[at] == 0:
                    continue  # an entry of a cluster that has moved, or named twice
                if c != a:
                    moved[n_moved], amounts[n_moved] = c, counts[at]
                    n_moved += 1
                counts[at] = 0
            moved, amounts = moved[:n_moved], amounts[:n_moved]
            parents[b] = a
            sizes[a] += sizes[b]
    for node in range(n):
        parents[node] = find(parents, node)
    return parents


def complete_linkage(n: int, first: Ids, second: Ids, distances: NDArray[np.uint16]) -> Ids:
    """Clusters of complete linkage.

    Args:
        n: nodes, 0 .. n - 1, in an order that says which of two equally near pairs comes first.
        first, second: int64 (m,), every pair within the radius, each once, first < second.
        distances: uint16 (m,).

    Returns:
        int64 (n,): for each node the smallest node of its cluster. The order of the pairs does not
        matter; that of the nodes decides only between equal distances.
    """
    order = np.lexsort((second, first, distances))
    names = _merged(n, first[order], second[order])
    return smallest_named(names)


def smallest_named(names: Ids) -> Ids:
    """Clusters named by any of their nodes, named by their smallest."""
    smallest = np.full(len(names), len(names), np.int64)
    np.minimum.at(smallest, names, np.arange(len(names)))
    return smallest[names]
