"""Squared Euclidean search the obvious way: subtract, square, sum, sort."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Hit = tuple[int, int]
"""(distance, id): sorts in the order that an index promises."""


def distances(query: NDArray[np.uint8], vectors: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Squared distances of ``query`` (dims,) to each row of ``vectors`` (n, dims)."""
    apart = vectors.astype(np.int64) - query.astype(np.int64)[None, :]
    sums: NDArray[np.int64] = (apart * apart).sum(axis=1)
    return sums


def hits(ids: NDArray[np.int64], vectors: NDArray[np.uint8], query: NDArray[np.uint8]) -> list[Hit]:
    """Every stored vector as (distance, id), nearest first, ties by id."""
    found = distances(query, vectors)
    return sorted((int(d), int(i)) for d, i in zip(found, ids, strict=True))


def entropy(vector: NDArray[np.uint8]) -> float:
    """Pairs of neighbours that differ, of all pairs, counted one by one."""
    values = [int(v) for v in vector]
    return sum(a != b for a, b in pairwise(values)) / (len(values) - 1)


def directional_sums(picture: NDArray[np.int64]) -> list[int]:
    """What a value is assumed to hold, from a small integer picture: 6 x 6 cells, in each the sums
    of the brightness steps to the left, right, upwards and downwards neighbour, where they rise.

    Only a model with the symmetries of the real thing, to test permutations with; no PhotoDNA.
    """
    size = picture.shape[0] // 6
    sums = []
    for row in range(6):
        for column in range(6):
            cell = picture[row * size : (row + 1) * size, column * size : (column + 1) * size]
            for a, b in (
                (cell[:, 1:], cell[:, :-1]),  # to the left
                (cell[:, :-1], cell[:, 1:]),
                (cell[1:], cell[:-1]),  # upwards
                (cell[:-1], cell[1:]),
            ):
                sums.append(int(np.maximum(b - a, 0).sum()))
    return sums
