"""What levels standard and thorough try where the plain hashes settle nothing: a wider radius, and
registration."""

from __future__ import annotations

from dataclasses import replace

from hashmatch.database import HashesAt
from hashmatch.matching.judging import is_settled
from hashmatch.matching.plans import Plan, standard_plan, thorough_plan
from hashmatch.matching.policy import Level, MatchPolicy
from hashmatch.matching.question import Question, why_too_little
from hashmatch.matching.registration import register
from hashmatch.matching.search import Near, queries_of
from hashmatch.matching.thresholds import PDQ


def plan_of(policy: MatchPolicy) -> Plan:
    """What the policy's level registers."""
    return thorough_plan() if policy.level is Level.THOROUGH else standard_plan()


def widened(near: Near, hashes: HashesAt, question: Question, policy: MatchPolicy) -> Near:
    """The plain result where that is a match, or with what is farther and what registration finds."""
    found, variants = near.found[PDQ], question.variants[PDQ]
    for number, variant in enumerate(variants):
        for distance in found.of(number)[1]:
            if is_settled(policy, question, variant.view, int(distance)):
                return near
    radius = max(policy.near_max_distance, policy.review_max_distance)
    wide = hashes.range_search(queries_of(variants), radius)
    radii = policy.thresholds(PDQ)
    # A view that says too little is a match for everything; pictures within pictures have no
    # hashes of their own before they are placed.
    usable = {
        variant.view for variant in variants if why_too_little(variant.hash, radii) is None
    } | {number for number, view in enumerate(question.views) if view.kind == "picture"}
    made = register(question.views, usable, hashes, plan_of(policy), policy.max_comparisons)
    return replace(near, found={**near.found, PDQ: wide}, registration=made)
