"""Small video files, made when they are asked for: seeded scenes through FFmpeg's encoders."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pictures import photograph
from PIL import Image

Pixels = NDArray[np.uint8]

av = pytest.importorskip("av", reason="PyAV is not installed: pip install av")
Disposition = av.stream.Disposition


def scene(
    seed: int, n: int, *, height: int = 96, width: int = 128, step: int = 2
) -> Iterator[Pixels]:
    """``n`` frames of one shot: a camera that pans over a textured scene, ``step`` pixels a frame.

    uint8 (height, width, 3); even sides, as most encoders need them.
    """
    rng = np.random.default_rng(seed)
    margin = 48
    wide = photograph(seed, height + margin, width + margin)
    start = rng.integers(0, 1000, 2)
    speed = rng.choice([-1, 1], 2) * (1, 2)
    for k in range(n):
        top, left = (
            _bounced(int(s) + int(v) * step * k, margin) for s, v in zip(start, speed, strict=True)
        )
        yield wide[top : top + height, left : left + width]


def shots(
    seeds: Iterable[int], n_each: int, *, height: int = 96, width: int = 128
) -> Iterator[Pixels]:
    """Scenes one after the other, each of ``n_each`` frames."""
    for seed in seeds:
        yield from scene(seed, n_each, height=height, width=width)


def make_clip(
    frames: Iterable[Pixels],
    *,
    fps: int | Fraction = 10,
    codec: str = "mpeg4",
    container: str = "mp4",
    pix_fmt: str = "yuv420p",
    options: dict[str, str] | None = None,
    bit_rate: int | None = None,
    gop: int | None = None,
    rotation: int = 0,
    flip: tuple[bool, bool] = (False, False),
    times: Sequence[int] | None = None,
    audio: str | None = None,
    audio_first: bool = False,
    cover: bytes | None = None,
    muxing: dict[str, str] | None = None,
    to: Any = None,
) -> bytes:
    """The bytes of a video file (empty if ``to``, a path, is given).

    Args:
        frames: uint8 (h, w, 3) each, RGB; the first one says the size. May be empty.
        rotation: display matrix, degrees counter-clockwise, and ``flip`` (horizontal, vertical).
        times: milliseconds at which each frame is shown (VFR); else by ``fps``.
        audio: FFmpeg's name of a codec for a stream of silence.
        cover: a JPEG that is attached as cover art.
        muxing: FFmpeg's options of the container; ``faststart`` needs ``to``.
    """
    stream = io.BytesIO() if to is None else to
    given = iter(frames)
    first = next(given, None)
    height, width = (64, 64) if first is None else first.shape[:2]
    with _own_priority(), av.open(stream, "w", format=container, options=muxing or {}) as out:
        sound = _sound_stream(out, audio) if audio and audio_first else None
        video = out.add_stream(codec, rate=Fraction(fps), options=options or {})
        video.width, video.height, video.pix_fmt = width, height, pix_fmt
        video.bit_rate = bit_rate or 2_000_000
        video.time_base = video.codec_context.time_base = (
            Fraction(1, 1000) if times else 1 / Fraction(fps)
        )
        if gop is not None:
            video.gop_size = gop
        if rotation or any(flip):
            video.set_display_rotation(rotation, *flip)
        if audio and not audio_first:
            sound = _sound_stream(out, audio)
        if cover:
            _attach(out, cover)
        out.start_encoding()
        if sound:
            _silence(out, sound)
        for k, pixels in enumerate(_all(first, given)):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
            frame.pts = times[k] if times else k
            frame.time_base = video.codec_context.time_base
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
    return stream.getvalue() if to is None else b""


@contextmanager
def _own_priority() -> Iterator[None]:
    """Run as root, SVT-AV1 gives its caller's thread real-time priority; here it gives it back."""
    policy, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        os.sched_setscheduler(0, policy, parameters)


def _all(first: Pixels | None, rest: Iterator[Pixels]) -> Iterator[Pixels]:
    if first is not None:
        yield first
        yield from rest


def _bounced(place: int, margin: int) -> int:
    place %= 2 * margin
    return place if place <= margin else 2 * margin - place


def _sound_stream(out: Any, codec: str) -> Any:
    return out.add_stream(codec, rate=44_100, layout="mono")


def _silence(out: Any, sound: Any, seconds: float = 0.5) -> None:
    size = sound.codec_context.frame_size or 1024
    format = sound.codec_context.format.name
    for k in range(int(seconds * 44_100 / size)):
        frame = av.AudioFrame(format=format, layout="mono", samples=size)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.sample_rate, frame.pts, frame.time_base = 44_100, k * size, Fraction(1, 44_100)
        out.mux(sound.encode(frame))
    out.mux(sound.encode(None))


def make_sound(*, codec: str = "aac", container: str = "mp4", cover: bytes | None = None) -> bytes:
    """The bytes of a file of sound, perhaps with a JPEG as its cover."""
    stream = io.BytesIO()
    with av.open(stream, "w", format=container) as out:
        sound = _sound_stream(out, codec)
        if cover:
            _attach(out, cover)
        _silence(out, sound)
    return stream.getvalue()


def _attach(out: Any, cover: bytes) -> None:
    """A JPEG as cover art: its stream is closed before the encoders start."""
    width, height = Image.open(io.BytesIO(cover)).size
    picture = out.add_mux_stream("mjpeg", width=width, height=height)
    picture.disposition = Disposition.attached_pic
    out.start_encoding()
    packet = av.Packet(cover)
    packet.stream, packet.pts, packet.dts, packet.is_keyframe = picture, 0, 0, True
    out.mux(packet)


def animation(
    frames: Iterable[Pixels], format: str = "GIF", *, durations: Sequence[int] | int = 100
) -> bytes:
    """The bytes of an animated GIF, WEBP or PNG; ``durations`` in milliseconds."""
    pictures = [Image.fromarray(pixels) for pixels in frames]
    stream = io.BytesIO()
    pictures[0].save(
        stream, format, save_all=True, append_images=pictures[1:], duration=durations, loop=0
    )
    return stream.getvalue()
