"""What is passed over makes no difference: the same frames as if everything were decoded."""

from __future__ import annotations

import io
from typing import Any

import pytest
from clips import av, make_clip, scene
from hypothesis import given, settings
from hypothesis import strategies as st

from hashmatch.decode import VideoReader, video, video_planning
from hashmatch.decode.video_model import VideoReport

X265 = "log-level=none:keyint=30:bframes=4:b-adapt=0:scenecut=0"
STREAMS: dict[str, tuple[str, dict[str, Any]]] = {
    "h264": ("libx264", {"options": {"preset": "veryfast"}, "gop": 25}),
    "h264 pyramid": (
        "libx264",
        {"options": {"x264-params": "bframes=5:b-pyramid=normal:ref=4:b-adapt=0:keyint=40"}},
    ),
    "h264 open": (
        "libx264",
        {"options": {"x264-params": "open-gop=1:bframes=3:ref=4:b-adapt=0:keyint=20:scenecut=0"}},
    ),
    "h264 long": ("libx264", {"options": {"preset": "veryfast"}, "gop": 250}),
    "h264 refresh": (
        "libx264",
        {"options": {"x264-params": "intra-refresh=1:bframes=0:keyint=30"}},
    ),
    "h265 open": ("libx265", {"options": {"preset": "ultrafast", "x265-params": X265}}),
    "h265 closed": (
        "libx265",
        {"options": {"preset": "ultrafast", "x265-params": f"{X265}:open-gop=0"}},
    ),
    "h265 layers": (
        "libx265",
        {"options": {"preset": "ultrafast", "x265-params": f"{X265}:temporal-layers=3"}},
    ),
    "mpeg4": ("mpeg4", {"options": {"bf": "2"}, "gop": 12}),
    "mpeg2": ("mpeg2video", {"options": {"bf": "2"}, "gop": 12, "fps": 25}),
    "vp8": (
        "libvpx",
        {"options": {"deadline": "good", "cpu-used": "5", "auto-alt-ref": "1"}, "gop": 30},
    ),
    "vp9": (
        "libvpx-vp9",
        {"options": {"deadline": "realtime", "cpu-used": "8", "auto-alt-ref": "1"}, "gop": 30},
    ),
    "av1": ("libsvtav1", {"options": {"preset": "12", "svtav1-params": "keyint=16"}}),
    "intra": ("mjpeg", {"pix_fmt": "yuvj420p"}),
}
CASES = [
    ("h264", "mp4"),
    ("h264", "mpegts"),
    ("h264", "flv"),
    ("h264 pyramid", "matroska"),
    ("h264 open", "mp4"),
    ("h264 open", "mpegts"),
    ("h264 long", "mp4"),
    ("h264 refresh", "matroska"),
    ("h265 open", "mp4"),
    ("h265 open", "mpegts"),
    ("h265 closed", "matroska"),
    ("h265 layers", "mp4"),
    ("mpeg4", "mp4"),
    ("mpeg2", "mpegts"),
    ("vp8", "matroska"),
    ("vp9", "matroska"),
    ("av1", "mp4"),
    ("intra", "mov"),
]
SAMPLINGS: list[dict[str, Any]] = [
    {"interval_s": 1.0},
    {"interval_s": 0.35},
    {"interval_s": 3.3},
    {"every": 7},
]
PICTURES = list(scene(3, 100, height=64, width=64))

Read = list[tuple[int, int, int, bytes]]


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SVT_LOG", "0")


def read(data: bytes, **options: Any) -> tuple[Read, VideoReport]:
    with VideoReader(io.BytesIO(data), **options) as reader:
        frames = [(f.number, f.time_ms, f.end_ms, f.pixels.tobytes()) for f in reader]
        return frames, reader.report


