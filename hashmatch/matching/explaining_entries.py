"""The entries that came nearest to a query, and what became of each of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from hashmatch.database import HashHit
from hashmatch.matching.comparing import Placed, Plain
from hashmatch.matching.concentration import concentration
from hashmatch.matching.explaining_reasons import CROWDED, added_bits, why_placed, why_plain
from hashmatch.matching.judging import Verdict, own_radius
from hashmatch.matching.policy import Alert, MatchPolicy
from hashmatch.matching.question import Question
from hashmatch.matching.registered import placement_of
from hashmatch.matching.result import CheckResult, CheckStatus, Match, MatchKind
from hashmatch.matching.search import alert_of
from hashmatch.matching.thresholds import PDQ, largest_distance
from hashmatch.types import HashValue


@dataclass(frozen=True, slots=True)
class PlainTold:
    """The nearest plain comparison with an entry.

    Attributes:
        of_check: whether the check itself made it; the others are made for the explanation.
        reason: why it was accepted or not.
    """

    one: Plain
    of_check: bool
    reason: str

    def to_dict(self, question: Question) -> dict[str, Any]:
        one = self.one
        variant = question.variants[one.algorithm][one.number]
        return {
            "distance": one.distance,
            "variant": variant.name,
            "view": variant.view,
            **_verdict_dict(one.verdict, self.of_check, self.reason),
        }


@dataclass(frozen=True, slots=True)
class PlacedTold:
    """The nearest registered comparison with an entry; attributes as of ``PlainTold``."""

    one: Placed
    of_check: bool
    reason: str

    def to_dict(self, question: Question) -> dict[str, Any]:
        made = self.one.made
        placement = placement_of(question, made)
        return {
            "before": made.coarse,
            "distance": made.distance,
            "weighted": round(made.weighted, 2),
            "hidden": round(made.hidden, 4),
            "adjusted": None if math.isinf(made.adjusted) else round(made.adjusted, 2),
            "added": added_bits(made),
            "view": made.view,
            "placement": placement.to_dict(),
            "described": placement.describe(),
            "evaluations": made.evaluations,
            **_verdict_dict(self.one.verdict, self.of_check, self.reason),
        }


@dataclass(frozen=True, slots=True)
class EntryTold:
    """One stored hash.

    Attributes:
        status: MATCH or POSSIBLE where a comparison that the check made was accepted; else None.
        in_answer: whether it is what the check's answer names its medium by.
        crowded: left out by the check because too many media have a hash near it.
        without_registration: why it was registered nowhere; None where it was.
        alert: what the medium's opinions mean under the policy, accepted or not.
    """

    hash_id: int
    hit: HashHit
    status: CheckStatus | None
    in_answer: bool
    crowded: bool
    plain: PlainTold | None
    registered: PlacedTold | None
    without_registration: str | None
    alert: Alert
    own_radius: int | None

    @property
    def nearness(self) -> float:
        """The least of its distances, as a share of the largest; adjusted ones where registered."""
        shares = [math.inf]
        if self.plain is not None:
            one = self.plain.one
            shares.append(one.distance / largest_distance(one.algorithm))
        if self.registered is not None:
            shares.append(self.registered.one.made.adjusted / largest_distance(PDQ))
        return min(shares)

    def to_dict(self, question: Question) -> dict[str, Any]:
        stored, media = self.hit.hash, self.hit.media
        return {
            "hash_id": self.hash_id,
            "algorithm": stored.algorithm,
            "stored_value": stored.hex,
            "stored_quality": stored.quality,
            "concentration": _concentration(stored) if stored.algorithm == PDQ else None,
            "own_radius": self.own_radius,
            "status": self.status.value if self.status else None,
            "in_answer": self.in_answer,
            "crowded": self.crowded,
            "plain": self.plain.to_dict(question) if self.plain else None,
            "registered": self.registered.to_dict(question) if self.registered else None,
            "without_registration": self.without_registration,
            "alert": self.alert.value,
            "asserted_by": self.hit.source,
            "media_id": media.media_id,
            "label": media.label.value if media.label else None,
            "baseline": media.baseline,
            "conflict": media.conflict,
            "sources": list(media.sources),
        }


@dataclass(frozen=True, slots=True)
class Context:
    """What every entry is told against; ``unregistered``: why an entry may have no placement."""

    policy: MatchPolicy
    question: Question
    result: CheckResult
    unregistered: str


def entry_told(
    context: Context,
    hash_id: int,
    plains: list[tuple[Plain, bool]],
    placed: list[tuple[Placed, bool]],
    crowded: bool,
) -> EntryTold:
    """Args: plains, placed: comparisons with the entry, and whether the check made them."""
    policy, question = context.policy, context.question
    plain = min(plains, key=_plain_rank, default=None)
    registered = min(placed, key=_placed_rank, default=None)
    if plain is not None:
        hit = plain[0].hit
    elif registered is not None:
        hit = registered[0].hit
    else:
        raise AssertionError("an entry without a comparison")
    judged = [(pair[0].verdict, pair[1]) for pair in (plain, registered) if pair is not None]
    status = None if crowded else _best(judged)
    return EntryTold(
        hash_id=hash_id,
        hit=hit,
        status=status,
        in_answer=status is not None and any(_is_of(m, hit) for m in context.result.matches),
        crowded=crowded,
        plain=None
        if plain is None
        else PlainTold(*plain, CROWDED if crowded else why_plain(policy, question, plain[0])),
        registered=None
        if registered is None
        else PlacedTold(*registered, why_placed(policy, registered[0])),
        without_registration=None if registered else _why_unregistered(context, hit, crowded),
        alert=alert_of(hit.media, policy),
        own_radius=own_radius(policy, hit.hash.value)
        if hit.hash.algorithm == PDQ and question.views
        else None,
    )


def in_order(context: Context, told: list[EntryTold]) -> list[EntryTold]:
    """What the answer names first, in its order; then what was accepted; then the nearest."""
    matches = context.result.matches

    def key(entry: EntryTold) -> tuple[int, bool, float, int]:
        place = next((k for k, m in enumerate(matches) if _is_of(m, entry.hit)), len(matches))
        shown = place if entry.in_answer else len(matches)
        return shown, entry.status is None, entry.nearness, entry.hash_id

    return sorted(told, key=key)


def _why_unregistered(context: Context, hit: HashHit, crowded: bool) -> str:
    if crowded:
        return CROWDED
    if hit.hash.algorithm != PDQ:
        return "only pdq hashes are registered"
    return context.unregistered


def _concentration(stored: HashValue) -> float:
    row = np.frombuffer(stored.value, dtype=np.uint8)[None]
    return round(float(concentration(row)[0]), 4)


def _is_of(match: Match, hit: HashHit) -> bool:
    stored = hit.hash
    named = (match.algorithm, match.stored_value, match.asserted_by, match.media.media_id)
    told = (stored.algorithm, stored.hex, hit.source, hit.media.media_id)
    return match.kind is MatchKind.HASH and named == told


def _best(judged: list[tuple[Verdict | None, bool]]) -> CheckStatus | None:
    reached = {verdict.status for verdict, of_check in judged if verdict is not None and of_check}
    order = (CheckStatus.MATCH, CheckStatus.POSSIBLE)
    return next((status for status in order if status in reached), None)


def _verdict_rank(verdict: Verdict | None, of_check: bool) -> int:
    if verdict is None or not of_check:
        return 2
    return 0 if verdict.status is CheckStatus.MATCH else 1


def _plain_rank(pair: tuple[Plain, bool]) -> tuple[int, int, int]:
    one, of_check = pair
    return _verdict_rank(one.verdict, of_check), one.distance, one.number


def _placed_rank(pair: tuple[Placed, bool]) -> tuple[int, int]:
    one, of_check = pair
    return _verdict_rank(one.verdict, of_check), one.place


def _verdict_dict(verdict: Verdict | None, of_check: bool, reason: str) -> dict[str, Any]:
    return {
        "verdict": verdict.status.value if verdict else None,
        "reason": reason,
        "of_check": of_check,
    }
