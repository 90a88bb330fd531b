"""When frames that agree are a match of two videos. docs/video.md says what was measured."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from hashmatch.errors import InputError, InputTypeError
from hashmatch.matching.thresholds import whole_number

_LARGEST_MS = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class VideoThresholds:
    """Thresholds of videos; those of single frames are the policy's own.

    A share is of the informative part of the query or of the stored video, whichever is larger.

    Attributes:
        interval_s: one frame is hashed for each so many seconds of a query; 0: every frame.
        min_frames: different frames that have to agree in order, so that a share counts.
        min_percent: share from which on a video is MATCH.
        min_matched_ms: or the time that agrees in order from which on it is, whatever the share.
        review_min_frames, review_min_matched_ms: the same for POSSIBLE; both have to be reached.
        tmk_level1, tmk_level2: scores of TMK+PDQF from which on a whole video is MATCH.
        tmk_review: level-2 score from which on it is POSSIBLE; at most ``tmk_level2``.
        max_registered_frames: frames of one video that registration may be tried for.

    Raises:
        InputError, InputTypeError: a value is out of its range or of another type, or a review
            threshold is above its other one.
    """

    interval_s: float = 0.125
    min_frames: int = 2
    min_percent: int = 50
    min_matched_ms: int = 15_000
    review_min_frames: int = 1
    review_min_matched_ms: int = 0
    tmk_level1: float = 0.9
    tmk_level2: float = 0.9
    tmk_review: float = 0.9
    max_registered_frames: int = 16

    def __post_init__(self) -> None:
        for name, upper in (
            ("min_frames", 1_000_000),
            ("min_percent", 100),
            ("min_matched_ms", _LARGEST_MS),
            ("review_min_frames", 1_000_000),
            ("review_min_matched_ms", _LARGEST_MS),
            ("max_registered_frames", 1_000),
        ):
            whole_number(getattr(self, name), name, upper)
        for name, upper in (
            ("interval_s", 3600),
            ("tmk_level1", 1),
            ("tmk_level2", 1),
            ("tmk_review", 1),
        ):
            object.__setattr__(self, name, _number(getattr(self, name), name, upper))
        for review, match in (
            ("review_min_frames", "min_frames"),
            ("review_min_matched_ms", "min_matched_ms"),
            ("tmk_review", "tmk_level2"),
        ):
            if getattr(self, review) > getattr(self, match):
                raise InputError(
                    f"{review}: expected at most {match} ({getattr(self, match)}), "
                    f"got {getattr(self, review)}"
                )

    def to_dict(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


def _number(value: Any, name: str, upper: int) -> float:
    """The value as a float, so that 1 and 1.0 are one policy."""
    expected = f"{name}: expected a number 0..{upper}, got {value!r}"
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise InputTypeError(expected)
    if not 0 <= value <= upper:  # also refuses NaN
        raise InputError(expected)
    return float(value)
