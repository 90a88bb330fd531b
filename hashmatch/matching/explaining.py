"""What a check tried, what came nearest, and why each of it was accepted or not.

The answer, the comparisons and the verdicts are the check's own; beyond them only farther entries
are looked at, and registration is run where the check had no need of it. Nothing here shows a
picture.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashmatch.database import HashesAt
from hashmatch.index import SearchResult, VectorSearchResult
from hashmatch.matching.base import Opened
from hashmatch.matching.comparing import Placed, Plain, placed_comparisons, plain_comparisons
from hashmatch.matching.explaining_entries import Context, EntryTold, entry_told, in_order
from hashmatch.matching.explaining_steps import (
    RegistrationTold,
    Step,
    registration_told,
    steps_of,
    why_not_wider,
    why_view_is_unused,
)
from hashmatch.matching.policy import MatchPolicy
from hashmatch.matching.question import Question
from hashmatch.matching.result import CheckResult
from hashmatch.matching.search import Near, queries_of
from hashmatch.matching.stages import Stages
from hashmatch.matching.thresholds import PDQ
from hashmatch.matching.widening import wide_radius, with_registration, with_wide_radius

SCHEMA = "hashmatch.explain/1"

_RADIUS_STEP = 8
"""Of 256 bits: unrelated entries grow about tenfold with each step."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A check's answer with what led to it.

    Attributes:
        result: what ``Checker.check`` answers.
        steps: what was tried, in order.
        registration: how its comparisons were spent; None where nothing was registered.
        entries: those that the answer names first, then the nearest ones.
        stages_ms: milliseconds by stage; "explanation" is what the check does not cost.
    """

    result: CheckResult
    steps: tuple[Step, ...]
    registration: RegistrationTold | None
    entries: tuple[EntryTold, ...]
    stages_ms: Mapping[str, float]
    question: Question = field(repr=False)

    @property
    def views(self) -> list[dict[str, Any]]:
        """The parts of the query that are compared as pictures, without their pixels."""
        policy, views = self.result.policy, self.question.views
        return [
            {
                "view": number,
                "kind": view.kind,
                "box": list(view.box),
                "quality": view.hashes[0].quality if view.hashes else None,
                "flatness": round(view.flatness, 4),
                "captioned": view.captioned,
                "unused": why_view_is_unused(policy, self.question, number),
            }
            for number, view in enumerate(views)
        ]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; keys are stable within one schema version (docs/json.md)."""
        return {
            "schema": SCHEMA,
            "check": self.result.to_dict(),
            "views": self.views,
            "steps": [step.to_dict() for step in self.steps],
            "registration": self.registration.to_dict() if self.registration else None,
            "entries": [entry.to_dict(self.question) for entry in self.entries],
            "stages_ms": dict(self.stages_ms),
        }


def explained(
    result: CheckResult, question: Question, opened: Opened, stages: Stages, limit: int
) -> Explanation:
    """The explanation of an answer, made while its revision is open.

    Args:
        stages: of the check; the explanation's own cost is added.
        limit: entries to tell of.
    """
    policy = result.policy
    with stages.timed("explanation"):
        why_not = why_not_wider(result, question, opened)
        near = opened.near if why_not is None else _looked_farther(opened, question, policy)
        made = near.registration
        entries = _entries(result, question, opened, near, limit)
        steps = steps_of(result, question, opened, near, why_not)
        told = None
        if made is not None:
            told = registration_told(policy, question, made, why_not is not None)
    return Explanation(result, steps, told, entries, stages.ms, question)


def _looked_farther(opened: Opened, question: Question, policy: MatchPolicy) -> Near:
    hashes = opened.entries.get(PDQ)
    if not opened.widens or not isinstance(hashes, HashesAt):
        return opened.near
    wide = with_wide_radius(opened.near, hashes, question, policy)
    return with_registration(wide, hashes, question, policy)


