"""All pairs of pictures within a radius, in any orientation, to a file as they are found."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from hashmatch.clustering.faces import Faces
from hashmatch.clustering.pair_file import PairFile
from hashmatch.index import HammingIndex, PairBlock

Ids = NDArray[np.int64]
Step = Callable[[str], None]


def append_pairs(
    pairs: PairFile,
    faces: Faces,
    rows: Ids,
    max_distance: int,
    *,
    apart: Ids,
    threads: int,
    step: Step,
) -> None:
    """Write every pair of nodes within the radius; some more than once, by several comparisons.

    Args:
        faces: of all rows.
        rows: int64 (n,), the row of each node.
        apart: int64 (m, 2), pairs of nodes that are left out.
        step: called with what is done next.
    """
    n, n_bytes = len(rows), faces.turned.shape[2]
    unwanted = np.unique(apart.min(axis=1, initial=n) * n + apart.max(axis=1, initial=0))

    def append(first: Ids, second: Ids, distances: NDArray[np.uint16]) -> None:
        low, high = np.minimum(first, second), np.maximum(first, second)
        kept = low != high  # a picture that is its own mirror image
        if len(unwanted):
            kept &= ~np.isin(low * n + high, unwanted)
        pairs.append(low[kept], high[kept], distances[kept])

    whole = HammingIndex(8 * n_bytes)
    whole.add(np.ascontiguousarray(faces.turned[rows, 0]))
    step("pairs of pictures")
    for block in whole.pair_blocks(max_distance):
        append(block.first, block.second, block.distances)
    for turn in faces.turns:
        step("pairs of turned pictures")
        turned = np.ascontiguousarray(faces.turned[rows, turn])
        for block in _crossed(whole, turned, max_distance, threads):
            append(block.first, block.second, block.distances)
    part_rows, node_of = _parts_of(faces, rows)
    if not len(part_rows):
        return
    parts = HammingIndex(8 * n_bytes)
    parts.add(np.ascontiguousarray(faces.parts[part_rows, 0]))
    for turn in range(faces.parts.shape[1]):
        step("pairs of framed pictures")
        turned = np.ascontiguousarray(faces.parts[part_rows, turn])
        for block in _crossed(whole, turned, max_distance, threads):
            append(block.first, node_of[block.second], block.distances)
        for block in _crossed(parts, turned, max_distance, threads):
            append(node_of[block.first], node_of[block.second], block.distances)


def _crossed(
    index: HammingIndex, asked: NDArray[np.uint8], max_distance: int, threads: int
) -> Iterator[PairBlock]:
    others = HammingIndex(index.bits, strategy="scan")  # it is read alone: no tables
    others.add(asked)
    return index.cross_pairs(others, max_distance, threads=threads)


def _parts_of(faces: Faces, rows: Ids) -> tuple[Ids, Ids]:
    """The parts of nodes, and the node of each."""
    node_of_row = np.full(len(faces), -1)
    node_of_row[rows] = np.arange(len(rows))
    nodes = node_of_row[faces.owners]
    kept = np.flatnonzero(nodes >= 0)
    return kept, nodes[kept]
