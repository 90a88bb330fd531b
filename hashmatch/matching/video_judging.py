"""Whether what agrees of two videos is a match, and what makes it doubtful.

Different works share a few seconds: an intro, a black or white beginning, a test card. So frames
count by the time that they stand for, and by how much of either video that is.
"""

from __future__ import annotations

from hashmatch.matching.policy import MatchPolicy
from hashmatch.matching.result import CheckStatus
from hashmatch.matching.video_evidence import time_text
from hashmatch.matching.video_measuring import Measured
from hashmatch.matching.video_stored import NONE, StoredVideo
from hashmatch.matching.video_timeline import is_one_picture
from hashmatch.types import MediaKind

FEW_FRAMES = 3
"""Frames up to which a query is some pictures, and their order says nothing."""

Verdict = tuple[CheckStatus, str | None]


def judge_video(
    policy: MatchPolicy,
    found: Measured,
    stored: StoredVideo,
    kind: MediaKind,
    *,
    n_compared: int,
    is_still: bool,
) -> Verdict | None:
    """Status, and why it is not MATCH; None: too little to be told.

    Args:
        kind: of the known medium.
        n_compared: informative frames of the query.
        is_still: whether all frames of the query show one picture.
    """
    video, evidence = policy.video, found.evidence
    n_frames = evidence.n_frames + evidence.n_loose
    few_and_all = n_compared <= FEW_FRAMES and n_frames == n_compared
    if is_still or few_and_all or _is_picture(stored, kind):
        return CheckStatus.MATCH, None
    share = max(found.query_percent, found.stored_percent)
    if found.n_distinct >= video.min_frames:
        long_enough = stored.clock != NONE and found.matched_ms >= video.min_matched_ms
        if share >= video.min_percent or long_enough:
            return CheckStatus.MATCH, None
    enough = n_frames >= video.review_min_frames
    if not enough or evidence.matched_ms < video.review_min_matched_ms:
        return None
    return CheckStatus.POSSIBLE, _why(found, stored)


def _is_picture(stored: StoredVideo, kind: MediaKind) -> bool:
    """Whether what is known is one picture, so that any frame that shows it is a match."""
    values = stored.frames.values[stored.informative]
    if kind is MediaKind.IMAGE:
        return True
    # A video of which a list has one frame is more than that frame.
    return (len(values) > 1 or kind is not MediaKind.VIDEO) and is_one_picture(values)


def _why(found: Measured, stored: StoredVideo) -> str:
    evidence = found.evidence
    n_frames = evidence.n_frames + evidence.n_loose
    if n_frames == 1:
        return "a single frame agrees"
    if stored.clock == NONE:
        matched, of = evidence.n_stored_matched, evidence.n_stored
        return f"{matched} of {of} frames agree, and the list gives them no order"
    if not found.matched_ms:
        few = f"only {n_frames} frames agree"
        return f"{n_frames} frames agree, but not in the same order" if evidence.n_loose else few
    return (
        f"only {time_text(found.matched_ms)} agree in order: {found.query_percent:g} % of the "
        f"query, {found.stored_percent:g} % of the known video"
    )
