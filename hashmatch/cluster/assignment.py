"""Which shard an id belongs to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ASSIGNMENT = "splitmix64"
"""How ids are assigned; revisions name it, so that another way can be told from this one."""

# Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators (2014), the finalizer.
_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def shard_of(ids: NDArray[np.int64], n_shards: int) -> NDArray[np.int64]:
    """The shard of each id, 0 .. n_shards - 1, int64 (n,).

    Mixed first: ids that were given out in steps still fill all shards alike.
    """
    mixed = ids.astype(np.uint64) + _STEP
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
    mixed ^= mixed >> np.uint64(31)
    return (mixed % np.uint64(n_shards)).astype(np.int64)
