"""Hashes to groups of near ones, by a linkage; memory does not grow with the number of pairs."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike

import numpy as np
from numpy.typing import NDArray

from hashmatch.clustering.crowds import Crowds
from hashmatch.clustering.faces import Faces
from hashmatch.clustering.joins import Join, Step
from hashmatch.clustering.linking import Linkage, linked, taken_apart
from hashmatch.clustering.pair_file import PairFile
from hashmatch.errors import InputError, InputTypeError
from hashmatch.index import HammingIndex

Ids = NDArray[np.int64]
Hashes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class NearGroups:
    """Groups of equal and near hashes.

    Attributes:
        groups: int64 (n,) for each hash the number of its group, 0 .. n_groups - 1, in the order of
            the groups' smallest hashes, so that it does not depend on the order of the input.
        n_groups: groups, those of a single hash included.
        n_distinct: different hashes.
        n_pairs: pairs of different hashes within the radius; of pictures, one for each comparison
            by which they are.
        n_crowded: different hashes that were grouped before all others, as so many are near them
            that their pairs would fill memory: no two of a group are farther apart than the radius,
            but they are with the first one and not always with the nearest.
    """

    groups: Ids
    n_groups: int
    n_distinct: int
    n_pairs: int
    n_crowded: int = 0


def near_groups(
    hashes: Hashes,
    max_distance: int,
    linkage: Linkage | str = Linkage.COMPLETE,
    *,
    folder: str | PathLike[str] | None = None,
) -> NearGroups:
    """Group hashes within a radius.

    Args:
        hashes: uint8 (n, n_bytes), n_bytes a multiple of 8, at most 2^31 - 1 different ones.
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
    return face_groups(Faces.of(hashes), max_distance, linkage, folder=folder)


def face_groups(
    faces: Faces,
    max_distance: int,
    linkage: Linkage | str = Linkage.COMPLETE,
    *,
    apart: Ids | None = None,
    folder: str | PathLike[str] | None = None,
    threads: int = 1,
    step: Step | None = None,
) -> NearGroups:
    """Group pictures by the smallest distance over all that is compared of them.

    Args:
        faces: the hashes of each.
        max_distance: inclusive radius in bits.
        linkage: see ``Linkage``.
        apart: int64 (m, 2), rows that must not be in one group. Where single linkage or a medoid
            would bring two together, their group is made by complete linkage instead.
        folder: where pairs are kept meanwhile, 10 bytes each.
        threads: of the search; the groups do not depend on them.
        step: called with what is done next, some ten times.

    Returns:
        The groups; the same for every order of the rows, except that those of ``apart`` with equal
        hashes are taken in their order.

    Raises:
        InputError: wrong shape or radius, or no such linkage.
    """
    if linkage not in list(Linkage):
        raise InputError(f"linkage: expected one of {', '.join(Linkage)}, got {linkage!r}")
    apart = np.empty((0, 2), np.int64) if apart is None else apart.reshape(-1, 2)
    if len(apart) and not 0 <= apart.min() <= apart.max() < len(faces):
        raise InputError(f"apart: expected rows 0..{len(faces) - 1}")
    step = step or _silent
    step("hashes")
    rows, node_of = faces.nodes(np.unique(apart))
    kept_apart = node_of[apart]
    kind = Linkage(linkage)
    hashes = np.ascontiguousarray(faces.turned[rows, 0])
    index = HammingIndex(8 * hashes.shape[1])
    index.add(hashes)
    join = Join(faces, rows, index, max_distance, kept_apart, threads, step)
    crowds = Crowds(hashes, max_distance, kind, np.unique(kept_apart))
    while True:
        with PairFile(folder, crowds.there) as pairs:
            complete = join.append_to(pairs, crowds.there, crowds.most)
            crowds.thin(index, pairs, complete=complete)
            if not complete:
                continue
            step("groups")
            names = taken_apart(linked(len(rows), pairs, kind), kept_apart, pairs)
            n_pairs = pairs.n_pairs
            break
    names = crowds.all_names(names)
    # Nodes are in the order of their values, and a cluster is named by its smallest.
    kept, numbers = np.unique(names, return_inverse=True)
    return NearGroups(numbers[node_of].astype(np.int64), len(kept), len(rows), n_pairs, len(crowds))


def _silent(_: str) -> None:
    pass
