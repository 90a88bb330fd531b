"""Matches of a video: one for each known medium, by its frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hashmatch.database import HashesAt, MediaView, SnapshotView
from hashmatch.matching.policy import MatchPolicy
from hashmatch.matching.result import CheckStatus, Match, MatchKind
from hashmatch.matching.search import alert_of
from hashmatch.matching.thresholds import PDQ
from hashmatch.matching.video_judging import Verdict, judge_video
from hashmatch.matching.video_measuring import Measured, measured, thinned
from hashmatch.matching.video_near import FramesNear
from hashmatch.matching.video_question import VideoQuestion
from hashmatch.matching.video_stored import StoredVideo, stored_videos
from hashmatch.matching.video_timeline import DISTINCT_BITS, Timeline, is_one_picture
from hashmatch.matching.video_widening import MOST_WIDENED, widened_video
from hashmatch.matching.widening import wide_radius


@dataclass(frozen=True, slots=True)
class _Judged:
    stored: StoredVideo
    found: Measured
    verdict: Verdict

    @property
    def doubtful(self) -> bool:
        return self.verdict[0] is not CheckStatus.MATCH

    @property
    def rank(self) -> tuple[bool, float, float, int, int]:
        """Smaller is better: confident, then by what agrees of either video."""
        found = self.found
        share = max(found.query_percent, found.stored_percent)
        return (
            self.doubtful,
            -share,
            -found.matched_ms,
            found.nearest[3],
            self.stored.statement_id,
        )


@dataclass(frozen=True, slots=True)
class Matched:
    """Matches by frames, confident ones first; what was left out; comparisons of frames beside
    those that found them."""

    matches: list[Match]
    gates: tuple[str, ...] = ()
    n_comparisons: int = 0


def match_frames(
    view: SnapshotView,
    hashes: HashesAt,
    near: FramesNear,
    question: VideoQuestion,
    policy: MatchPolicy,
) -> Matched:
    """Media whose frames agree with the query's."""
    if not len(near):
        return Matched([])
    videos, gates = stored_videos(view, hashes, near, policy, question.ms_per_frame)
    line = question.line
    if near.registered:
        tried = np.array([one.frame for one in question.views], np.int64)
        line = thinned(line, np.unique(tried))
    media = view.media({one.media_id for one in videos})
    best: dict[int, _Judged] = {}
    n_comparisons = n_widened = 0
    for video in videos:
        known = media.get(video.media_id)
        if known is None:
            continue
        judged = _judged(question, line, video, policy, known)
        sure = judged is not None and not judged.doubtful
        if policy.level.registers and not sure and n_widened < MOST_WIDENED:
            n_widened += 1
            wide = widened_video(video, question, policy)
            if wide is not None:
                n_comparisons += wide.near.n_comparisons
                judged = _better(judged, _judged(question, question.line, wide, policy, known))
        best_of_it = _better(best.get(video.media_id), judged)
        if best_of_it is not None:
            best[video.media_id] = best_of_it
    ordered = sorted(best.values(), key=lambda one: one.rank)
    names = _sources(view, ordered)
    matches = [_match(question, one, media, names, policy) for one in ordered]
    return Matched(matches, gates, n_comparisons)


def _better(one: _Judged | None, other: _Judged | None) -> _Judged | None:
    if one is None or other is None:
        return one or other
    return min(one, other, key=lambda judged: judged.rank)


def _judged(
    question: VideoQuestion,
    line: Timeline,
    video: StoredVideo,
    policy: MatchPolicy,
    media: MediaView,
) -> _Judged | None:
    """By the pairs that are matches of themselves; if that is no match, by all, for review."""
    least = policy.video.min_percent
    # Whatever was tried: all frames of the query. Of those that are one picture within the plain
    # radius, one is registered for all.
    bits = policy.max_distance if video.near.registered else DISTINCT_BITS
    is_still = is_one_picture(question.hashes[question.compared, 0], bits)
    sure = video.near.confident
    doubtful = None
    for which in (sure, np.ones(len(sure), np.bool_)):
        some = _with_pairs(video, which)
        if not len(some.near):
            continue
        found = measured(question, line, some, least)
        verdict = judge_video(
            policy,
            found,
            some,
            media.kind,
            n_compared=len(question.compared),
            is_still=is_still,
        )
        if verdict is None:
            continue
        if which is sure and (verdict[0] is CheckStatus.MATCH or sure.all()):
            return _Judged(some, found, verdict)
        reason = verdict[1] or f"only by frames beyond {policy.max_distance} bits or doubtful ones"
        doubtful = _Judged(some, found, (CheckStatus.POSSIBLE, reason))
    return doubtful


def _with_pairs(video: StoredVideo, which: NDArray[np.bool_]) -> StoredVideo:
    return replace(video, near=video.near.kept(which), places=video.places[which])


def _sources(view: SnapshotView, judged: Sequence[_Judged]) -> dict[int, str]:
    """Who states the nearest stored frame of each, by its id."""
    ids = [int(one.stored.frames.hash_ids[one.found.nearest[1]]) for one in judged]
    return {hash_id: hit.source for hash_id, hit in view.media_by_hash_ids(ids).items()}


def _match(
    question: VideoQuestion,
    one: _Judged,
    media: Mapping[int, MediaView],
    sources: Mapping[int, str],
    policy: MatchPolicy,
) -> Match:
    place, stored_place, variant, distance = one.found.nearest
    frames, (status, reason) = one.stored.frames, one.verdict
    known = media[one.stored.media_id]
    quality, number = int(frames.qualities[stored_place]), int(frames.numbers[stored_place])
    time_s = float(frames.times_s[stored_place])
    placed = one.stored.near.placed.get((place, int(frames.hash_ids[stored_place])))
    query = question.hashes[place, variant]
    threshold = policy.review_max_distance
    if placed is not None and placed.placement is not None:
        threshold = policy.registered_review_max_distance
    elif distance > threshold:
        threshold = wide_radius(policy)
    return Match(
        kind=MatchKind.FRAMES,
        status=status,
        alert=alert_of(known, policy),
        algorithm=PDQ,
        query_value=placed.query_value if placed else query.tobytes().hex(),
        stored_value=frames.values[stored_place].tobytes().hex(),
        distance=distance,
        threshold=threshold,
        variant=question.orientation(variant),
        variant_exact=question.exact or variant == 0,
        query_quality=int(question.qualities[place]),
        stored_quality=None if quality < 0 else quality,
        expected_false_matches=None,
        contradicting=(),
        asserted_by=sources.get(int(frames.hash_ids[stored_place])),
        media=known,
        reason=reason,
        stored_frame=None if number < 0 else number,
        stored_time_s=None if np.isnan(time_s) else time_s,
        query_time_ms=round(float(question.line.times[place])),
        placement=placed.placement if placed else None,
        refined_from=placed.refined_from if placed else None,
        adjusted_distance=placed.adjusted_distance if placed else None,
        video=one.found.evidence,
    )
