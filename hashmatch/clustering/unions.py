"""Connected components of pairs that come in blocks: single linkage."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from hashmatch.clustering.compiled import compiled

Ids = NDArray[np.int64]


@compiled
def find(parents: Ids, node: int) -> int:
    """The node that stands for the set of another one; paths are halved on the way."""
    while parents[node] != node:
        parents[node] = parents[parents[node]]
        node = parents[node]
    return node


@compiled
def unite(parents: Ids, first: Ids, second: Ids) -> None:
    """Join the two ends of each pair. A set is named by its smallest node, in whatever order."""
    for at in range(len(first)):
        a, b = find(parents, first[at]), find(parents, second[at])
        if a < b:
            parents[b] = a
        elif b < a:
            parents[a] = b


@compiled
def _settle(parents: Ids) -> None:
    for node in range(len(parents)):
        parents[node] = find(parents, node)


def components(n: int, blocks: Iterable[tuple[Ids, Ids]]) -> Ids:
    """The connected components of a graph whose edges come in blocks.

    Args:
        n: nodes, 0 .. n - 1.
        blocks: (first, second) int64 arrays of nodes; every order gives the same result.

    Returns:
        int64 (n,): for each node the smallest node of its component.
    """
    parents = np.arange(n, dtype=np.int64)
    for first, second in blocks:
        unite(parents, first, second)
    _settle(parents)
    return parents
