"""A video's frames: which stream, at which times, with which pixels, which way up."""

from __future__ import annotations

import io
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from clips import av, make_clip, make_sound, scene, shots
from pictures import encoded, photograph

from hashmatch.decode import SNIFF_BYTES, Limits, VideoFrame, VideoReader, open_video, sniff
from hashmatch.errors import InputError, MediaLimitError, NoVideoError, UnsupportedMediaError
from hashmatch.hashing import ORIENTATIONS, pdq, pdq_plane

COVER = encoded(photograph(9, 80, 100), "JPEG")
TURNED = {
    "original": lambda shown: shown,
    "rotate90": lambda shown: np.rot90(shown, -1),
    "rotate180": lambda shown: np.rot90(shown, 2),
    "rotate270": lambda shown: np.rot90(shown, 1),
    "flip_x": np.flipud,
    "flip_y": np.fliplr,
    "flip_plus1": lambda shown: shown.swapaxes(0, 1),
    "flip_minus1": lambda shown: np.rot90(shown, 2).swapaxes(0, 1),
}
"""What is stored, so that the orientation turns it into what is shown."""


def frames_of(data: bytes, **options: Any) -> list[VideoFrame]:
    """All frames that are taken; their pixels are copied."""
    with VideoReader(io.BytesIO(data), **{"interval_s": 0, **options}) as reader:
        assert reader.report.n_frames >= 0
        return [kept(frame) for frame in reader]


def kept(frame: VideoFrame) -> VideoFrame:
    pixels = frame.pixels.copy()
    return VideoFrame(
        frame.number, frame.time_ms, frame.end_ms, pixels, frame.full_range, frame.orientation
    )


def hash_of(frame: VideoFrame) -> np.ndarray[Any, Any]:
    value, quality = pdq_plane(
        frame.pixels, full_range=frame.full_range, orientation=frame.orientation
    )
    assert quality > 0
    return value


