"""Finding the known picture behind a cropped, framed, turned or screenshotted query, from its hash.

Coarse: the query's hashes at a set of placements are scanned for at a wide radius. Refine: for each
entry that comes near, the placement is improved. What is left is judged by ``adjusted``, see
``Registered``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hashmatch import _native
from hashmatch.fingerprinting import View
from hashmatch.index import SearchResult
from hashmatch.matching.adjusted import (
    FAR,
    adjusted_distance,
    attraction_bits,
    hidden_share,
    trial_bits,
)
from hashmatch.matching.coarse import Start, coarse_hashes
from hashmatch.matching.concentration import concentration
from hashmatch.matching.plans import Plan


def _effort(plan: Plan) -> _native.RegistrationEffort:
    return _native.RegistrationEffort(
        rounds=8, hopeless=plan.hopeless, step=0.02, turn=1.0, weighing=6, firmness=0.1
    )


class Hashes(Protocol):
    """The entries: what ``HashesAt`` and ``HammingIndex`` have in common."""

    def __len__(self) -> int: ...

    def range_search(
        self,
        queries: NDArray[np.uint8],
        max_distance: int,
        *,
        prefilter_distance: int | None = None,
    ) -> SearchResult: ...

    def hashes(self, ids: NDArray[np.int64]) -> NDArray[np.uint8]: ...


@dataclass(frozen=True, slots=True)
class Registered:
    """One entry and the placement at which the query comes nearest to it.

    Attributes:
        hash_id: of the entry; ``stored`` and ``query``: its hash and the query's there.
        view: number of the view.
        orientation: number of the query's orientation.
        placement: left, right, top, bottom, angle, in the re-oriented query's frame.
        coarse: bits at the coarse placement.
        distance: bits after refinement.
        weighted: the same with each bit weighed by how certain the query's side of it is.
        hidden: share of the known picture that the query does not show, 0..1.
        concentration: of the stored hash.
        adjusted: ``weighted``, and more where much is hidden or the stored hash is concentrated:
            the number that impostors' tails are calibrated in.
        evaluations: placements tried in refining.
    """

    hash_id: int
    stored: bytes
    query: bytes
    view: int
    orientation: int
    placement: tuple[float, float, float, float, float]
    coarse: int
    distance: int
    weighted: float
    hidden: float
    concentration: float
    adjusted: float
    evaluations: int


@dataclass(frozen=True, slots=True)
class Registration:
    """What a search found, nearest first, and what it cost.

    Attributes:
        n_placements: hashes of the query that were compared with every entry.
        n_comparisons: of hashes.
        n_candidates: entries within the coarse radius.
        gates: limits that were reached, in words.
        attraction: bits in every ``adjusted`` because so many entries came near.
    """

    found: tuple[Registered, ...]
    n_placements: int
    n_comparisons: int
    n_candidates: int
    gates: tuple[str, ...]
    attraction: float = 0.0


def register(
    views: Sequence[View], usable: Set[int], hashes: Hashes, plan: Plan, max_comparisons: int
) -> Registration:
    """The entries that a query may be a copy of, by registration.

    The answer depends on neither the order of the entries nor the number of threads.

    Args:
        views: of the query.
        usable: numbers of those that say enough to be compared.
        hashes: PDQ, 256 bits.
        plan: what to try.
        max_comparisons: of hashes; passes that would exceed it are cut short, and ``gates`` says
        so.
    """
    starts, queries, gates = coarse_hashes(
        views, usable, plan, max_comparisons // max(1, len(hashes))
    )
    n_placements = len(queries)
    if not n_placements or not len(hashes):
        return Registration((), n_placements, 0, 0, gates)
    hits = hashes.range_search(
        queries, plan.coarse_max_distance, prefilter_distance=plan.prefilter_distance
    )
    rows = np.repeat(np.arange(n_placements), np.diff(hits.offsets))
    # Entries of one hash are one candidate.
    entries, of_entry = np.unique(hits.ids, return_inverse=True)
    distinct, of_hash = np.unique(hashes.hashes(entries), axis=0, return_inverse=True)
    n_candidates = len(distinct)
    numbers, rows, coarse = _nearest_starts(
        of_hash.reshape(-1)[of_entry], rows, hits.distances, plan.starts
    )
    stored = distinct[numbers]
    if len(numbers) > plan.most_refined:
        gates = (*gates, f"the nearest {plan.most_refined} of {len(numbers)} starts were refined")
        kept = _nearest(stored, rows, coarse)[: plan.most_refined]
        numbers, rows, coarse, stored = numbers[kept], rows[kept], coarse[kept], stored[kept]
    best: dict[tuple[int, int], Registered] = {}  # views are judged differently
    for one in _refined(views, starts, _effort(plan), (numbers, rows, coarse, stored)):
        known = best.get((one.hash_id, one.view))
        if known is None or _order(one) < _order(known):
            best[one.hash_id, one.view] = one
    nearest: dict[int, float] = {}
    for one in best.values():
        nearest[one.hash_id] = min(one.adjusted, nearest.get(one.hash_id, one.adjusted))
    # Those that were not refined are taken to be as those that were.
    share_far = sum(distance > FAR for distance in nearest.values()) / max(1, len(nearest))
    usual = plan.usual_far_in_a_million * len(hashes) / 1e6
    attraction = attraction_bits(n_candidates * share_far, usual)
    order = np.argsort(of_hash.reshape(-1), kind="stable")
    ends = np.searchsorted(of_hash.reshape(-1)[order], np.arange(n_candidates + 1))
    found = [
        replace(one, hash_id=int(entry), adjusted=one.adjusted + attraction)
        for one in best.values()
        for entry in entries[order[ends[one.hash_id] : ends[one.hash_id + 1]]]
    ]
    return Registration(
        found=tuple(sorted(found, key=_order)),
        attraction=attraction,
        n_placements=n_placements,
        n_comparisons=n_placements * len(hashes),
        n_candidates=n_candidates,
        gates=gates,
    )


_Candidates = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint16], NDArray[np.uint8]]
"""Numbers of the hashes, rows of the scan, distances and hashes, in one order."""


def _order(one: Registered) -> tuple[float, bytes, int, int, tuple[float, ...], int]:
    return (one.adjusted, one.stored, one.view, one.orientation, one.placement, one.hash_id)


def _nearest_starts(
    ids: NDArray[np.int64],
    rows: NDArray[np.int64],
    distances: NDArray[np.uint16],
    starts: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint16]]:
    """Of each hash, the nearest few placements; earlier ones first among equals."""
    order = np.lexsort((rows, distances, ids))
    ids, rows, distances = ids[order], rows[order], distances[order]
    new = np.ones(len(ids), np.bool_)
    new[1:] = (ids[1:] != ids[:-1]) | (rows[1:] != rows[:-1])
    ids, rows, distances = ids[new], rows[new], distances[new]
    first = np.flatnonzero(np.concatenate([[True], ids[1:] != ids[:-1]])) if len(ids) else ids
    rank = np.arange(len(ids)) - np.repeat(first, np.diff(np.append(first, len(ids))))
    kept = rank < starts
    return ids[kept], rows[kept], distances[kept]


def _nearest(
    stored: NDArray[np.uint8], rows: NDArray[np.int64], distances: NDArray[np.uint16]
) -> NDArray[np.int64]:
    """By distance; ties by the hash's own bytes, so that the entries' order does not count."""
    keys = list(stored[:, ::-1].T)
    return np.lexsort((rows, *keys, distances))


def _refined(
    views: Sequence[View],
    starts: Sequence[Start],
    effort: _native.RegistrationEffort,
    candidates: _Candidates,
) -> Iterator[Registered]:
    ids, rows, coarse, stored = candidates
    ends = np.cumsum([len(start.placements) for start in starts])
    of_start = np.searchsorted(ends, rows, side="right")
    concentrations = concentration(stored)
    for number, start in enumerate(starts):
        mine = np.flatnonzero(of_start == number)
        if not len(mine):
            continue
        first = int(ends[number]) - len(start.placements)
        numbers, weights, places, made = start.query.refine(
            np.ascontiguousarray(stored[mine]),
            np.ascontiguousarray(start.placements[rows[mine] - first]),
            np.full(len(mine), start.orientation, np.int64),
            effort,
        )
        for k, at in enumerate(mine.tolist()):
            left, right, top, bottom, angle = (float(value) for value in places[k])
            hidden = hidden_share(left, right, top, bottom)
            weighted = float(weights[k])
            yield Registered(
                hash_id=int(ids[at]),
                stored=stored[at].tobytes(),
                query=made[k].tobytes(),
                view=start.view,
                orientation=start.orientation,
                placement=(left, right, top, bottom, angle),
                coarse=int(coarse[at]),
                distance=int(numbers[k, 0]),
                weighted=weighted,
                hidden=hidden,
                concentration=float(concentrations[at]),
                adjusted=adjusted_distance(weighted, hidden, float(concentrations[at]))
                + trial_bits(
                    views[start.view],
                    views[0],
                    (left, right, top, bottom),
                    turned=start.orientation != 0,
                    zooming=start.zooming,
                ),
                evaluations=int(numbers[k, 2]),
            )
