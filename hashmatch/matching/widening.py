"""What levels standard and thorough try where the plain hashes settle nothing: a wider radius, and
registration."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hashmatch.database import HashesAt
from hashmatch.matching.judging import is_settled
from hashmatch.matching.plans import Plan, standard_plan, thorough_plan
from hashmatch.matching.policy import Level, MatchPolicy
from hashmatch.matching.question import Question, why_too_little
from hashmatch.matching.registration import register
from hashmatch.matching.search import Near, queries_of
from hashmatch.matching.thresholds import PDQ

MOST_WIDE = 1000
"""Entries within the wide radius that are judged, all at one distance or none: a bound for entries
and queries made to be near each other."""


def plan_of(policy: MatchPolicy) -> Plan:
    """What the policy's level registers, in the orientations that it allows."""
    plan = thorough_plan() if policy.level is Level.THOROUGH else standard_plan()
    return plan if policy.orientations else plan.upright()


def widened(near: Near, hashes: HashesAt, question: Question, policy: MatchPolicy) -> Near:
    """The plain result where that is a match; else with what is farther and what registration
    finds."""
    if settled(near, question, policy):
        return near
    return with_registration(
        with_wide_radius(near, hashes, question, policy), hashes, question, policy
    )


def settled(near: Near, question: Question, policy: MatchPolicy) -> bool:
    """Whether a plain distance is a match already, so that nothing farther is looked for."""
    found, variants = near.found[PDQ], question.variants[PDQ]
    return any(
        is_settled(policy, question, variant.view, int(distance))
        for number, variant in enumerate(variants)
        for distance in found.of(number)[1]
    )


def wide_radius(policy: MatchPolicy) -> int:
    """Bits within which hashes of the query's own pixels are compared where nothing is nearer."""
    return max(policy.near_max_distance, policy.review_max_distance)


def with_wide_radius(near: Near, hashes: HashesAt, question: Question, policy: MatchPolicy) -> Near:
    """The plain result at the wide radius."""
    wide = hashes.range_search(queries_of(question.variants[PDQ]), wide_radius(policy))
    gates = near.gates
    if len(wide.ids) > MOST_WIDE:
        radius = max(int(np.partition(wide.distances, MOST_WIDE)[MOST_WIDE]) - 1, 0)
        gates = (*gates, f"{len(wide.ids)} entries are near: those within {radius} bits are judged")
        wide = hashes.range_search(queries_of(question.variants[PDQ]), radius)
    return replace(near, found={**near.found, PDQ: wide}, gates=gates)


def usable_views(question: Question, policy: MatchPolicy) -> set[int]:
    """Numbers of the views that say enough to be registered.

    A view that says too little is a match for everything; pictures within pictures have no hashes
    of their own before they are placed.
    """
    radii = policy.thresholds(PDQ)
    hashed = question.variants.get(PDQ, ())
    return {v.view for v in hashed if why_too_little(v.hash, radii) is None} | {
        number for number, view in enumerate(question.views) if view.kind == "picture"
    }


def with_registration(
    near: Near, hashes: HashesAt, question: Question, policy: MatchPolicy
) -> Near:
    """The result with what the level's plan finds."""
    usable = usable_views(question, policy)
    made = register(question.views, usable, hashes, plan_of(policy), policy.max_comparisons)
    return replace(near, registration=made)
