"""Every comparison that came near, with the verdict on it: what an answer and its explanation are
made from alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hashmatch.database import HashHit
from hashmatch.index import SearchResult, VectorSearchResult
from hashmatch.matching.judging import Verdict, judge_plain, judge_registered
from hashmatch.matching.policy import MatchPolicy
from hashmatch.matching.question import Question, why_too_little
from hashmatch.matching.registration import Registered, Registration
from hashmatch.matching.thresholds import PDQ, PHOTODNA


@dataclass(frozen=True, slots=True)
class Plain:
    """A stored hash and a form of the query, as they are.

    Attributes:
        order, number: of the algorithm among the question's, and of the variant among its forms.
        distance: bits, or for PhotoDNA the squared Euclidean distance.
        low: why the stored hash says too little to be judged; else None.
        verdict: None where it is too far, or ``low``.
    """

    hash_id: int
    hit: HashHit
    algorithm: str
    order: int
    number: int
    distance: int
    low: str | None
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Placed:
    """A stored hash and the query at a placement; ``place``: its rank among those found."""

    hash_id: int
    hit: HashHit
    place: int
    made: Registered
    low: str | None
    verdict: Verdict | None


def plain_comparisons(
    found: Mapping[str, SearchResult | VectorSearchResult],
    hits: Mapping[int, HashHit],
    question: Question,
    policy: MatchPolicy,
) -> Iterator[Plain]:
    """Hits of a search, judged; those without a place in ``hits`` are no longer there.

    Args:
        found: by algorithm; one row of hits for each variant.
    """
    for order, (name, rows) in enumerate(found.items()):
        radii = policy.thresholds(name)
        for number, variant in enumerate(question.variants[name]):
            for found_id, found_at in zip(*rows.of(number), strict=True):
                hash_id, distance = int(found_id), int(found_at)
                hit = hits.get(hash_id)
                if hit is None:
                    continue
                low = why_too_little(hit.hash, radii) if name != PHOTODNA else None
                verdict = None
                if low is None:
                    at = (name, variant.view, distance)
                    verdict = judge_plain(policy, question, radii, at, hit.hash.value)
                yield Plain(hash_id, hit, name, order, number, distance, low, verdict)


def placed_comparisons(
    made: Registration,
    hits: Mapping[int, HashHit],
    question: Question,
    policy: MatchPolicy,
) -> Iterator[Placed]:
    """What registration found, judged."""
    radii = policy.thresholds(PDQ)
    for place, one in enumerate(made.found):
        hit = hits.get(one.hash_id)
        if hit is None:
            continue
        low = why_too_little(hit.hash, radii)
        verdict = None if low else judge_registered(policy, question, one)
        yield Placed(one.hash_id, hit, place, one, low, verdict)
