"""Whether a distance is a match, and what makes a near one doubtful. Used for plain and registered
comparisons alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hashmatch.matching.concentration import concentration
from hashmatch.matching.policy import MatchPolicy
from hashmatch.matching.question import Question
from hashmatch.matching.registration import Registered
from hashmatch.matching.result import CheckStatus
from hashmatch.matching.thresholds import PDQ, Thresholds
from hashmatch.types import HashValue

FLAT = 0.66
"""Share of one tone from which on a view is a page, a drawing or a screen rather than a
photograph."""
SAME_PAGE = 24
"""Bits within which such a view is the same one, recompressed or resized, and not its like."""
SAME_PLACED_PAGE = 12
"""The same of a placed view's adjusted distance: placed, unrelated discs come to 16."""
SAME_CAPTION = 6
"""The same for a picture with a caption bar."""
ORDINARY = 0.2
"""Concentration from which on a stored hash has a smaller radius of its own (plain comparison)."""
PLAIN_CONCENTRATED_BITS = 90.0

_TEMPLATE = "captioned: the same picture with another text lies as near"
_CONCENTRATED = "one spot, edge or pattern makes the stored hash: others like it lie as near"
_PAGE = "mostly of one tone: pages, drawings and screens of one layout lie as near"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Attributes: threshold: the radius within which it was accepted; reason: why not MATCH."""

    status: CheckStatus
    threshold: int
    reason: str | None


def own_radius(policy: MatchPolicy, stored: bytes) -> int:
    """Bits within which an unplaced hash of the query's pixels is a match of this stored hash.

    Unrelated photographs come as near as 74 bits to ordinary hashes in 3.6 x 10^8 comparisons, and
    nearer the more concentrated a hash is.
    """
    return int(own_radii(policy, np.frombuffer(stored, dtype=np.uint8)[None])[0])


def own_radii(policy: MatchPolicy, stored: NDArray[np.uint8]) -> NDArray[np.int64]:
    """``own_radius`` of many: uint8 (n, 32)."""
    radius = max(policy.near_max_distance, policy.max_distance)
    less = PLAIN_CONCENTRATED_BITS * np.maximum(0.0, concentration(stored) - ORDINARY)
    return np.trunc(radius - less).astype(np.int64)


def judge_plain(
    policy: MatchPolicy,
    question: Question,
    radii: Thresholds,
    at: tuple[str, int, int],
    stored: bytes,
) -> Verdict | None:
    """A comparison of hashes as they are; None: too far.

    Args:
        at: algorithm, number of the query's view, distance in bits.
    """
    algorithm, view, distance = at
    plain = radii.match if radii.match is not None else -1
    own = own_radius(policy, stored) if algorithm == PDQ and question.views else -1
    if question.views and algorithm == PDQ:
        plain = min(plain, own)
    if distance <= plain:
        threshold = plain
    elif distance <= own:
        threshold = own
    elif distance <= radii.possible:
        attracts = algorithm == PDQ and radii.match is not None and distance <= radii.match
        reason = _CONCENTRATED if attracts else _why_possible(algorithm, distance, radii)
        return Verdict(CheckStatus.POSSIBLE, radii.possible, reason)
    else:
        return None
    doubt = _doubt(question, view, distance) if algorithm == PDQ else None
    return Verdict(CheckStatus.POSSIBLE if doubt else CheckStatus.MATCH, threshold, doubt)


def judge_registered(policy: MatchPolicy, question: Question, one: Registered) -> Verdict | None:
    """A registered comparison; None: too far."""
    if one.adjusted > policy.registered_review_max_distance:
        return None
    if one.adjusted > policy.registered_max_distance:
        reason = f"adjusted distance {one.adjusted:.1f} is above {policy.registered_max_distance}"
        return Verdict(CheckStatus.POSSIBLE, policy.registered_review_max_distance, reason)
    same = one.adjusted <= SAME_PLACED_PAGE
    doubt = _doubt(question, one.view, SAME_PAGE if same else SAME_PAGE + 1)
    uncaptioned = question.views[one.view].uncaptioned
    if doubt is None and uncaptioned is not None and _has_the_bars(one, uncaptioned):
        doubt = _TEMPLATE
    status = CheckStatus.POSSIBLE if doubt else CheckStatus.MATCH
    return Verdict(status, policy.registered_max_distance, doubt)


def is_settled(policy: MatchPolicy, question: Question, view: int, distance: int) -> bool:
    """Whether a plain distance of the main algorithm is a match that needs no registration."""
    return distance <= policy.max_distance and _doubt(question, view, distance) is None


def _doubt(question: Question, number: int, distance: float) -> str | None:
    if not question.views:
        return None
    view = question.views[number]
    if view.flatness >= FLAT and distance > SAME_PAGE:
        return _PAGE
    bars = [one.box for one in question.views if one.captioned]
    bared = view.captioned or not bars or any(_within(view.box, box) for box in bars)
    return None if bared or distance <= SAME_CAPTION else _TEMPLATE


def _within(inner: tuple[int, int, int, int], outer: tuple[int, int, int, int]) -> bool:
    """Whether a box is inside another one, to a fiftieth of its sides: it has none of its bars."""
    across, down = (outer[2] - outer[0]) // 50, (outer[3] - outer[1]) // 50
    return (
        inner[0] >= outer[0] - across
        and inner[1] >= outer[1] - down
        and inner[2] <= outer[2] + across
        and inner[3] <= outer[3] + down
    )


def _has_the_bars(one: Registered, uncaptioned: HashValue) -> bool:
    """Whether a stored hash seems to be of a picture with the query's bars and another text.

    Then the query with its text smeared is about as near to it as what is within its bars, and that
    is not very near, since the bars have to be guessed. A picture without the bars is much nearer
    to what is within them.
    """
    farther = uncaptioned.distance(HashValue(PDQ, one.stored, None)) - one.weighted
    return (one.weighted > 20 and farther <= 2) or (one.weighted >= 40 and farther <= 10)


def _why_possible(algorithm: str, distance: int, radii: Thresholds) -> str:
    if radii.match is None:
        return f"{algorithm} alone is never more than POSSIBLE"
    return f"distance {distance} is above {radii.match}"
