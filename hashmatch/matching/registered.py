"""Matches of what registration found."""

from __future__ import annotations

from dataclasses import replace

from hashmatch.database import HashHit
from hashmatch.hashing import ORIENTATIONS
from hashmatch.matching.judging import Verdict
from hashmatch.matching.placement import Placement
from hashmatch.matching.policy import Alert
from hashmatch.matching.question import Question
from hashmatch.matching.registration import Registered
from hashmatch.matching.result import Match, MatchKind
from hashmatch.matching.thresholds import PDQ
from hashmatch.matching.variants import Variant


def placement_of(question: Question, one: Registered) -> Placement:
    """How the query lies over the known picture, in the known picture's frame."""
    view = question.views[one.view]
    left, right, top, bottom, angle = one.placement
    kind = {"whole": "whole", "picture": "picture"}.get(view.kind, "trimmed")
    return Placement(
        orientation=ORIENTATIONS[one.orientation],
        left=round(left, 4),
        right=round(right, 4),
        top=round(top, 4),
        bottom=round(bottom, 4),
        angle=-angle + 0.0,
        view=kind,
        view_box=None if kind == "whole" else view.box,
    )


def registered_match(
    question: Question, one: Registered, hit: HashHit, verdict: Verdict, facts: tuple[Alert, float]
) -> Match:
    """Args: facts: the medium's alert, and the false matches expected."""
    alert, expected = facts
    return Match(
        kind=MatchKind.HASH,
        status=verdict.status,
        alert=alert,
        algorithm=PDQ,
        query_value=one.query.hex(),
        stored_value=hit.hash.hex,
        distance=one.distance,
        threshold=verdict.threshold,
        variant=ORIENTATIONS[one.orientation],
        variant_exact=True,
        query_quality=question.values[0].quality if question.values else None,
        stored_quality=hit.hash.quality,
        expected_false_matches=expected,
        contradicting=(),
        asserted_by=hit.source,
        media=hit.media,
        reason=verdict.reason,
        placement=placement_of(question, one),
        refined_from=one.coarse,
        adjusted_distance=round(one.adjusted, 2),
        stored_frame=hit.hash.frame,
        stored_time_s=hit.hash.time_s,
    )


def with_trim(match: Match, question: Question, variant: Variant) -> Match:
    """The match with the view that its variant was the hash of, if that is not the whole query."""
    if variant.view == 0:
        return match
    placement = Placement(
        variant.name, 0.0, 0.0, 0.0, 0.0, 0.0, "trimmed", question.views[variant.view].box
    )
    return replace(match, placement=placement)
