"""An explanation of a video's check: its segments in words. Farther frames are not looked at."""

from __future__ import annotations

from collections.abc import Iterator

from hashmatch.matching.explaining import Explanation
from hashmatch.matching.explaining_steps import Step
from hashmatch.matching.question import Question
from hashmatch.matching.result import CheckResult, Match, MatchKind
from hashmatch.matching.stages import Stages
from hashmatch.matching.thresholds import PDQ
from hashmatch.types import Digests


def explained_video(result: CheckResult, stages: Stages) -> Explanation:
    """The explanation of a video's answer: what was compared, and each match by its segments."""
    question = Question(Digests(**result.query_digests))
    return Explanation(result, tuple(_steps(result)), None, (), stages.ms, question)


def _steps(result: CheckResult) -> Iterator[Step]:
    by_digest = [m for m in result.matches if m.kind is MatchKind.DIGEST]
    yield Step("digests", bool(result.query_digests), False, f"{len(by_digest)} media share one")
    found = [m for m in result.matches if m.video is not None]
    yield Step(
        name="frames of the video",
        done=result.n_variants > 0,
        for_explanation=False,
        said="; ".join([*(_told(m) for m in found), *result.gates]) or "no frame is near",
        algorithm=PDQ,
        radius=result.policy.review_max_distance,
        n_forms=result.n_variants,
        n_entries=result.n_entries,
        n_found=len(found),
    )


def _told(match: Match) -> str:
    parts = [segment.describe() for segment in match.video.segments] if match.video else []
    why = f" ({match.reason})" if match.reason else ""
    return f"media {match.media.media_id}: {match.status.value}{why}: {', '.join(parts)}"
