"""All pairs of pictures within a radius, in any orientation, to a file as they are found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hashmatch.clustering.faces import Faces, Hashes, Ids
from hashmatch.clustering.pair_file import Block, PairFile
from hashmatch.index import HammingIndex

Step = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Join:
    """What is compared with what.

    Attributes:
        faces: of all rows.
        rows: int64 (n,), the row of each node.
        whole: the hash of each node that is there, by its number.
        apart: int64 (m, 2), pairs of nodes that are left out.
        threads: of the search.
        step: called with what is done next.
    """

    faces: Faces
    rows: Ids
    whole: HammingIndex
    max_distance: int
    apart: Ids
    threads: int
    step: Step

    def append_to(self, pairs: PairFile, there: NDArray[np.bool_], most: int) -> bool:
        """Write every pair of nodes; some more than once, by several comparisons.

        Args:
            there: bool (n,), nodes that are compared.
            most: pairs after which it ends.

        Returns:
            Whether these are all.
        """
        n = len(self.rows)
        unwanted = self.apart.min(axis=1, initial=n) * n + self.apart.max(axis=1, initial=0)
        for first, second, distances in self._blocks(np.flatnonzero(there)):
            low, high = np.minimum(first, second), np.maximum(first, second)
            kept = low != high  # a picture that is its own mirror image
            if len(unwanted):
                kept &= ~np.isin(low * n + high, unwanted)
            pairs.append(low[kept], high[kept], distances[kept])
            if pairs.n_pairs > most:
                return False
        return True

    def _blocks(self, nodes: Ids) -> Iterator[Block]:
        self.step("pairs of pictures")
        for block in self.whole.pair_blocks(self.max_distance):
            yield block.first, block.second, block.distances
        for turn in self.faces.turns:
            self.step("pairs of turned pictures")
            turned = np.ascontiguousarray(self.faces.turned[self.rows[nodes], turn])
            yield from self._crossed(self.whole, turned, nodes)
        part_rows, owners = self._parts(nodes)
        if not len(part_rows):
            return
        parts = HammingIndex(self.whole.bits)
        parts.add(np.ascontiguousarray(self.faces.parts[part_rows, 0]))
        for turn in range(self.faces.parts.shape[1]):
            self.step("pairs of framed pictures")
            turned = np.ascontiguousarray(self.faces.parts[part_rows, turn])
            yield from self._crossed(self.whole, turned, owners)
            for first, second, distances in self._crossed(parts, turned, owners):
                yield owners[first], second, distances

    def _crossed(self, index: HammingIndex, asked: Hashes, nodes: Ids) -> Iterator[Block]:
        others = HammingIndex(index.bits, strategy="scan")  # it is read alone: no tables
        others.add(asked)
        for block in index.cross_pairs(others, self.max_distance, threads=self.threads):
            yield block.first, nodes[block.second], block.distances

    def _parts(self, nodes: Ids) -> tuple[Ids, Ids]:
        """The parts of nodes, and the node of each."""
        node_of_row = np.full(len(self.faces), -1)
        node_of_row[self.rows[nodes]] = nodes
        owners = node_of_row[self.faces.owners]
        kept = np.flatnonzero(owners >= 0)
        return kept, owners[kept]
