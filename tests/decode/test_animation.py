"""Animated pictures as videos: frames as shown, at the times of their delays."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from clips import animation, scene
from pictures import encoded, photograph
from PIL import Image

from hashmatch.decode import (
    SNIFF_BYTES,
    AnimationReader,
    Limits,
    VideoFrame,
    is_animation,
    open_video,
    sniff,
)
from hashmatch.decode.modes import BACKGROUND
from hashmatch.errors import CorruptMediaError, DecodeError, MediaLimitError, UnsupportedMediaError

FORMATS = ("GIF", "WEBP", "PNG")
PICTURES = list(scene(1, 12, height=64, width=96))


def read(data: bytes, **options: Any) -> list[VideoFrame]:
    media = sniff(data[:SNIFF_BYTES])
    with open_video(io.BytesIO(data), media, **{"interval_s": 0, **options}) as reader:
        assert isinstance(reader, AnimationReader)
        frames = list(reader)
        assert reader.report.ended is None
    return frames


@pytest.mark.parametrize("format", FORMATS)
def test_frames_have_the_times_of_their_delays(format: str) -> None:
    delays = [100, 50, 200] * 4
    frames = read(animation(PICTURES, format, durations=delays))
    starts = [sum(delays[:k]) for k in range(12)]
    assert [frame.number for frame in frames] == list(range(12))
    assert [frame.time_ms for frame in frames] == starts
    assert [frame.end_ms for frame in frames] == [*starts[1:], sum(delays)]
    assert all(frame.full_range and frame.orientation == "original" for frame in frames)
    for frame, picture in zip(frames, PICTURES, strict=True):
        assert frame.pixels.shape == (64, 96, 3)
        assert np.abs(frame.pixels.astype(int) - picture).mean() < (0.01 if format == "PNG" else 12)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("delay", [0, 10])
def test_without_a_delay_browsers_wait_a_tenth_of_a_second(format: str, delay: int) -> None:
    frames = read(animation(PICTURES[:4], format, durations=delay))
    assert [frame.time_ms for frame in frames] == [0, 100, 200, 300]


@pytest.mark.parametrize("format", FORMATS)
def test_sampling_is_by_time(format: str) -> None:
    delays = [300, 300, 900, 40, 40, 40, 40, 40, 40, 40, 40, 40]
    frames = read(animation(PICTURES, format, durations=delays), interval_s=0.5)
    assert [frame.time_ms for frame in frames] == [0, 600, 1500]
    assert [frame.number for frame in read(animation(PICTURES, format), every=5)] == [0, 5, 10]


def test_two_frames_are_a_video() -> None:
    """Case V02."""
    frames = read(animation(PICTURES[:2], "GIF", durations=400), interval_s=1.0)
    assert [frame.number for frame in frames] == [0]
    assert is_animation(animation(PICTURES[:2], "GIF"))


@pytest.mark.parametrize("format", FORMATS)
def test_what_is_an_animation(format: str) -> None:
    assert is_animation(animation(PICTURES[:3], format))
    assert not is_animation(encoded(PICTURES[0], format))
    assert not is_animation(encoded(PICTURES[0], "JPEG"))
    assert not is_animation(animation(PICTURES[:3], format)[:20])
    assert len(read(encoded(PICTURES[0], format))) == 1


@pytest.mark.parametrize("format", ["PNG", "GIF"])
def test_transparent_pixels_show_the_background(format: str) -> None:
    clear = np.zeros((16, 16, 4), np.uint8)
    clear[4:8, :, 3] = 255
    other = clear.copy()
    other[4:8, :, 0] = 200
    stream = io.BytesIO()
    first, second = Image.fromarray(clear), Image.fromarray(other)
    first.save(stream, format, save_all=True, append_images=[second], duration=100)
    frames = read(stream.getvalue())
    assert len(frames) == 2
    for frame, red in zip(frames, (0, 200), strict=True):
        assert tuple(frame.pixels[0, 0]) == BACKGROUND
        assert tuple(frame.pixels[5, 5]) == (red, 0, 0)


def test_the_still_picture_before_an_animation_is_not_of_it() -> None:
    pictures = [Image.fromarray(picture) for picture in PICTURES[:4]]
    stream = io.BytesIO()
    pictures[0].save(
        stream, "PNG", save_all=True, append_images=pictures[1:], default_image=True, duration=80
    )
    frames = read(stream.getvalue())
    assert [frame.time_ms for frame in frames] == [0, 80, 160]
    assert np.array_equal(frames[0].pixels, PICTURES[1])


@pytest.mark.parametrize("format", FORMATS)
def test_a_broken_animation_gives_what_is_there(format: str) -> None:
    data = animation(PICTURES, format)
    part = data[: len(data) * 2 // 3]
    try:
        with AnimationReader(io.BytesIO(part), interval_s=0) as reader:
            count = sum(1 for _ in reader)
    except DecodeError:
        assert format == "WEBP"  # its index says that the file is too short
        return
    assert 4 <= count < 12
    assert format != "PNG" or reader.report.ended is not None


def test_limits() -> None:
    data = animation(PICTURES, "GIF")
    with AnimationReader(io.BytesIO(data), Limits(max_video_frames=5), interval_s=0) as reader:
        assert len(list(reader)) == 5
    assert reader.report.ended == "limit: 5 frames decoded"
    with pytest.raises(MediaLimitError, match="pixels"):
        AnimationReader(io.BytesIO(data), Limits(max_pixels=1000))
    with pytest.raises(MediaLimitError, match="file size"):
        AnimationReader(io.BytesIO(data), Limits(max_bytes=1000))
    with pytest.raises(MediaLimitError, match="deadline"):
        AnimationReader(io.BytesIO(data), deadline=0.0)


def test_what_is_no_animation_is_refused() -> None:
    with pytest.raises(UnsupportedMediaError):
        AnimationReader(io.BytesIO(encoded(photograph(1, 32, 32), "JPEG")))
    with pytest.raises(CorruptMediaError):
        AnimationReader(io.BytesIO(animation(PICTURES, "GIF")[:40]))
