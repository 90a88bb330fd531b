"""The vectors that an index holds, given back as they came: docs/vectors.md has the layout."""

from __future__ import annotations

from math import gcd

import numpy as np
from numpy.typing import NDArray

from hashmatch import _native

_ROWS = 16  # of a block
_BYTES = 4  # of a group of dimensions


def vectors_of(core: _native.VectorIndex) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Ids, ascending, and their vectors, uint8 (n, dims)."""
    ids, head, tail, _ = core.gathered()
    groups = -(-core.dims // _BYTES)
    head_groups = -(-groups // 3)
    blocks = -(-len(ids) // _ROWS)
    planes = np.concatenate(
        [
            head.reshape(blocks, head_groups, _ROWS, _BYTES),
            tail.reshape(blocks, groups - head_groups, _ROWS, _BYTES),
        ],
        axis=1,
    )
    step = int(0.618 * groups) + 1
    while gcd(step, groups) != 1:
        step += 1
    vectors = np.empty((blocks * _ROWS, groups, _BYTES), dtype=np.uint8)
    for stored in range(groups):
        rows = planes[:, stored].reshape(blocks * _ROWS, _BYTES)
        vectors[:, stored * step % groups] = rows
    return ids.copy(), vectors.reshape(blocks * _ROWS, groups * _BYTES)[: len(ids), : core.dims]
