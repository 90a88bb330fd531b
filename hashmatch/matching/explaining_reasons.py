"""Why a comparison was accepted or not, in words; the verdicts themselves come from ``judging``."""

from __future__ import annotations

import math

from hashmatch.matching.adjusted import adjusted_distance
from hashmatch.matching.comparing import Placed, Plain
from hashmatch.matching.judging import Verdict, own_radius
from hashmatch.matching.policy import MatchPolicy
from hashmatch.matching.question import Question
from hashmatch.matching.registration import Registered
from hashmatch.matching.result import CheckStatus
from hashmatch.matching.thresholds import PDQ

CROWDED = "left out: crowded, too many media have a hash near it"


def why_plain(policy: MatchPolicy, question: Question, one: Plain) -> str:
    """Of hashes as they are."""
    if one.low is not None:
        return f"left out: the entry's {one.low}"
    radii, stored = policy.thresholds(one.algorithm), one.hit.hash.value
    own = own_radius(policy, stored) if one.algorithm == PDQ and question.views else None
    if one.verdict is not None:
        is_own = own is not None and one.verdict.threshold == own != radii.match
        note = ", the entry's own radius" if is_own else ""
        return _accepted(one.verdict, f"distance {one.distance} is within", note)
    if own is not None and own > radii.possible:
        smaller = own < policy.near_max_distance
        note = ", the entry's own radius: its hash is concentrated" if smaller else ""
        return f"distance {one.distance} is above {own}{note}"
    return f"distance {one.distance} is above {radii.possible}"


def why_placed(policy: MatchPolicy, one: Placed) -> str:
    """Of a registered comparison."""
    if one.low is not None:
        return f"left out: the entry's {one.low}"
    adjusted = one.made.adjusted
    if one.verdict is not None:
        return _accepted(one.verdict, f"adjusted distance {adjusted:.1f} is within", "")
    if math.isinf(adjusted):
        return "it would be a smaller part of the query than is looked for"
    limit = policy.registered_review_max_distance
    return f"adjusted distance {adjusted:.1f} is above {limit}"


def added_bits(made: Registered) -> dict[str, float | None]:
    """What makes ``adjusted`` of ``weighted``, in bits: by what is hidden, by how concentrated the
    stored hash is, by how many other things were tried (None: too small a part to count)."""
    weighted, hidden, concentrated = made.weighted, made.hidden, made.concentration
    trials = made.adjusted - adjusted_distance(weighted, hidden, concentrated)
    return {
        "hidden": round(adjusted_distance(weighted, hidden, 0.0) - weighted, 2),
        "concentrated": round(adjusted_distance(weighted, 0.0, concentrated) - weighted, 2),
        "trials": None if math.isinf(trials) else round(trials, 2),
    }


def _accepted(verdict: Verdict, within: str, note: str) -> str:
    if verdict.status is not CheckStatus.MATCH and verdict.reason:
        return verdict.reason
    return f"{within} {verdict.threshold}{note}"
