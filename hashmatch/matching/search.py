"""Known media that a query is (by digest) or looks like (by perceptual hash)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hashmatch.database import HashesAt, HashHit, MediaView, SnapshotView, VectorsAt
from hashmatch.index import SearchResult, VectorSearchResult
from hashmatch.matching.calibration import Calibration, expected_false_matches
from hashmatch.matching.comparing import placed_comparisons, plain_comparisons
from hashmatch.matching.judging import Verdict
from hashmatch.matching.policy import IGNORABLE, Alert, MatchPolicy
from hashmatch.matching.question import Question
from hashmatch.matching.registered import registered_match, with_trim
from hashmatch.matching.registration import Registration
from hashmatch.matching.result import CheckStatus, Match, MatchKind
from hashmatch.matching.thresholds import PDQ
from hashmatch.matching.variants import Variant
from hashmatch.types import Digests

_CALIBRATED = ("pdq", "pdq-cpp")
"""Algorithms whose distances of unrelated pictures ``calibration`` describes."""


def match_digests(view: SnapshotView, digests: Digests, policy: MatchPolicy) -> list[Match]:
    """Media that share a digest: those that contradict in no other one first, gravest first."""
    if not digests:
        return []
    matches = [
        _digest_match(media, digests, policy)
        for media in view.media_by_digests(digests)
        if media.opinions
    ]
    matches.sort(key=lambda m: (bool(m.contradicting), -m.alert.gravity, m.media.media_id))
    return matches


@dataclass(frozen=True, slots=True)
class Near:
    """Entries within the review radius of the query's variants, at one revision.

    Attributes:
        found: by algorithm; one row of hits for each variant.
        n_entries: by algorithm, hashes that each variant was compared with.
        n_excluded: hashes that are stored and were not compared, because they are crowded.
        registration: what it found, where it was tried.
        gates: limits that were reached, in words.
        calibration: that its distances are told by.
    """

    revision: int
    found: Mapping[str, SearchResult | VectorSearchResult]
    n_entries: Mapping[str, int]
    n_excluded: int
    registration: Registration | None = None
    gates: tuple[str, ...] = ()
    calibration: Calibration = field(default_factory=Calibration.default)

    def n_comparisons(self, question: Question) -> int:
        """Comparisons of one form of the query with one entry."""
        plain = sum(len(question.variants[name]) * n for name, n in self.n_entries.items())
        return plain + (self.registration.n_comparisons if self.registration else 0)

    @property
    def limits(self) -> tuple[str, ...]:
        """Everything that bounded the search, in words."""
        crowd = f"{self.n_excluded} crowded hashes were not compared"
        return (
            *((crowd,) if self.n_excluded else ()),
            *self.gates,
            *(self.registration.gates if self.registration else ()),
        )

    def __bool__(self) -> bool:
        """Whether any entry is near."""
        registered = self.registration is not None and bool(self.registration.found)
        return registered or any(len(found.ids) for found in self.found.values())


def near_entries(
    revision: int,
    entries: Mapping[str, HashesAt | VectorsAt],
    question: Question,
    policy: MatchPolicy,
) -> Near:
    """Compare each hash of the question with the entries of its algorithm.

    Args:
        revision: that the entries are of.
        entries: by algorithm; a hash whose algorithm is not there has nothing to be compared with.
    """
    found = {
        name: held.range_search(
            queries_of(question.variants[name]), policy.thresholds(name).possible
        )
        for name, held in entries.items()
    }
    return Near(
        revision=revision,
        found=found,
        n_entries={name: len(held) for name, held in entries.items()},
        n_excluded=sum(h.n_excluded for h in entries.values() if isinstance(h, HashesAt)),
    )


def match_hashes(
    view: SnapshotView, near: Near, question: Question, policy: MatchPolicy
) -> tuple[list[Match], tuple[str, ...]]:
    """Media with a hash near the query, and what was left out.

    Of each medium, the nearest pair of variant and stored hash of each algorithm; ties go to the
    earlier variant. Confident ones first, then the nearest in shares of its algorithm's radius.
    """
    registration = near.registration
    registered = registration.found if registration else ()
    ids = [int(hash_id) for found in near.found.values() for hash_id in found.ids]
    hits = view.media_by_hash_ids([*ids, *(one.hash_id for one in registered)])
    ranked: list[tuple[_Rank, Match]] = []
    gates = list(near.limits)
    left_out: dict[str, set[int]] = {}
    for one in plain_comparisons(near.found, hits, question, policy):
        name, verdict = one.algorithm, one.verdict
        if one.low is not None:
            left_out.setdefault(name, set()).add(one.hash_id)
        elif verdict is not None:
            variants = question.variants[name]
            variant, compared = variants[one.number], (near.n_entries[name], len(variants))
            match = _hash_match(one.hit, variant, one.distance, compared, verdict, policy)
            match = with_trim(match, question, variant)
            share = one.distance / max(policy.thresholds(name).possible, 1)
            ranked.append(((match.doubtful, share, one.order, one.number, one.hash_id), match))
    for name, ids_left_out in left_out.items():
        gates.append(f"{name}: {len(ids_left_out)} near entries say too little and were left out")
    ranked += _ranked_registered(near, hits, question, policy)
    nearest: dict[int, tuple[_Rank, Match]] = {}
    for rank, match in ranked:
        best = nearest.get(match.media.media_id)
        if best is None or rank < best[0]:
            nearest[match.media.media_id] = (rank, match)
    return [match for _, match in sorted(nearest.values(), key=lambda one: one[0])], tuple(gates)


_Rank = tuple[bool, float, int, int, int]


def _ranked_registered(
    near: Near, hits: Mapping[int, HashHit], question: Question, policy: MatchPolicy
) -> list[tuple[_Rank, Match]]:
    """What registration found, behind plain comparisons that are as confident."""
    made = near.registration
    if made is None:
        return []
    ranked: list[tuple[_Rank, Match]] = []
    for placed in placed_comparisons(made, hits, question, policy):
        one, hit, verdict = placed.made, placed.hit, placed.verdict
        if verdict is None:
            continue
        expected = near.calibration.expected_false_matches(
            one.adjusted, near.n_entries[PDQ], made.n_placements
        )
        facts = (alert_of(hit.media, policy), expected)
        match = registered_match(question, one, hit, verdict, facts)
        share = 1 + one.adjusted / max(policy.registered_review_max_distance, 1)
        ranked.append(((match.doubtful, share, len(near.found), placed.place, one.hash_id), match))
    return ranked


def one_per_media(by_digest: Sequence[Match], by_hash: Sequence[Match]) -> list[Match]:
    """One match for each media: the digest's, else the first by hash; but a doubtful digest never
    hides a confident hash.

    Lists have wrong digests: where one digest agrees and another contradicts, and the perceptual
    hash says MATCH, the answer is MATCH.
    """
    confident = {m.media.media_id for m in by_hash if m.status is CheckStatus.MATCH}
    kept = [
        m
        for m in by_digest
        if m.status is not CheckStatus.POSSIBLE or m.media.media_id not in confident
    ]
    known = {m.media.media_id for m in kept}
    for match in by_hash:
        if match.media.media_id not in known:
            known.add(match.media.media_id)
            kept.append(match)
    return kept


def queries_of(variants: Sequence[Variant]) -> NDArray[np.uint8]:
    """Their hashes, one a row."""
    return np.stack([np.frombuffer(v.hash.value, dtype=np.uint8) for v in variants])


def alert_of(media: MediaView, policy: MatchPolicy) -> Alert:
    """What the medium's consolidated opinions mean under the policy."""
    if media.baseline:
        return Alert.BASELINE
    return policy.alerts[media.label] if media.label else Alert.NONE


