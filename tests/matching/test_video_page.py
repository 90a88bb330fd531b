"""docs/video.md states the numbers that the code has."""

from __future__ import annotations

from pathlib import Path

import pytest

from hashmatch.matching import (
    MatchPolicy,
    video_judging,
    video_lines,
    video_measuring,
    video_near,
    video_runs,
    video_timeline,
    video_tmk,
    video_votes,
    video_widening,
)


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    text = (root / "docs" / "video.md").read_text(encoding="utf-8")
    return " ".join(text[text.index("## Matching") :].split())


def test_bounds(page: str) -> None:
    assert video_near.TURNED_EVERY_MS == 250
    assert video_votes._CONSISTENT == 0.6
    few, different = video_measuring._STURDY
    for said in (
        "of each quarter of a second one in the seven other orientations",
        f"at most {video_runs.MOST_RUNS} runs",
        f"another speed ({video_lines.SLOWEST} to {video_lines.FASTEST})",
        "(more than 40 %)",
        f"at most {video_votes._MOST_LINES} lines",
        f"the {video_widening.MOST_WIDENED} known videos",
        f"no more than {video_judging.FEW_FRAMES}",
        f"has {few[0]} frames and is {few[2]} sampling intervals long",
        f"shows {different[1]} different stored frames and is {different[2]} intervals long",
        f"if {video_timeline.DISTINCT_BITS} bits lie",
        f"at most {video_tmk.MOST_COMPARED}",
    ):
        assert said in page, said


def test_thresholds(page: str) -> None:
    video = MatchPolicy().video
    assert f"Hence {video.interval_s} s." in page
    assert f"so the default is {video.tmk_level2:g}" in page
    assert f"shorter than {video.min_matched_ms // 1000} s" in page
    assert (video.min_percent, "half of both" in page) == (50, True)
    for name in (
        *("interval_s", "min_frames", "min_percent", "min_matched_ms", "review_min_frames"),
        *("review_min_matched_ms", "max_registered_frames", "tmk_level1", "tmk_level2"),
    ):
        assert hasattr(video, name)
        assert f"`{name}`" in page
