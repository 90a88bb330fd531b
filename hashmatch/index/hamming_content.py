"""The hashes that an index holds, given back as they came."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hashmatch import _native
from hashmatch.errors import InputError

Block = tuple[NDArray[np.int64], NDArray[np.uint8]]


def live_blocks(snapshot: _native.HammingSnapshot, rows: int) -> Iterator[Block]:
    """All ids and hashes, removed ones left out, part by part in blocks of at most ``rows``."""
    for segment, removed in snapshot.parts:
        for first in range(0, len(segment), rows):
            positions = np.arange(first, min(first + rows, len(segment)), dtype=np.int64)
            positions = positions[_is_live(removed, positions)]
            if len(positions):
                yield segment.ids[positions], segment.hashes_at(positions)


def hashes_under(snapshot: _native.HammingSnapshot, ids: NDArray[np.int64]) -> NDArray[np.uint8]:
    """The hashes under these ids, in their order.

    Raises:
        InputError: an id that is not there.
    """
    found = np.zeros((len(ids), snapshot.bits // 8), dtype=np.uint8)
    missing = np.ones(len(ids), dtype=np.bool_)
    for segment, removed in snapshot.parts:
        if not len(segment):
            continue
        positions = np.searchsorted(segment.ids, ids)
        positions = np.minimum(positions, len(segment) - 1).astype(np.int64)
        here = (segment.ids[positions] == ids) & _is_live(removed, positions)
        found[here] = segment.hashes_at(np.ascontiguousarray(positions[here]))
        missing &= ~here
    if missing.any():
        raise InputError(f"ids: expected ids of the index, got {int(ids[missing][0])}")
    return found


def _is_live(removed: NDArray[np.uint64] | None, positions: NDArray[np.int64]) -> NDArray[np.bool_]:
    if removed is None:
        return np.ones(len(positions), dtype=np.bool_)
    words = removed[positions // 64] >> (positions % 64).astype(np.uint64)
    live: NDArray[np.bool_] = (words & np.uint64(1)) == 0
    return live