def bits(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> int:
    return int(np.bitwise_count(a ^ b).sum())


def luma_of(frame: Any) -> np.ndarray[Any, Any]:
    """The first plane, row by row."""
    plane, size = frame.planes[0], 1 if frame.format.components[0].bits == 8 else 2
    data = bytes(plane)
    rows = [data[k * plane.line_size :][: frame.width * size] for k in range(frame.height)]
    return np.array([np.frombuffer(row, f"<u{size}") for row in rows])


def test_every_frame_has_its_number_and_its_time() -> None:
    frames = frames_of(make_clip(scene(1, 20), fps=10))
    assert [frame.number for frame in frames] == list(range(20))
    assert [frame.time_ms for frame in frames] == list(range(0, 2000, 100))
    assert [frame.end_ms for frame in frames] == list(range(100, 2100, 100))


@pytest.mark.parametrize(
    ("container", "codec"),
    [
        ("mp4", "libx264"),
        ("matroska", "libx264"),
        ("mpegts", "libx264"),
        ("flv", "libx264"),
        ("avi", "mpeg4"),
        ("asf", "wmv2"),
        ("mpeg", "mpeg2video"),
        ("ogg", "libvpx"),
        ("nut", "ffv1"),
        ("ivf", "libvpx-vp9"),
        ("mov", "prores_ks"),
        ("mxf", "mpeg2video"),
        ("h264", "libx264"),
        ("yuv4mpegpipe", "rawvideo"),
    ],
)
def test_all_containers_give_all_frames(container: str, codec: str) -> None:
    shown = list(shots([1, 2], 8))
    pix_fmt = "yuv422p10le" if codec == "prores_ks" else "yuv420p"
    data = make_clip(shown, codec=codec, container=container, fps=25, pix_fmt=pix_fmt)
    media = sniff(data[:SNIFF_BYTES])
    with open_video(io.BytesIO(data), media, interval_s=0) as reader:
        frames = [kept(frame) for frame in reader]
        assert reader.report.ended is None
        assert reader.report.n_broken == 0
    assert [frame.time_ms for frame in frames] == list(range(0, 640, 40))
    for frame, picture in zip(frames, shown, strict=True):
        assert bits(hash_of(frame), pdq(np.ascontiguousarray(picture))[0]) <= 31


def test_the_facts() -> None:
    data = make_clip(scene(1, 20), fps=10, codec="libx264", audio="aac", cover=COVER, rotation=90)
    with VideoReader(io.BytesIO(data)) as reader:
        facts = reader.facts
    assert (facts.container, facts.codec, facts.pixel_format) == ("mov", "h264", "yuv420p")
    assert (facts.width, facts.height, facts.orientation) == (128, 96, "rotate90")
    assert (facts.frame_rate, facts.declared_ms) == (10.0, 2000)
    assert facts.has_audio
    assert facts.cover_art == "mjpeg, 100x80"
    assert facts.n_video_streams == 1


def test_sound_first_and_frames_that_are_reordered() -> None:
    """Case V03: the last frames are still in the decoder when the packets end."""
    options = {"x264-params": "bframes=3:b-adapt=0"}
    for container in ("mp4", "matroska"):
        data = make_clip(
            scene(2, 10),
            codec="libx264",
            container=container,
            options=options,
            audio="aac",
            audio_first=True,
        )
        with av.open(io.BytesIO(data)) as file:
            assert [stream.type for stream in file.streams] == ["audio", "video"]
        assert [frame.time_ms for frame in frames_of(data)] == list(range(0, 1000, 100))


@pytest.mark.parametrize(
    ("data", "cover"),
    [
        (make_sound(), None),
        (make_sound(cover=COVER), "mjpeg, 100x80"),
        (make_sound(codec="libmp3lame", container="mp3", cover=COVER), "mjpeg, 100x80"),
        (make_sound(codec="flac", container="flac"), None),
        (make_sound(codec="pcm_s16le", container="wav"), None),
        (make_clip([], codec="libx264", audio="aac"), None),
    ],
    ids=["audio", "audio and cover", "mp3 and cover", "flac", "wav", "no frame"],
)
def test_files_without_moving_pictures(data: bytes, cover: str | None) -> None:
    """Case V02."""
    with pytest.raises(NoVideoError) as raised:
        open_video(io.BytesIO(data), sniff(data[:SNIFF_BYTES]))
    assert raised.value.cover_art == cover
    if cover is not None:
        assert cover in str(raised.value)


def test_one_frame_is_a_video() -> None:
    """Case V02."""
    (frame,) = frames_of(make_clip(scene(1, 1), codec="libx264"), interval_s=1.0)
    assert (frame.number, frame.time_ms) == (0, 0)
    assert frame.end_ms == 100


def test_a_picture_of_four_pixels_comes_out() -> None:
    """Case V12: that it is too small is for the hash to say."""
    tiny = [np.full((4, 4, 3), 40 * k, np.uint8) for k in range(3)]
    frames = frames_of(make_clip(tiny, codec="ffv1", container="matroska"))
    assert [frame.pixels.shape for frame in frames] == [(4, 4)] * 3


@pytest.mark.parametrize(("height", "width"), [(53, 71), (96, 130), (45, 8)])
@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv444p", "yuv422p", "gray", "yuv420p10le"])
def test_luma_is_what_the_decoder_gave(height: int, width: int, pix_fmt: str) -> None:
    """Case V01, and every width: rows are padded, and the padding is no pixel."""
    data = make_clip(
        [photograph(k, height, width) for k in range(2)],
        codec="ffv1",
        container="matroska",
        pix_fmt=pix_fmt,
    )
    with av.open(io.BytesIO(data)) as file:
        expected = [luma_of(frame) for frame in file.decode(video=0)]
    for frame, luma in zip(frames_of(data), expected, strict=True):
        assert frame.pixels.strides[1] == 1
        assert np.array_equal(frame.pixels, luma >> 2 if pix_fmt.endswith("10le") else luma)
        assert frame.full_range == (pix_fmt == "gray")


def test_padded_rows_of_the_corpus(corpus: Path) -> None:
    """Case V01."""
    path = corpus / "video" / "test-padded-dimensions.mp4"
    with av.open(str(path)) as file:
        expected = [luma_of(frame) for frame in islice(file.decode(video=0), 4)]
    with path.open("rb") as stream, VideoReader(stream, interval_s=0) as reader:
        frames = [kept(frame) for frame in islice(reader, 4)]
    assert frames[0].pixels.shape[1] % 32
    assert all(np.array_equal(f.pixels, y) for f, y in zip(frames, expected, strict=True))


def test_full_and_limited_range_are_told_apart() -> None:
    picture = photograph(3, 96, 128)
    full = frames_of(make_clip([picture], codec="mjpeg", container="avi", pix_fmt="yuvj420p"))[0]
    limited = frames_of(make_clip([picture], codec="mpeg4"))[0]
    assert (full.full_range, limited.full_range) == (True, False)
    assert bits(hash_of(full), hash_of(limited)) <= 16
    assert full.pixels.min() < limited.pixels.min()


@pytest.mark.parametrize(
    ("codec", "container", "pix_fmt"),
    [
        ("ffv1", "nut", "bgr0"),
        ("ffv1", "nut", "bgra"),
        ("png", "mov", "rgb24"),
        ("qtrle", "mov", "rgb24"),
    ],
)
def test_rgb_comes_as_rgb(codec: str, container: str, pix_fmt: str) -> None:
    picture = photograph(4, 60, 70)
    (frame,) = frames_of(make_clip([picture], codec=codec, container=container, pix_fmt=pix_fmt))
    assert frame.full_range
    assert frame.pixels.flags.c_contiguous
    assert np.array_equal(frame.pixels, picture)


def test_transparent_pixels_show_the_background() -> None:
    stream = io.BytesIO()
    with av.open(stream, "w", format="matroska") as out:
        video = out.add_stream("ffv1", rate=10)
        video.width, video.height, video.pix_fmt = 8, 6, "bgra"
        rgba = np.zeros((6, 8, 4), np.uint8)
        rgba[:, 4:, 3] = 255
        out.mux(video.encode(av.VideoFrame.from_ndarray(rgba, format="rgba")))
        out.mux(video.encode(None))
    (frame,) = frames_of(stream.getvalue())
    assert (frame.pixels[:, :4] == 255).all()
    assert (frame.pixels[:, 4:] == 0).all()


@pytest.mark.parametrize("name", ORIENTATIONS)
def test_a_turned_or_mirrored_recording_is_the_same_video(name: str) -> None:
    """Case V06: the display matrix is on record, and hashing by it gives the shown picture."""
    rotation = {"rotate90": 90, "rotate180": 180, "rotate270": -90}.get(name, 0)
    flip = {"flip_x": (False, True), "flip_y": (True, False)}.get(name, (False, False))
    if name.startswith("flip_plus"):
        rotation, flip = 90, (False, True)
    elif name.startswith("flip_minus"):
        rotation, flip = 90, (True, False)
    shown = list(scene(5, 3))
    stored = [TURNED[name](picture) for picture in shown]
    data = make_clip(stored, codec="libx264", rotation=rotation, flip=flip)
    frames = frames_of(data)
    assert {frame.orientation for frame in frames} == {name}
    for frame, picture in zip(frames, shown, strict=True):
        assert bits(hash_of(frame), pdq(np.ascontiguousarray(picture))[0]) <= 31


@pytest.mark.parametrize(
    ("degrees", "name"),
    [(0, "original"), (90, "rotate270"), (180, "rotate180"), (270, "rotate90")],
)
def test_recordings_of_a_turned_phone(corpus: Path, degrees: int, name: str) -> None:
    with (corpus / "robust" / f"video_{degrees}.mov").open("rb") as stream:
        with VideoReader(stream, interval_s=0) as reader:
            assert {frame.orientation for frame in reader} == {name}
        assert reader.facts.orientation == name


def test_pictures_may_change_their_size() -> None:
    small = make_clip(scene(1, 5, height=64, width=64), codec="libx264", container="h264")
    large = make_clip(scene(2, 5, height=96, width=128), codec="libx264", container="h264")
    with VideoReader(io.BytesIO(small + large), interval_s=0) as reader:
        shapes = [frame.pixels.shape for frame in reader]
    assert shapes == [(64, 64)] * 5 + [(96, 128)] * 5
    assert reader.report.sizes == {(64, 64), (128, 96)}
    assert reader.facts.width == 64


def test_a_file_that_can_only_be_read_onwards() -> None:
    class Pipe(io.RawIOBase):
        def __init__(self, data: bytes) -> None:
            self._rest = io.BytesIO(data)

        def readable(self) -> bool:
            return True

        def read(self, n: int = -1) -> bytes:
            return self._rest.read(min(n, 1000) if n > 0 else n)

    data = make_clip(scene(1, 12), codec="libx264", container="mpegts", fps=25)
    with VideoReader(Pipe(data), interval_s=0) as reader:  # type: ignore[arg-type]
        assert [frame.number for frame in reader] == list(range(12))


def test_frames_are_asked_for_once() -> None:
    with VideoReader(io.BytesIO(make_clip(scene(1, 3)))) as reader:
        assert len(list(reader)) == 1
        with pytest.raises(InputError, match="once"):
            list(reader)


@pytest.mark.parametrize("options", [{"interval_s": -1}, {"interval_s": "1"}, {"every": 0}])
def test_samplings_that_mean_nothing(options: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        VideoReader(io.BytesIO(b""), **options)


def test_what_is_no_video_is_refused() -> None:
    for data in (b"", COVER, b"#EXTM3U\nhttp://example.org/a.ts\n", b"ffconcat version 1.0\n"):
        with pytest.raises(UnsupportedMediaError):
            VideoReader(io.BytesIO(data))


def test_pictures_over_the_limit_are_refused() -> None:
    data = make_clip(scene(1, 3), codec="libx264")
    with pytest.raises(MediaLimitError, match="128 x 96"):
        VideoReader(io.BytesIO(data), Limits(max_pixels=128 * 96 - 1))
    assert len(frames_of(data, limits=Limits(max_pixels=128 * 96))) == 3
