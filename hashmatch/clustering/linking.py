"""Pairs to clusters by a linkage, a bounded number of pairs in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from hashmatch.clustering.complete import complete_linkage
from hashmatch.clustering.medoids import medoid_clusters
from hashmatch.clustering.pair_file import Block, PairFile
from hashmatch.clustering.unions import components

Ids = NDArray[np.int64]

PAIRS_AT_ONCE = 4_000_000
"""Pairs that a linkage has in memory together, unless one component alone has more."""


class Linkage(StrEnum):
    """What holds a group together."""

    COMPLETE = "complete"
    """No two members are farther apart than the radius: nothing is chained."""
    MEDOID = "medoid"
    """Every member is within the radius of one of them."""
    SINGLE = "single"
    """Every member is within the radius of some other: long chains are one group."""


def linked(n: int, pairs: PairFile, linkage: Linkage) -> Ids:
    """Clusters of nodes.

    Args:
        n: nodes, 0 .. n - 1, in an order that decides between equals.
        pairs: every pair within the radius, in any order, some of them more than once; the
            smallest of its distances counts.

    Returns:
        int64 (n,): for each node the smallest node of its cluster.
    """
    roots = components(n, ((first, second) for first, second, _ in pairs.blocks()))
    if linkage is Linkage.SINGLE:
        return roots
    names = np.arange(n, dtype=np.int64)
    for chosen, block in _by_components(roots, pairs):
        _link(names, chosen, block, linkage)
    return names


def taken_apart(names: Ids, apart: Ids, pairs: PairFile) -> Ids:
    """Clusters in which two nodes are that must not be together, as those of complete linkage.

    Args:
        names: int64 (n,), of clusters.
        apart: int64 (m, 2), such nodes.
        pairs: as for ``linked``, without those that must be apart.
    """
    broken = np.unique(names[apart[:, 0]][names[apart[:, 0]] == names[apart[:, 1]]])
    if not len(broken):
        return names
    inside = np.isin(names, broken)
    parts = []
    for first, second, distances in pairs.blocks():
        here = inside[first] & (names[first] == names[second])
        parts.append((first[here], second[here], distances[here]))
    made = names.copy()
    made[inside] = np.flatnonzero(inside)
    if parts:
        first, second, distances = (np.concatenate(column) for column in zip(*parts, strict=True))
        chosen = np.unique(np.concatenate([first, second]))
        _link(made, chosen, _once((first, second, distances)), Linkage.COMPLETE)
    return made


def _link(names: Ids, chosen: Ids, block: Block, linkage: Linkage) -> None:
    first, second, distances = block
    # Nodes of these components only, in their order.
    first, second = np.searchsorted(chosen, first), np.searchsorted(chosen, second)
    if linkage is Linkage.COMPLETE:
        found = complete_linkage(len(chosen), first, second, distances)
    else:
        found, _ = medoid_clusters(len(chosen), first, second)
    names[chosen] = chosen[found]


def _once(block: Block) -> Block:
    """Each pair once, with the smallest of its distances."""
    first, second, distances = block
    order = np.lexsort((distances, second, first))
    first, second, distances = first[order], second[order], distances[order]
    new = np.ones(len(first), np.bool_)
    new[1:] = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
    return first[new], second[new], distances[new]


def _by_components(roots: Ids, pairs: PairFile) -> Iterator[tuple[Ids, Block]]:
    """Nodes of whole components with their pairs, few enough pairs at a time."""
    counts = np.zeros(len(roots), np.int64)
    for first, _, _ in pairs.blocks():
        counts += np.bincount(roots[first], minlength=len(roots))
    # A new batch begins where the pairs before it fill one.
    batch_of = (np.cumsum(counts) - counts) // PAIRS_AT_ONCE
    for batch in np.unique(batch_of[counts > 0]).tolist():
        parts = []
        for first, second, distances in pairs.blocks():
            here = batch_of[roots[first]] == batch
            parts.append((first[here], second[here], distances[here]))
        first, second, distances = (np.concatenate(column) for column in zip(*parts, strict=True))
        chosen = np.unique(np.concatenate([first, second]))
        yield chosen, _once((first, second, distances))
