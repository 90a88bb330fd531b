"""Known media that a query is (by digest) or looks like (by perceptual hash)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hashmatch.database import HashesAt, HashHit, MediaView, SnapshotView
from hashmatch.index import SearchResult
from hashmatch.matching.calibration import expected_false_matches
from hashmatch.matching.policy import IGNORABLE, Alert, MatchPolicy
from hashmatch.matching.result import CheckStatus, Match, MatchKind
from hashmatch.matching.variants import Variant
from hashmatch.types import Digests


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


def near_hashes(hashes: HashesAt, variants: Sequence[Variant], policy: MatchPolicy) -> SearchResult:
    """Stored hashes within the review radius, variant by variant; at least one variant."""
    queries = np.stack([np.frombuffer(v.hash.value, dtype=np.uint8) for v in variants])
    return hashes.range_search(queries, policy.review_max_distance)


def match_hashes(
    view: SnapshotView, hashes: HashesAt, variants: Sequence[Variant], policy: MatchPolicy
) -> list[Match]:
    """Media with a hash within the review radius of any variant, nearest first.

    Of each medium, its nearest pair of variant and stored hash; ties go to the earlier variant.
    """
    if not variants:
        return []
    found = near_hashes(hashes, variants, policy)
    hits = view.media_by_hash_ids(int(hash_id) for hash_id in found.ids)
    nearest: dict[int, tuple[int, int, int, HashHit]] = {}
    for number in range(len(variants)):
        for hash_id, distance in zip(*found.of(number), strict=True):
            hit = hits.get(int(hash_id))
            if hit is None or _too_little(hit, policy):
                continue
            candidate = (int(distance), number, int(hash_id), hit)
            best = nearest.get(hit.media.media_id)
            if best is None or candidate[:3] < best[:3]:
                nearest[hit.media.media_id] = candidate
    return [
        _hash_match(hit, variants[number], distance, len(hashes), len(variants), policy)
        for distance, number, _, hit in sorted(nearest.values(), key=lambda c: c[:3])
    ]


def one_per_media(by_digest: Sequence[Match], by_hash: Sequence[Match]) -> list[Match]:
    """One match for each media, the digest's; but a doubtful digest never hides a confident hash.

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
    return [*kept, *(m for m in by_hash if m.media.media_id not in known)]


def _too_little(hit: HashHit, policy: MatchPolicy) -> bool:
    return hit.hash.quality is not None and hit.hash.quality < policy.min_quality


def _alert(media: MediaView, policy: MatchPolicy) -> Alert:
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
        alert=_alert(media, policy),
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
    )


def _hash_match(
    hit: HashHit,
    variant: Variant,
    distance: int,
    n_entries: int,
    n_variants: int,
    policy: MatchPolicy,
) -> Match:
    confident = distance <= policy.max_distance
    return Match(
        kind=MatchKind.HASH,
        status=CheckStatus.MATCH if confident else CheckStatus.POSSIBLE,
        alert=_alert(hit.media, policy),
        algorithm=hit.hash.algorithm,
        query_value=variant.hash.hex,
        stored_value=hit.hash.hex,
        distance=distance,
        threshold=policy.max_distance if confident else policy.review_max_distance,
        variant=variant.name,
        variant_exact=variant.exact,
        query_quality=variant.hash.quality,
        stored_quality=hit.hash.quality,
        expected_false_matches=expected_false_matches(
            distance, n_entries=n_entries, n_variants=n_variants
        ),
        contradicting=(),
        asserted_by=hit.source,
        media=hit.media,
    )
