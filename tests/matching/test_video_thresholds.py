"""Thresholds of videos: what is refused, and that they are part of the policy."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from hashmatch.errors import InputError, InputTypeError
from hashmatch.matching import MatchPolicy, VideoThresholds


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("interval_s", -0.1),
        ("interval_s", float("nan")),
        ("interval_s", 3601),
        ("min_percent", 101),
        ("min_percent", -1),
        ("min_frames", 0),  # below review_min_frames
        ("min_matched_ms", -1),
        ("review_min_frames", 3),
        ("review_min_matched_ms", 15_001),
        ("tmk_level1", 1.01),
        ("tmk_level2", 0.89),  # below tmk_review
        ("tmk_review", 0.91),
        ("max_registered_frames", 1001),
    ],
)
def test_out_of_range(name: str, value: float) -> None:
    with pytest.raises(InputError, match=name.split("_")[0]):
        VideoThresholds(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["1", None, True, [1]])
@pytest.mark.parametrize("name", [field.name for field in fields(VideoThresholds)])
def test_of_another_type(name: str, value: Any) -> None:
    with pytest.raises(InputTypeError, match=name):
        VideoThresholds(**{name: value})


def test_part_of_the_policy() -> None:
    one = MatchPolicy(video=VideoThresholds(interval_s=1, min_percent=80))
    assert one.digest != MatchPolicy().digest
    assert MatchPolicy.from_toml(one.to_toml().encode()) == one
    assert one == MatchPolicy(video=VideoThresholds(interval_s=1.0, min_percent=80))
    for field in fields(VideoThresholds):
        value = getattr(one.video, field.name)
        other = value / 2 if isinstance(value, float) else value + 1
        if field.name in ("tmk_level2", "review_min_frames"):
            continue  # bound to another one
        values: dict[str, Any] = {field.name: other}
        changed = replace(one, video=replace(one.video, **values))
        assert changed.digest != one.digest, field.name
    with pytest.raises(InputTypeError, match="video"):
        MatchPolicy(video={"interval_s": 1})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[video]\ninterval = 1", "video.interval"),
        ("[video]\nmin_percent = 101", "video.min_percent"),
        ("[video]\nmin_percent = '50'", "video.min_percent"),
        ("video = 1", "video"),
    ],
)
def test_a_file_names_the_key(text: str, named: str) -> None:
    document = f'schema = "hashmatch.policy/1"\n{text}\n'
    with pytest.raises(InputError, match=named):
        MatchPolicy.from_toml(document.encode())
