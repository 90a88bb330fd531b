"""Calibration from somebody's own pictures, with the registration that checks use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from hashmatch.errors import InputError
from hashmatch.fingerprinting import View
from hashmatch.index import HammingIndex
from hashmatch.matching.calibration_collect import Collect, Collected, Impostors, impostors
from hashmatch.matching.calibration_pictures import is_usable
from hashmatch.matching.plans import Plan, standard_plan, thorough_plan
from hashmatch.matching.policy import Level
from hashmatch.matching.registration import register

_UNBOUNDED = 2**62
_PATIENT = (90, 86, 82)  # bits


def own_impostors(
    paths: Sequence[str],
    level: Level,
    *,
    n_entries: int,
    seed: int = 0,
    isolate: bool = True,
    advance: Callable[[int], None] = lambda done: None,
) -> Impostors:
    """Impostor pairs of somebody's own pictures, by a level's registration.

    Args: as ``calibration_collect.impostors``.

    Raises:
        InputError: a level that registers nothing, or too few pictures.
    """
    views, plan = registering(level)
    return impostors(
        paths,
        lambda index: collector(index, plan),
        views=views,
        n_entries=n_entries,
        seed=seed,
        isolate=isolate,
        advance=advance,
    )


def registering(level: Level) -> tuple[str, Plan]:
    """Which views a level's registration looks at, and what it tries, with more patience than a
    check has: what it would give up tells how the tail goes on, and is never a match.

    Raises:
        InputError: a level that registers nothing.
    """
    if level is Level.STANDARD:
        return "trims", replace(standard_plan(), hopeless=_PATIENT)
    if level is Level.THOROUGH:
        return "all", replace(thorough_plan(), hopeless=_PATIENT)
    raise InputError(f"level: expected standard or thorough, got {level.value}")


def collector(index: HammingIndex, plan: Plan) -> Collect:
    """The registration of queries against an index, as a check does it but for the budget."""

    def collect(views: Sequence[View], /) -> Collected:
        # As a check does: what says too little takes no part; pictures within pictures have no
        # hash of their own before they are placed.
        usable = {0} | {
            number
            for number, view in enumerate(views)
            if view.kind == "picture" or (view.hashes and is_usable(view.hashes[0].quality))
        }
        made = register(views, usable, index, plan, _UNBOUNDED)
        best: dict[int, float] = {}
        for one in made.found:
            best[one.hash_id] = min(one.adjusted, best.get(one.hash_id, one.adjusted))
        return Collected(best, made.n_placements)

    return collect
