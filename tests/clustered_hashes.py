"""Hashes with neighbours at many distances, and one index over all of them to compare with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from shards_here import near

from hashmatch.index import HammingIndex


def clustered(n: int, seed: int, most: int = 40) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Ids in no order; hashes, some eight of each kind, with up to ``most`` bits turned."""
    rng = np.random.default_rng(seed)
    centres = rng.integers(0, 256, (max(1, n // 8), 32), dtype=np.uint8)
    ids = rng.permutation(4 * n)[:n].astype(np.int64)
    return ids, near(centres[rng.integers(0, len(centres), n)], rng, most=most)


def local_index(ids: NDArray[np.int64], hashes: NDArray[np.uint8]) -> HammingIndex:
    index = HammingIndex(8 * hashes.shape[1])
    index.add(hashes, ids)
    return index
