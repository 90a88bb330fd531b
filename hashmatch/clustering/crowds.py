"""Hashes that so many others are near to that their pairs would fill memory: frames of one scene.

They are taken out beforehand: around the one with the most neighbours, everything near it that is
near all that was taken before. No two of such a group are farther apart than the radius.
"""

from __future__ import annotations

import numpy as np

from hashmatch.clustering.compiled import compiled
from hashmatch.clustering.complete import smallest_named
from hashmatch.clustering.distances import bits_apart
from hashmatch.clustering.faces import Hashes, Ids, Words
from hashmatch.clustering.linking import Linkage
from hashmatch.clustering.pair_file import PairFile
from hashmatch.clustering.unions import components
from hashmatch.index import HammingIndex

MOST_PAIRS = 30_000_000
"""Pairs that are written before it is looked for crowds."""
MOST_OF_ONE = 4_000_000
"""Pairs of one component that a linkage may have in memory, some 100 bytes each."""
LEAST_CROWD = 500
"""Neighbours of a hash that make a crowd while not all pairs are known."""
MOST_TAKEN = 30_000
"""Hashes of one group that is taken out; time grows with the square of their number."""


@compiled
def _taken(words: Words, candidates: Ids, max_distance: int, most: int) -> Ids:
    """Candidates that are within the radius of all that were taken before them."""
    taken = np.empty(min(most, len(candidates)), np.int64)
    n = 0
    for candidate in candidates:
        if n == len(taken):
            break
        near = True
        for at in range(n):
            if bits_apart(words[taken[at]], words[candidate]) > max_distance:
                near = False
                break
        if near:
            taken[n] = candidate
            n += 1
    return taken[:n]


class Crowds:
    """What was taken out of the nodes.

    Attributes:
        names: int64 (n,), the node that each was taken out with; its own number if it was not.
        there: bool (n,), nodes whose pairs count.
        most: pairs that may be written before it is looked for crowds again.

    Args:
        hashes: uint8 (n, n_bytes), of the nodes.
        kept: nodes that are never taken out.
    """

    def __init__(self, hashes: Hashes, max_distance: int, linkage: Linkage, kept: Ids) -> None:
        n = len(hashes)
        self.names = np.arange(n)
        self.there = np.ones(n, np.bool_)
        self.most = MOST_PAIRS
        self._hashes, self._words = hashes, hashes.view(np.uint64)
        self._radius, self._linkage = max_distance, linkage
        self._free = np.ones(n, np.bool_)
        self._free[kept] = False

    def __len__(self) -> int:
        """Nodes that were taken out with another one."""
        return int((self.names != np.arange(len(self.names))).sum())

    def thin(self, index: HammingIndex, pairs: PairFile, *, complete: bool) -> None:
        """Take crowds out of the index and the pairs, until the rest can be linked.

        Args:
            index: hashes by node.
            complete: whether the pairs are all there are; else the most that were to be written.
        """
        before = len(self)
        while True:
            leaders = self._leaders(pairs, complete)
            if not len(leaders):
                break
            for leader in leaders.tolist():
                if self.there[leader]:
                    self._take(index, leader)
        if not complete and len(self) == before:
            self.most *= 2  # no crowds, but many pairs

    def _leaders(self, pairs: PairFile, complete: bool) -> Ids:
        n = len(self.names)
        degrees, n_pairs = np.zeros(n, np.int64), 0
        for first, second, _ in pairs.blocks():
            degrees += np.bincount(first, minlength=n) + np.bincount(second, minlength=n)
            n_pairs += len(first)
        if not complete:
            degrees[~self._free] = 0
            best = int(degrees.argmax()) if n else 0
            crowded = n_pairs > self.most // 2 and degrees[best] >= LEAST_CROWD
            return np.array([best] if crowded else [], np.int64)
        if self._linkage is Linkage.SINGLE or n_pairs <= MOST_OF_ONE:
            return np.empty(0, np.int64)
        roots = components(n, ((first, second) for first, second, _ in pairs.blocks()))
        of_component = np.bincount(roots, degrees, minlength=n) / 2
        large = (of_component[roots] > MOST_OF_ONE) & self._free & (degrees > 0)
        nodes = np.flatnonzero(large)
        order = nodes[np.lexsort((nodes, -degrees[nodes], roots[nodes]))]
        _, firsts = np.unique(roots[order], return_index=True)
        return order[firsts].astype(np.int64)

    def _take(self, index: HammingIndex, leader: int) -> None:
        found, _ = index.range_search(self._hashes[leader][None], self._radius).of(0)
        members = _taken(self._words, found[self._free[found]], self._radius, MOST_TAKEN)
        self.names[members] = leader
        gone = members
        if self._linkage is Linkage.SINGLE:
            gone = members[members != leader]  # by which the others are linked
            self._free[leader] = False
        self._free[members] = False
        self.there[gone] = False
        index.remove(gone)

    def all_names(self, names: Ids) -> Ids:
        """Clusters of all nodes from those of the ones that are there, named by their smallest."""
        return smallest_named(names[self.names])
