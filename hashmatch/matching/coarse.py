"""The coarse half of registration: the query's hashes at every placement of a plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hashmatch import _native
from hashmatch.fingerprinting import View
from hashmatch.matching.plans import Pass, Plan


@dataclass(slots=True)
class Start:
    """Where one query of the scan stands: which view and placement it is the hash of."""

    query: _native.RegistrationQuery
    view: int
    orientation: int
    placements: NDArray[np.float32]
    zooming: bool


def coarse_hashes(
    views: Sequence[View], usable: Set[int], plan: Plan, most: int
) -> tuple[list[Start], NDArray[np.uint8], tuple[str, ...]]:
    """The hashes to scan for, and where each block of them stands."""
    starts: list[Start] = []
    blocks: list[NDArray[np.uint8]] = []
    n = 0
    wanted = 0
    for start in _starts(views, usable, plan):
        wanted += len(start.placements)
        start.placements = start.placements[: max(0, most - n)]
        if len(start.placements):
            starts.append(start)
            blocks.append(start.query.hashes(start.placements, start.orientation))
            n += len(start.placements)
    gates = (f"budget: {n} of {wanted} placements were tried",) if n < wanted else ()
    empty = np.empty((0, 32), np.uint8)
    return starts, np.concatenate(blocks) if blocks else empty, gates


def _starts(views: Sequence[View], usable: Set[int], plan: Plan) -> Iterator[Start]:
    made: dict[tuple[int, bool], _native.RegistrationQuery] = {}
    for step in plan.passes:
        for number in views_of(views, usable, step):
            view = views[number]
            query = made.get((number, step.continued))
            if query is None:
                query = made[number, step.continued] = _native.RegistrationQuery(
                    view.compact, view.aspect, (0.0, 0.0, 1.0, 1.0), step.continued
                )
            for orientation in step.orientations:
                yield Start(query, number, orientation, step.placements, not step.continued)


def views_of(views: Sequence[View], usable: Set[int], step: Pass) -> list[int]:
    """Numbers of the views that a pass takes."""
    of_kind = [k for k, view in enumerate(views) if view.kind in step.kinds and k in usable]
    return of_kind[: step.most]
