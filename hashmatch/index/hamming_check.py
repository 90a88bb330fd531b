"""The self-check of an index: do tables and scan give the same answers, and find what is stored?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hashmatch import _native, cpu
from hashmatch.errors import IndexCorruptError

_BATCH = 256
_RADIUS_PER_256_BITS = 31


def check_answers(snapshot: _native.HammingSnapshot, samples: int, seed: int) -> None:
    """Search sampled hashes, and perturbations of them, by tables and by scan.

    Args:
        samples: how many stored hashes to sample, removed ones not counted.

    Raises:
        IndexCorruptError: the two disagree, or a stored hash is not found.
    """
    if samples < 1 or not len(snapshot):
        return
    rng = np.random.default_rng(seed)
    radius = snapshot.bits * _RADIUS_PER_256_BITS // 256
    cpu.active_isa()
    for ids, hashes in _sampled(snapshot, samples, rng):
        turned = _perturbed(hashes, radius, rng)
        for queries in (hashes, turned):
            probed = snapshot.range_search(queries, radius, None, "mih", 1)[:3]
            offsets, found, distances = snapshot.range_search(queries, radius, None, "scan", 1)[:3]
            if not (
                np.array_equal(probed[0], offsets)
                and np.array_equal(probed[1], found)
                and np.array_equal(probed[2], distances)
            ):
                raise IndexCorruptError("tables and scan give different answers")
            for query, id in enumerate(ids):
                if id not in found[offsets[query] : offsets[query + 1]]:
                    raise IndexCorruptError(f"the hash under id {id} is not found")


def _sampled(
    snapshot: _native.HammingSnapshot, samples: int, rng: np.random.Generator
) -> list[tuple[NDArray[np.int64], NDArray[np.uint8]]]:
    """Batches of (ids, hashes), from every part by its share and at least one."""
    batches = []
    total = sum(len(segment) for segment, _ in snapshot.parts)
    for segment, removed in snapshot.parts:
        count = min(len(segment), max(1, samples * len(segment) // max(total, 1)))
        positions = np.sort(rng.choice(len(segment), count, replace=False)).astype(np.int64)
        if removed is not None:
            gone = removed[positions // 64] >> (positions % 64).astype(np.uint64) & np.uint64(1)
            positions = positions[gone == 0]
        for first in range(0, len(positions), _BATCH):
            some = np.ascontiguousarray(positions[first : first + _BATCH])
            batches.append((segment.ids[some], segment.hashes_at(some)))
    return batches


def _perturbed(
    hashes: NDArray[np.uint8], radius: int, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Each hash with 0..radius bits turned."""
    bits = np.unpackbits(hashes, axis=1)
    for row in bits:
        turned = rng.choice(len(row), int(rng.integers(0, radius + 1)), replace=False)
        row[turned] ^= 1
    return np.packbits(bits, axis=1)
