"""Hashes in the arrangements that an index must not mind, and a fast brute force over them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hashmatch import _native
from hashmatch.index import HammingIndex

Hashes = NDArray[np.uint8]
WITH_TABLES = 33_000
"""From 32,768 hashes on a segment gets tables."""


def random_hashes(n: int, seed: int, bits: int = 256) -> Hashes:
    return np.random.default_rng(seed).integers(0, 256, (n, bits // 8), dtype=np.uint8)


def turned(value: Hashes, places: NDArray[np.int64] | list[int]) -> Hashes:
    """One hash with the bits at ``places`` turned; place 0 is the first byte's highest bit."""
    bits = np.unpackbits(value)
    bits[np.asarray(places, np.int64)] ^= 1
    return np.packbits(bits)


def at_every_distance(value: Hashes, largest: int, rng: np.random.Generator) -> Hashes:
    """Neighbours at distances 0..largest in four arrangements, (4, largest + 1, n_bytes): anywhere,
    side by side, evenly spread, and with the bits of every other byte first."""
    bits = 8 * len(value)
    corner = np.array(
        [8 * byte + bit for byte in range(len(value) - 1, -1, -2) for bit in range(8)]
    )
    rest = np.setdiff1d(np.arange(bits), corner)
    rows = []
    for distance in range(largest + 1):
        start = int(rng.integers(0, bits))
        rows.append(
            [
                turned(value, rng.choice(bits, distance, replace=False)),
                turned(value, (start + np.arange(distance)) % bits),
                turned(value, (start + np.arange(distance) * bits // max(distance, 1)) % bits),
                turned(value, np.concatenate([corner, rest])[:distance]),
            ]
        )
    return np.array(rows).transpose(1, 0, 2)


def distances(query: Hashes, hashes: Hashes) -> NDArray[np.int64]:
    """Bits in which one query differs from each hash; by words, for large bases of 64 n bits."""
    words = np.bitwise_count(hashes.view(np.uint64) ^ query.view(np.uint64))
    total: NDArray[np.int64] = words.sum(axis=1, dtype=np.int64)
    return total


def expected(
    query: Hashes, hashes: Hashes, ids: NDArray[np.int64], max_distance: int
) -> list[tuple[int, int]]:
    """(distance, id) within the radius, in an index's order."""
    found = distances(query, hashes)
    near = np.flatnonzero(found <= max_distance)
    return sorted((int(found[i]), int(ids[i])) for i in near)


def with_shape(
    hashes: Hashes, ids: NDArray[np.int64], chunks: int, key_bits: int
) -> HammingIndex | None:
    """An index that always uses tables of this shape; None where there is no such shape."""
    bits = 8 * hashes.shape[1]
    try:
        segment = _native.HammingSegment.from_hashes(bits, hashes, ids, chunks, key_bits)
    except ValueError:
        return None
    index = HammingIndex(bits, strategy="mih")
    index._state[0].replace([(segment, None)], int(ids.max()) + 1)
    return index
