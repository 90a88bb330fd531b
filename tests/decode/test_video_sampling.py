"""Which frames are taken: by time, each tick served once."""

from __future__ import annotations

import io
from fractions import Fraction
from itertools import pairwise

import pytest
from clips import make_clip, scene
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.decode import VideoReader
from hashmatch.decode.video_sampling import SLACK_MS
from hashmatch.decode.video_timeline import Timeline

MILLISECONDS = Fraction(1, 1000)
TIMES = st.lists(st.integers(1, 3000), min_size=1, max_size=60).map(
    lambda steps: [sum(steps[:k]) for k in range(len(steps))]
)


def taken(times: list[int], interval_s: float, *, first: int = 0) -> list[int]:
    timeline = Timeline(MILLISECONDS, None, interval_s, None)
    entries = [timeline.place(first + ms, None) for ms in times]
    return [entry.at for entry in entries if entry.taken]


@given(TIMES, st.sampled_from([0.1, 0.5, 1.0, 2.5]), st.integers(-5000, 5000))
def test_each_tick_is_served_by_the_first_frame_after_it(
    times: list[int], interval_s: float, first: int
) -> None:
    expected: list[int] = []
    ticks = [k * interval_s * 1000 for k in range(int(times[-1] / interval_s / 1000) + 2)]
    for tick in ticks:
        later = [ms for ms in times if ms + SLACK_MS >= tick]
        if later and later[0] not in expected:
            expected.append(later[0])
    assert taken(times, interval_s, first=first) == expected


def test_a_long_frame_serves_the_ticks_that_pass_in_it_once() -> None:
    assert taken([0, 5300, 5400, 6000, 6100], 1.0) == [0, 5300, 6000]


def test_a_time_that_was_rounded_down_still_serves_its_tick() -> None:
    assert taken([0, 500, 999, 1040], 1.0) == [0, 999]
    assert taken([0, 500, 998, 1040], 1.0) == [0, 1040]


def test_an_interval_of_nothing_takes_everything() -> None:
    assert taken([0, 1, 2, 500], 0) == [0, 1, 2, 500]


@given(st.lists(st.one_of(st.none(), st.integers(-(10**6), 10**6)), min_size=1, max_size=40))
def test_times_only_go_forward(stamps: list[int | None]) -> None:
    """Whatever a file says: missing times, times twice, a clock that is set anew."""
    timeline = Timeline(MILLISECONDS, Fraction(25), 1.0, None)
    places = [timeline.place(stamp, None) for stamp in stamps]
    assert [entry.number for entry in places] == list(range(len(stamps)))
    assert places[0].at == 0
    assert all(a.at < b.at for a, b in pairwise(places))
    assert timeline.n_untimed >= stamps.count(None)


def test_after_a_clock_that_was_set_anew_the_frames_follow_on() -> None:
    timeline = Timeline(MILLISECONDS, Fraction(25), 1.0, None)
    places = [timeline.place(stamp, 40).at for stamp in (90_000, 90_040, 0, 40, 80)]
    assert places == [0, 40, 80, 120, 160]
    assert timeline.n_untimed == 1


def test_variable_rate_is_sampled_by_time() -> None:
    times = [0, 40, 80, 900, 1010, 1050, 3500, 3540, 4000, 4040, 4080, 9000]
    for container in ("matroska", "mp4"):
        data = make_clip(
            scene(1, len(times)), times=times, codec="libx264", container=container, gop=4
        )
        with VideoReader(io.BytesIO(data), interval_s=1.0) as reader:
            frames = [(frame.number, frame.time_ms, frame.end_ms) for frame in reader]
            assert reader.report.n_frames == len(times)
        assert [frame[:2] for frame in frames] == [
            (0, 0),
            (4, 1010),
            (6, 3500),
            (8, 4000),
            (11, 9000),
        ]
        assert [end for _, _, end in frames[:-1]] == [40, 1050, 3540, 4040]


@pytest.mark.parametrize("every", [1, 3, 10, 100])
def test_every_nth_frame_by_number(every: int) -> None:
    data = make_clip(scene(1, 25), codec="libx264", gop=12)
    with VideoReader(io.BytesIO(data), every=every) as reader:
        assert [frame.number for frame in reader] == list(range(0, 25, every))


@pytest.mark.parametrize("leap", [86_400_100, 2**40, 2**62, -(2**62)])
def test_a_stamp_beyond_all_reason_is_derived(leap: int) -> None:
    """One broken stamp, or all from one on: times go on at the rate, and stay numbers of days."""
    timeline = Timeline(MILLISECONDS, Fraction(25), 1.0, None)
    stamps = [0, 40, 80, leap, leap + 40, 200]
    times = [timeline.place(stamp, 40).at for stamp in stamps]
    assert times == [0, 40, 80, 120, 160, 200]
    assert timeline.n_untimed >= 1


def test_a_duration_beyond_all_reason_is_the_usual_one() -> None:
    timeline = Timeline(MILLISECONDS, Fraction(25), 1.0, None)
    for duration in (2**62, 0, -5, None):
        assert timeline.place(None, duration).lasts == 40
    assert timeline.place(None, 86_400_000).lasts == 86_400_000
