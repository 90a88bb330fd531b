"""Hashes to groups of near ones, by a linkage; memory does not grow with the number of pairs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from os import PathLike

import numpy as np
from numpy.typing import NDArray

from hashmatch.clustering.complete import complete_linkage
from hashmatch.clustering.medoids import medoid_clusters
from hashmatch.clustering.pair_file import Block, PairFile
from hashmatch.clustering.unions import components
from hashmatch.errors import InputError, InputTypeError
from hashmatch.index import HammingIndex

Ids = NDArray[np.int64]
Hashes = NDArray[np.uint8]

PAIRS_AT_ONCE = 16_000_000
"""Pairs that a linkage has in memory together, unless one component alone has more."""


class Linkage(StrEnum):
    """What holds a group together."""

    COMPLETE = "complete"
    """No two members are farther apart than the radius: nothing is chained."""
    MEDOID = "medoid"
    """Every member is within the radius of one of them."""
    SINGLE = "single"
    """Every member is within the radius of some other: long chains are one group."""


@dataclass(frozen=True, slots=True, eq=False)
class NearGroups:
    """Groups of equal and near hashes.

    Attributes:
        groups: int64 (n,) for each hash the number of its group, 0 .. n_groups - 1, in the order of
            the groups' smallest hashes, so that it does not depend on the order of the input.
        n_groups: groups, those of a single hash included.
        n_distinct: different hashes.
        n_pairs: pairs of different hashes within the radius.
    """

    groups: Ids
    n_groups: int
    n_distinct: int
    n_pairs: int


def near_groups(
    hashes: Hashes,
    max_distance: int,
    linkage: Linkage | str = Linkage.COMPLETE,
    *,
    folder: str | PathLike[str] | None = None,
) -> NearGroups:
    """Group hashes within a radius.

    Args:
        hashes: uint8 (n, n_bytes), at most 2^31 - 1 different ones.
        max_distance: inclusive radius in bits.
        linkage: see ``Linkage``.
        folder: where pairs are kept meanwhile, 10 bytes each.

    Returns:
        The groups; the same for every order of the hashes and every number of threads.

    Raises:
        InputError: wrong shape or radius, or no such linkage.
        InputTypeError: not uint8.
    """
    if not isinstance(hashes, np.ndarray) or hashes.dtype != np.uint8:
        raise InputTypeError("hashes: expected uint8 (n, n_bytes)")
    if hashes.ndim != 2 or hashes.shape[1] == 0:
        raise InputError(f"hashes: expected uint8 (n, n_bytes), got {hashes.shape}")
    if linkage not in list(Linkage):
        raise InputError(f"linkage: expected one of {', '.join(Linkage)}, got {linkage!r}")
    distinct, places = _distinct(hashes)
    index = HammingIndex(8 * hashes.shape[1])
    index.add(distinct)
    with PairFile(folder) as pairs:
        for block in index.pair_blocks(max_distance):
            pairs.append(block.first, block.second, block.distances)
        names = _linked(len(distinct), pairs, Linkage(linkage))
        n_pairs = pairs.n_pairs
    # Nodes are in the order of their values, and a cluster is named by its smallest.
    kept, numbers = np.unique(names, return_inverse=True)
    return NearGroups(numbers[places].astype(np.int64), len(kept), len(distinct), n_pairs)


def _distinct(hashes: Hashes) -> tuple[Hashes, Ids]:
    """The different hashes in the order of their bytes, and where each of the input is there."""
    width = hashes.shape[1]
    values = np.ascontiguousarray(hashes).view(np.dtype((np.void, width)))[:, 0]
    distinct, places = np.unique(values, return_inverse=True)
    return distinct.view(np.uint8).reshape(-1, width), places.astype(np.int64)


def _linked(n: int, pairs: PairFile, linkage: Linkage) -> Ids:
    """For each node the smallest node of its cluster."""
    roots = components(n, ((first, second) for first, second, _ in pairs.blocks()))
    if linkage is Linkage.SINGLE:
        return roots
    names = np.arange(n, dtype=np.int64)
    for chosen, (first, second, distances) in _by_components(roots, pairs):
        # Nodes of these components only, in their order.
        first, second = np.searchsorted(chosen, first), np.searchsorted(chosen, second)
        if linkage is Linkage.COMPLETE:
            found = complete_linkage(len(chosen), first, second, distances)
        else:
            found, _ = medoid_clusters(len(chosen), first, second)
        names[chosen] = chosen[found]
    return names


def _by_components(roots: Ids, pairs: PairFile) -> Iterator[tuple[Ids, Block]]:
    """Nodes of whole components with their pairs, few enough pairs at a time."""
    counts = np.zeros(len(roots), np.int64)
    for first, _, _ in pairs.blocks():
        counts += np.bincount(roots[first], minlength=len(roots))
    # A new batch begins where the pairs before it fill one.
    batch_of = (np.cumsum(counts) - counts) // PAIRS_AT_ONCE
    for batch in np.unique(batch_of[counts > 0]).tolist():
        parts = []
        for first, second, distances in pairs.blocks():
            here = batch_of[roots[first]] == batch
            parts.append((first[here], second[here], distances[here]))
        first, second, distances = (np.concatenate(column) for column in zip(*parts, strict=True))
        yield np.unique(np.concatenate([first, second])), (first, second, distances)
