"""How much of the exact answer an approximate index finds, measured on the hashes that it holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hashmatch.index.hamming import HammingIndex
from hashmatch.index.results import SearchResult

_BLOCK = 1 << 20
"""Hashes that are scanned at once: bounds the memory beside the caller's own array."""

Search = Callable[[NDArray[np.uint8]], tuple[NDArray[np.int64], NDArray[np.int64]]]
"""Queries to (query numbers, positions) of the hits."""


@dataclass(frozen=True, slots=True)
class Recall:
    """Found neighbours, of all there are.

    Attributes:
        found: how many were found.
        neighbours: how many there are, at least 1.
        max_distance: the radius that it holds for.
    """

    found: int
    neighbours: int
    max_distance: int

    @property
    def share(self) -> float:
        """0.0 to 1.0."""
        return self.found / self.neighbours


def perturbed(
    hashes: NDArray[np.uint8], max_distance: int, sample: int, seed: int
) -> NDArray[np.uint8]:
    """``sample`` stored hashes with 0, 1, ... max_distance, 0, 1, ... random bits flipped."""
    rng = np.random.default_rng(seed)
    bits = hashes.shape[1] * 8
    queries = np.array(hashes[rng.integers(0, len(hashes), sample)])
    for number, row in enumerate(queries):
        flags = np.unpackbits(row)
        flags[rng.choice(bits, number % (max_distance + 1), replace=False)] ^= 1
        row[:] = np.packbits(flags)
    return queries


def measured(
    search: Search, hashes: NDArray[np.uint8], *, max_distance: int, sample: int, seed: int
) -> Recall:
    """The recall of ``search`` beside the exact scan, on perturbed stored hashes.

    Args:
        search: at the same radius.
        hashes: uint8, shape (n, n_bytes), n at least 1: all that ``search`` searches, by position.
        max_distance: bits, inclusive, at most the hash's.
        sample: number of queries, at least 1. Each has a neighbour, so there is always one to find.
        seed: of the choice of queries and flipped bits.
    """
    queries = perturbed(hashes, max_distance, sample, seed)
    wanted = np.concatenate(
        [
            _pairs(_scanned(hashes[first : first + _BLOCK], queries, max_distance), first)
            for first in range(0, len(hashes), _BLOCK)
        ]
    )
    found = np.stack(search(queries), axis=1)
    wanted_keys = wanted[:, 0] * len(hashes) + wanted[:, 1]
    found_keys = found[:, 0] * len(hashes) + found[:, 1]
    hits = int(np.isin(wanted_keys, found_keys).sum())
    return Recall(hits, len(wanted), max_distance)


def _scanned(
    hashes: NDArray[np.uint8], queries: NDArray[np.uint8], max_distance: int
) -> SearchResult:
    index = HammingIndex(hashes.shape[1] * 8, strategy="scan")
    index.add(np.ascontiguousarray(hashes))
    return index.range_search(queries, max_distance)


def _pairs(result: SearchResult, first: int) -> NDArray[np.int64]:
    """(n_hits, 2): query and position."""
    numbers = np.repeat(np.arange(len(result)), np.diff(result.offsets))
    return np.stack([numbers, result.ids + first], axis=1)
