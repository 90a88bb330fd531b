"""The status of a whole answer, and why it is no better."""

from __future__ import annotations

from hashmatch.fingerprinting import (
    Fingerprint,
    FingerprintStatus,
    ImageFingerprint,
    VideoFingerprint,
)
from hashmatch.matching.base import Found
from hashmatch.matching.policy import Level, MatchPolicy
from hashmatch.matching.question import Question
from hashmatch.matching.result import CheckStatus
from hashmatch.matching.video_question import VideoQuestion

_FAILURES = (
    FingerprintStatus.UNSUPPORTED,
    FingerprintStatus.CORRUPT,
    FingerprintStatus.LIMIT,
    FingerprintStatus.TIMEOUT,
    FingerprintStatus.CRASHED,
    FingerprintStatus.NO_VIDEO,
    FingerprintStatus.EMPTY,
    FingerprintStatus.VANISHED,
    FingerprintStatus.PERMISSION,
    FingerprintStatus.UNREADABLE,
)
_BEST_FIRST = (CheckStatus.MATCH, CheckStatus.POSSIBLE, CheckStatus.KNOWN_IGNORABLE)


def outcome_of(
    policy: MatchPolicy, question: Question, found: Found, fingerprint: ImageFingerprint | None
) -> tuple[CheckStatus, str | None]:
    """The best status of the matches, or why there is none; and what has to be known of it.

    Where nothing is found, the policy's own algorithm decides whether the picture says too little:
    what another hash lacks stands among the answer's gates.
    """
    reached = _best(found)
    if reached is not None:
        return reached, _caution(fingerprint)
    main = policy.algorithm
    if fingerprint is not None and fingerprint.status in _FAILURES:
        all_that_counts = policy.level is Level.DIGEST and fingerprint.digests
        if not all_that_counts:
            return CheckStatus.FAILED, fingerprint.reason
    is_small = fingerprint is not None and fingerprint.status is FingerprintStatus.TOO_SMALL
    if fingerprint is not None and is_small and main not in fingerprint.hashes:
        return CheckStatus.LOW_INFORMATION, fingerprint.reason
    if main in question.low or (question.low and not question.variants):
        return CheckStatus.LOW_INFORMATION, "; ".join(question.low.values())
    return CheckStatus.NO_MATCH, _caution(fingerprint)


def video_outcome_of(
    policy: MatchPolicy, question: VideoQuestion, found: Found, fingerprint: VideoFingerprint
) -> tuple[CheckStatus, str | None]:
    """The same of a video: it says too little where none of its frames says enough."""
    reached = _best(found)
    if reached is not None:
        return reached, _caution(fingerprint)
    if fingerprint.status in _FAILURES:
        if not (policy.level is Level.DIGEST and fingerprint.digests):
            return CheckStatus.FAILED, fingerprint.reason
    elif fingerprint.status is FingerprintStatus.TOO_SMALL and not len(question.line):
        return CheckStatus.LOW_INFORMATION, fingerprint.reason
    if question.low is not None:
        return CheckStatus.LOW_INFORMATION, question.low
    return CheckStatus.NO_MATCH, _caution(fingerprint)


def _best(found: Found) -> CheckStatus | None:
    reached = {match.status for match in found.matches}
    if found.known_sets:
        reached.add(CheckStatus.KNOWN_IGNORABLE)
    return next((status for status in _BEST_FIRST if status in reached), None)


def _caution(fingerprint: Fingerprint | None) -> str | None:
    """What has to be known of an answer that rests on a part of the medium."""
    partly = (FingerprintStatus.TRUNCATED, FingerprintStatus.PARTIAL)
    if fingerprint is None or fingerprint.status not in partly:
        return None
    return f"{fingerprint.status.value}: {fingerprint.reason}"