def _entries(
    result: CheckResult, question: Question, opened: Opened, near: Near, limit: int
) -> tuple[EntryTold, ...]:
    policy = result.policy
    found, crowded = _farther(opened, near, question, policy, limit)
    registered = near.registration.found if near.registration else ()
    ids = {int(hash_id) for rows in (*found.values(), *crowded.values()) for hash_id in rows.ids}
    hits = opened.view.media_by_hash_ids([*ids, *(one.hash_id for one in registered)])
    of_check = {
        (name, number, int(hash_id))
        for name, rows in opened.near.found.items()
        for number in range(len(question.variants[name]))
        for hash_id in rows.of(number)[0]
    }
    plains: dict[int, list[tuple[Plain, bool]]] = defaultdict(list)
    for one in chain(*(plain_comparisons(f, hits, question, policy) for f in (found, crowded))):
        made_by_check = (one.algorithm, one.number, one.hash_id) in of_check
        plains[one.hash_id].append((one, made_by_check))
    placed: dict[int, list[tuple[Placed, bool]]] = defaultdict(list)
    if near.registration is not None:
        made_by_check = opened.near.registration is not None
        made = near.registration
        for other in placed_comparisons(made, hits, question, policy):
            placed[other.hash_id].append((other, made_by_check))
    context = Context(policy, question, result, _unregistered(result, question, opened, near))
    left_out = {int(hash_id) for rows in crowded.values() for hash_id in rows.ids}
    told = [
        entry_told(context, hash_id, plains[hash_id], placed[hash_id], hash_id in left_out)
        for hash_id in {**plains, **placed}
    ]
    return tuple(in_order(context, told)[:limit])


Found = dict[str, SearchResult | VectorSearchResult]


def _farther(
    opened: Opened, near: Near, question: Question, policy: MatchPolicy, limit: int
) -> tuple[Found, Found]:
    """By algorithm: what is near and, of the main one, the nearest few entries however far; and the
    nearest of those that are crowded."""
    main, found = policy.algorithm, dict(near.found)
    hashes = opened.entries.get(main)
    if not isinstance(hashes, HashesAt):
        return found, {}
    queries, radius = queries_of(question.variants[main]), policy.thresholds(main).possible
    left_out = hashes.crowded_near(queries, radius)
    if near.registration is not None:
        radius = wide_radius(policy)
    farther = _nearest(hashes, queries, radius, limit)
    found[main] = _of_ids(farther, {*near.found[main].ids.tolist(), *_nearest_ids(farther, limit)})
    return found, {main: _of_ids(left_out, set(_nearest_ids(left_out, limit)))}


def _unregistered(result: CheckResult, question: Question, opened: Opened, near: Near) -> str:
    if near.registration is None:
        return why_not_wider(result, question, opened) or "nothing was registered"
    return "no placement came near enough to be refined"


def _nearest(hashes: HashesAt, queries: NDArray[np.uint8], radius: int, limit: int) -> SearchResult:
    """At least the ``limit`` nearest entries of a few queries, or all."""
    bits = 8 * queries.shape[1]
    if len(hashes) <= limit:
        radius = bits
    while True:
        found = hashes.range_search(queries, radius)
        if radius >= bits or len(np.unique(found.ids)) >= limit:
            return found
        radius = min(bits, radius + max(1, bits * _RADIUS_STEP // 256))


def _nearest_ids(found: SearchResult, limit: int) -> list[int]:
    """The nearest few entries of a search; the smaller id first among equals."""
    order = np.lexsort((found.ids, found.distances))
    return list(dict.fromkeys(found.ids[order].tolist()))[:limit]


def _of_ids(found: SearchResult, ids: set[int]) -> SearchResult:
    kept = np.isin(found.ids, np.array(sorted(ids), np.int64))
    before = np.concatenate([[0], np.cumsum(kept, dtype=np.int64)])
    return SearchResult(before[found.offsets], found.ids[kept], found.distances[kept])