def both(data: bytes, **options: Any) -> tuple[VideoReport, VideoReport]:
    """Reads planned and in full, compares, and gives both accounts."""
    frames, planned = read(data, **options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(video, "can_plan", lambda _: False)
        expected, full = read(data, **options)
    assert full.used == "every frame"
    assert [frame[:3] for frame in frames] == [frame[:3] for frame in expected]
    assert frames == expected
    assert (planned.n_frames, planned.duration_ms) == (full.n_frames, full.duration_ms)
    assert (planned.n_broken, planned.n_untimed) == (0, 0)
    assert full.n_decoded == full.n_frames
    return planned, full


@pytest.mark.parametrize(("name", "container"), CASES)
def test_planned_is_the_same_as_everything(name: str, container: str) -> None:
    codec, options = STREAMS[name]
    data = make_clip(PICTURES, codec=codec, container=container, **options)
    for sampling in SAMPLINGS:
        planned, full = both(data, **sampling)
        assert planned.used == "planned"
        assert planned.n_decoded <= full.n_decoded
    assert planned.n_decoded < full.n_decoded


@given(
    st.data(),
    st.integers(0, 3),
    st.booleans(),
    st.integers(3, 60),
    st.sampled_from(["mp4", "matroska", "mpegts"]),
)
@settings(max_examples=20)
def test_any_structure_and_any_times(
    data: st.DataObject, n_b: int, is_open: bool, keyint: int, container: str
) -> None:
    steps = data.draw(st.lists(st.integers(4, 700), min_size=2, max_size=60))
    times = [sum(steps[:k]) for k in range(len(steps))]
    interval_s = data.draw(st.floats(0.1, 5))
    every = data.draw(st.none() | st.integers(2, 20))
    parameters = f"bframes={n_b}:open-gop={int(is_open)}:keyint={keyint}:min-keyint=1:b-adapt=0"
    clip = make_clip(
        PICTURES[: len(times)],
        times=times,
        codec="libx264",
        container=container,
        options={"preset": "ultrafast", "x264-params": parameters},
    )
    both(clip, interval_s=interval_s, every=every)


def test_groups_without_a_taken_frame_are_passed_over() -> None:
    data = make_clip(
        PICTURES, fps=10, codec="libx264", options={"x264-params": "keyint=10:scenecut=0"}
    )
    planned, _ = both(data, interval_s=1.0)
    assert planned.n_decoded == 10
    planned, _ = both(data, interval_s=5.0)
    assert planned.n_decoded == 2


@pytest.mark.parametrize("limit", [40, 12])
def test_long_groups_are_cut_and_those_that_can_not_be_are_decoded(
    monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(video_planning, "LONGEST_GROUP", limit)
    data = make_clip(
        PICTURES, codec="libx264", options={"x264-params": "keyint=250:bframes=3:b-adapt=0"}
    )
    planned, full = both(data, interval_s=1.0)
    assert planned.used == "planned"
    assert planned.n_decoded < full.n_decoded
    monkeypatch.setattr(video_planning, "LARGEST_GROUP", 1)
    monkeypatch.setattr(video_planning, "_last_cut", lambda *_: None)
    given_up, _ = both(data, interval_s=1.0)
    assert given_up.used == "every frame"


def test_a_recording_that_begins_anywhere() -> None:
    """A transport stream without its first packets: no frame before the first entry."""
    data = make_clip(
        PICTURES,
        codec="libx264",
        container="mpegts",
        fps=25,
        options={"x264-params": "keyint=20:bframes=2:scenecut=0"},
    )
    part = data[188 * (len(data) // 188 // 3) :]
    frames, planned = read(part, interval_s=0.2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(video, "can_plan", lambda _: False)
        expected, full = read(part, interval_s=0.2)
    assert frames == expected
    assert 0 < planned.n_frames == full.n_frames < 100


def test_a_clock_that_is_set_anew_is_decoded_in_full_from_there() -> None:
    parts = [
        make_clip(scene(k, 30, height=64, width=64), codec="libx264", container="mpegts", fps=25)
        for k in (1, 2)
    ]
    frames, report = read(b"".join(parts), interval_s=0.5)
    assert report.used == "every frame"
    assert report.n_frames == 60
    assert [frame[1] for frame in frames] == [0, 520, 1000, 1520, 2000]
    assert [frame[0] for frame in frames] == [0, 13, 25, 38, 50]


def test_sound_beside_the_video_changes_nothing() -> None:
    data = make_clip(PICTURES, codec="libx264", gop=10, audio="aac")
    planned, _ = both(data, interval_s=1.0)
    assert planned.used == "planned"


@pytest.mark.parametrize("n_cut", [3, 35])
def test_frames_that_an_edit_list_takes_out(n_cut: int) -> None:
    """They are decoded for what rests on them, and are no frames: the first one shown is at 0."""
    data = make_clip(
        PICTURES, codec="libx264", options={"x264-params": "keyint=30:bframes=3:b-adapt=0"}
    )
    stream = io.BytesIO()
    options = {"avoid_negative_ts": "disabled"}
    with (
        av.open(io.BytesIO(data)) as source,
        av.open(stream, "w", format="mp4", options=options) as out,
    ):
        (video,) = source.streams
        copy = out.add_stream_from_template(video)
        back = n_cut * round(1 / (10 * video.time_base))
        for packet in source.demux(video):
            if packet.dts is not None:
                packet.pts, packet.dts, packet.stream = packet.pts - back, packet.dts - back, copy
                out.mux(packet)
    planned, full = both(stream.getvalue(), interval_s=1.0)
    assert planned.used == "planned"
    assert full.n_frames == 100 - n_cut