def _digest_match(media: MediaView, digests: Digests, policy: MatchPolicy) -> Match:
    asked, stored = dict(digests.items()), dict(media.digests.items())
    agreeing = [name for name, value in asked.items() if stored.get(name) == value]
    strongest = agreeing[-1]
    contradicting = tuple(n for n, value in asked.items() if stored.get(n, value) != value)
    harmless = all(s.opinion.label in IGNORABLE for s in media.opinions) and not media.baseline
    if contradicting:
        status = CheckStatus.POSSIBLE
    else:
        status = CheckStatus.KNOWN_IGNORABLE if harmless else CheckStatus.MATCH
    return Match(
        kind=MatchKind.DIGEST,
        status=status,
        alert=alert_of(media, policy),
        algorithm=strongest,
        query_value=asked[strongest],
        stored_value=stored[strongest],
        distance=0,
        threshold=0,
        variant="original",
        variant_exact=True,
        query_quality=None,
        stored_quality=None,
        expected_false_matches=None,
        contradicting=contradicting,
        asserted_by=None,
        media=media,
        reason=f"another {' and '.join(contradicting)}" if contradicting else None,
    )


def _hash_match(
    hit: HashHit,
    variant: Variant,
    distance: int,
    compared: tuple[int, int],
    verdict: Verdict,
    policy: MatchPolicy,
) -> Match:
    """Args: compared: entries, and variants, that were compared."""
    algorithm = hit.hash.algorithm
    expected = None
    if algorithm in _CALIBRATED:
        n_entries, n_variants = compared
        expected = expected_false_matches(distance, n_entries=n_entries, n_variants=n_variants)
    return Match(
        kind=MatchKind.HASH,
        status=verdict.status,
        alert=alert_of(hit.media, policy),
        algorithm=algorithm,
        query_value=variant.hash.hex,
        stored_value=hit.hash.hex,
        distance=distance,
        threshold=verdict.threshold,
        variant=variant.name,
        variant_exact=variant.exact,
        query_quality=variant.hash.quality,
        stored_quality=hit.hash.quality,
        expected_false_matches=expected,
        contradicting=(),
        asserted_by=hit.source,
        media=hit.media,
        reason=verdict.reason,
        stored_frame=hit.hash.frame,
        stored_time_s=hit.hash.time_s,
    )
