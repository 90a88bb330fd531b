"""Known videos by TMK+PDQF of the whole: level 1 with all, level 2 with those that are near."""

from __future__ import annotations

import base64
from collections.abc import Iterable

from hashmatch.database import HashHit, SnapshotView, TmkAt
from hashmatch.errors import HashmatchError
from hashmatch.hashing import TmkFeatures, tmk_level2
from hashmatch.matching.policy import MatchPolicy
from hashmatch.matching.result import CheckStatus, Match, MatchKind
from hashmatch.matching.search import alert_of
from hashmatch.matching.video_evidence import VideoEvidence

TMK = "tmk"
MOST_COMPARED = 500
"""Known videos that one check compares at level 2, those nearest at level 1."""
_FRAME_MS = 1000 / 15


def query_features(tmk: bytes | None) -> TmkFeatures | None:
    """The query's fingerprint, if it has one that can be read."""
    if tmk is None:
        return None
    try:
        return TmkFeatures.from_bytes(tmk)
    except HashmatchError:
        return None


def match_tmk(
    view: SnapshotView, known: TmkAt, query: TmkFeatures, policy: MatchPolicy
) -> tuple[list[Match], tuple[str, ...]]:
    """Media whose whole fingerprint is like the query's, best first; and what was left out."""
    video, gates = policy.video, []
    ids, cosines = known.near(query.average, video.tmk_level1)
    level1 = dict(zip(ids.tolist(), cosines.tolist(), strict=True))
    nearest = sorted(level1, key=lambda one: (-level1[one], one))
    if len(nearest) > MOST_COMPARED:
        gates.append(
            f"tmk: {len(nearest)} known videos are near at level 1: the nearest {MOST_COMPARED} "
            "were compared at level 2"
        )
        nearest = nearest[:MOST_COMPARED]
    best: dict[int, Match] = {}
    n_bare = 0
    for hash_id, hit in sorted(view.media_by_hash_ids(nearest).items()):
        stored = _stored_features(hit)
        if stored is None:
            n_bare += 1
            continue
        score, offset = tmk_level2(query, stored)
        if score < video.tmk_review:
            continue
        made = _match(hit, query, (level1[hash_id], score, offset), policy)
        other = best.get(hit.media.media_id)
        if other is None or _score(made) > _score(other):
            best[hit.media.media_id] = made
    if n_bare:
        gates.append(f"tmk: {n_bare} near entries have level 1 alone and were left out")
    matches = sorted(best.values(), key=lambda one: (-_score(one), one.media.media_id))
    return matches, tuple(gates)


def with_tmk(by_frames: Iterable[Match], by_tmk: Iterable[Match]) -> list[Match]:
    """One match for each media: the confident one, else that by frames."""
    made: dict[int, Match] = {}
    for match in (*by_frames, *by_tmk):
        other = made.get(match.media.media_id)
        if other is None or (other.doubtful and not match.doubtful):
            made[match.media.media_id] = match
    return sorted(made.values(), key=lambda one: one.doubtful)


def _stored_features(hit: HashHit) -> TmkFeatures | None:
    """Of the statement that has this level-1 feature the whole, as it came with the list."""
    for stored in hit.media.opinions:
        text = stored.extra.get(TMK)
        if text is None or stored.source != hit.source:
            continue
        try:
            features = TmkFeatures.from_bytes(base64.b64decode(text, validate=True))
        except (ValueError, HashmatchError):
            continue
        if features.average.astype("<f4").tobytes() == hit.hash.value:
            return features
    return None


def _match(
    hit: HashHit, query: TmkFeatures, found: tuple[float, float, int], policy: MatchPolicy
) -> Match:
    level1, level2, offset = found
    sure = level2 >= policy.video.tmk_level2
    reason = None if sure else f"tmk: level 2 {level2:.3f} is below {policy.video.tmk_level2:g}"
    evidence = VideoEvidence(
        clock="none",
        tmk_level1=round(level1, 6),
        tmk_level2=round(level2, 6),
        tmk_offset_ms=round(offset * _FRAME_MS),
    )
    return Match(
        kind=MatchKind.TMK,
        status=CheckStatus.MATCH if sure else CheckStatus.POSSIBLE,
        alert=alert_of(hit.media, policy),
        algorithm=TMK,
        query_value=query.average.astype("<f4").tobytes().hex(),
        stored_value=hit.hash.hex,
        distance=0,
        threshold=0,
        variant="original",
        variant_exact=True,
        query_quality=None,
        stored_quality=None,
        expected_false_matches=None,
        contradicting=(),
        asserted_by=hit.source,
        media=hit.media,
        reason=reason,
        video=evidence,
    )


def _score(match: Match) -> float:
    return (match.video.tmk_level2 if match.video else None) or 0.0
