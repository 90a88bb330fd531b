"""Hamming search the obvious way: unpack the bits, count, sort."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Hit = tuple[int, int]
"""(distance, id): sorts in the order that an index promises."""


def distances(query: NDArray[np.uint8], hashes: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Bits in which ``query`` (n_bytes,) differs from each row of ``hashes`` (n, n_bytes)."""
    different = np.bitwise_xor(hashes, query[None, :])
    counts: NDArray[np.int64] = np.unpackbits(different, axis=1).sum(axis=1, dtype=np.int64)
    return counts


def hits(ids: NDArray[np.int64], hashes: NDArray[np.uint8], query: NDArray[np.uint8]) -> list[Hit]:
    """Every stored hash as (distance, id), nearest first, ties by id."""
    found = distances(query, hashes)
    return sorted((int(d), int(i)) for d, i in zip(found, ids, strict=True))


def within(all_hits: list[Hit], max_distance: int) -> list[Hit]:
    """Those at an inclusive distance of at most ``max_distance``."""
    return [hit for hit in all_hits if hit[0] <= max_distance]
