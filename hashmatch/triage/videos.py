"""Groups of videos: every member's footage is in its representative."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hashmatch.report import GroupKind
from hashmatch.scan import Catalogue
from hashmatch.triage.bonds import Bonds, PlacedBonds, joined, place
from hashmatch.triage.facts import Facts
from hashmatch.triage.footage import Footage, Shared, shared_footage
from hashmatch.triage.groups import UNMEASURED, CopyGroup
from hashmatch.triage.representative import why

Ids = NDArray[np.int64]

LEAST_SHARE = 80
"""Percent of a video's footage that its representative has."""
_AS_LONG = 1.1
"""Lengths within about this factor are one: then the larger picture is the one to look at."""

Found = dict[tuple[int, int], Shared]


def video_groups(
    catalogue: Catalogue, footage: Footage, facts: Facts, bonds: Bonds, *, threads: int
) -> tuple[list[CopyGroup], list[str]]:
    """Groups of videos by their representatives' SHA-256, and what a reader has to know of them.

    Args:
        facts: of every video, in the order of ``footage``.
    """
    if not len(footage):
        return [], []
    placed = place(bonds, footage.digests)
    ranks = _ranks(footage, facts)
    found = {
        (row, other): shared
        for row, other, shared in shared_footage(catalogue, footage, ranks, threads=threads)
    }
    names, n_overlapping = _stars(found, ranks, placed)
    names, _ = joined(names, placed)
    notes = []
    if n_overlapping:
        notes.append(
            f"{n_overlapping} videos share footage with a longer one that has less than "
            f"{LEAST_SHARE} % of theirs: they are not in its group"
        )
    if len(placed.same):
        notes.append(f"{len(placed.same)} decisions join videos")
    return _told(footage, facts, names, ranks, found), notes


def _ranks(footage: Footage, facts: Facts) -> Ids:
    """0 for the first to be a representative: the longest, of about equally long ones a whole one
    without borders, the largest, then the longest, the least compressed, the earliest, the first by
    its path."""
    lengths = np.log(np.maximum(footage.known_ms, 1)) / np.log(_AS_LONG)
    order = np.lexsort(
        (
            facts.places,
            facts.earliest,
            -facts.sizes,
            -footage.known_ms,
            -facts.areas,
            footage.bordered,
            facts.cut,
            -np.round(lengths).astype(np.int64),
        )
    )
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order))
    return ranks


def _stars(found: Found, ranks: Ids, placed: PlacedBonds) -> tuple[Ids, int]:
    """The smallest row of each row's group, and how many overlap with one that they are not with.

    A video is with the one before it in rank that has most of its footage, if that one is with none
    itself: nothing is chained.
    """
    heads = np.arange(len(ranks))
    candidates: dict[int, list[tuple[int, int, int]]] = {}
    for (row, other), shared in found.items():
        candidates.setdefault(row, []).append((-shared.share, int(ranks[other]), other))
    enemies: dict[int, set[int]] = {}
    for one, other in placed.apart.tolist():
        enemies.setdefault(one, set()).add(other)
        enemies.setdefault(other, set()).add(one)
    members = {row: {row} for row in heads.tolist()}
    n_overlapping = 0
    for row in np.argsort(ranks).tolist():
        offered = sorted(candidates.get(row, ()))
        for negative, _, other in offered:
            if -negative < LEAST_SHARE or heads[other] != other:
                continue
            if not enemies.get(row, set()) & members[other]:
                heads[row] = other
                members[other].add(row)
                break
        n_overlapping += bool(offered) and heads[row] == row
    smallest = np.arange(len(heads))
    np.minimum.at(smallest, heads, np.arange(len(heads)))
    return smallest[heads], n_overlapping


def _told(footage: Footage, facts: Facts, names: Ids, ranks: Ids, found: Found) -> list[CopyGroup]:
    groups: dict[int, list[int]] = {}
    for row in np.argsort(ranks).tolist():
        groups.setdefault(int(names[row]), []).append(row)
    made = []
    for rows in sorted(rows for rows in groups.values() if len(rows) > 1):
        head, others = rows[0], sorted(rows[1:])
        shared = [found.get((row, head)) for row in others]
        shares = [100, *(UNMEASURED if one is None else one.share for one in shared)]
        turned = [0, *(0 if one is None else one.orientation for one in shared)]
        made.append(
            CopyGroup(
                kind=GroupKind.VIDEO,
                members=footage.numbers[[head, *others]],
                distances=np.full(len(rows), UNMEASURED),
                orientations=np.array(turned, np.uint8),
                shares=np.array(shares, np.int64),
                why=_why(footage, facts, head, rows[1]),
            )
        )
    return made


def _why(footage: Footage, facts: Facts, first: int, second: int) -> str:
    lengths = [f"{footage.known_ms[row] / 1000:.1f} s" for row in (first, second)]
    if footage.known_ms[first] > _AS_LONG * footage.known_ms[second]:
        return f"its footage has the others': {lengths[0]}, the next {lengths[1]}"
    if footage.bordered[first] != footage.bordered[second]:
        return f"of the longest ({lengths[0]}) the one without borders"
    return f"of the longest ({lengths[0]}) {why(facts, first, second)}"
