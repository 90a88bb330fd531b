"""Frames of a file, through FFmpeg's filters, into another file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import av.filter
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

Frames = Iterator[VideoFrame]

FPS = 25
TIME_BASE = Fraction(1, 1000 * FPS)
"""Time base within graphs: fine enough for any speed."""


@dataclass(frozen=True)
class Coding:
    """How a file is written.

    Attributes:
        rotation: of the display matrix, in degrees counter-clockwise.
    """

    container: str = "mp4"
    codec: str = "libx264"
    fps: int = FPS
    pixel_format: str = "yuv420p"
    options: Mapping[str, str] = field(
        default_factory=lambda: {"crf": "23", "preset": "veryfast", "threads": "1"}
    )
    rotation: int = 0


def frames_of(path: Path, start_s: float = 0.0, end_s: float | None = None) -> Frames:
    """Frames shown from ``start_s`` until before ``end_s``; the first one that comes has time 0.

    Times are in units of 1/25000 s.
    """
    with av.open(str(path)) as opened:
        stream = opened.streams.video[0]
        stream.thread_count = 1
        first: float | None = None
        for frame in opened.decode(stream):
            seconds = float(frame.time or 0.0)
            first = seconds if first is None else first
            seconds -= first
            if seconds < start_s - 1e-6:
                continue
            if end_s is not None and seconds >= end_s - 1e-6:
                return
            yield timed(frame, seconds - start_s)


def seconds_of(frame: VideoFrame) -> float:
    """When a frame of ``frames_of`` or of a filter is shown."""
    assert frame.pts is not None
    assert frame.time_base is not None
    return float(frame.pts * frame.time_base)


def timed(frame: VideoFrame, seconds: float, fps: int = FPS) -> VideoFrame:
    """The frame, shown at that time for one frame's length."""
    frame.time_base = TIME_BASE
    frame.pts = round(seconds / TIME_BASE)
    frame.duration = round(1 / (fps * TIME_BASE))
    return frame


def filtered(frames: Frames, filters: str) -> Frames:
    """Through a chain as FFmpeg spells it: ``"hflip,scale=128:-2"``."""
    first = next(frames, None)
    if first is None:
        return
    graph = av.filter.Graph()
    source = graph.add_buffer(
        width=first.width, height=first.height, format=first.format, time_base=TIME_BASE
    )
    last = source
    for one in _chain(filters):
        name, _, arguments = one.partition("=")
        node = graph.add(name, arguments) if arguments else graph.add(name)
        last.link_to(node)
        last = node
    last.link_to(graph.add("buffersink"))
    graph.configure()
    for frame in _with_first(first, frames):
        graph.push(frame)
        yield from _pulled(graph)
    graph.push(None)
    yield from _pulled(graph)


def overlaid(frames: Frames, picture: VideoFrame, x: int, y: int) -> Frames:
    """A picture laid over every frame with its corner at (x, y)."""
    first = next(frames, None)
    if first is None:
        return
    graph = av.filter.Graph()
    main = graph.add_buffer(
        width=first.width, height=first.height, format=first.format, time_base=TIME_BASE
    )
    top = graph.add_buffer(
        width=picture.width, height=picture.height, format=picture.format, time_base=TIME_BASE
    )
    over = graph.add("overlay", f"x={x}:y={y}:eof_action=repeat")
    sink = graph.add("buffersink")
    main.link_to(over, 0, 0)
    top.link_to(over, 0, 1)
    over.link_to(sink)
    graph.configure()
    picture.pts, picture.time_base = 0, TIME_BASE
    top.push(picture)
    top.push(None)
    for frame in _with_first(first, frames):
        main.push(frame)
        yield from _pulled(graph)
    main.push(None)
    yield from _pulled(graph)


def in_sequence(parts: Iterable[Frames], size: tuple[int, int]) -> Frames:
    """One after another, each brought to ``size`` (width, height) and 25 frames a second."""
    width, height = size
    shown = 0
    for part in parts:
        shape = f"scale={width}:{height},setsar=1,format=yuv420p,fps={FPS}"
        for frame in filtered(part, shape):
            yield timed(frame, shown / FPS)
            shown += 1


def plain(luma: int, seconds: float, size: tuple[int, int]) -> Frames:
    """Frames of one grey."""
    for number in range(round(seconds * FPS)):
        frame = VideoFrame(*size, "yuv420p")
        for plane, value in zip(frame.planes, (luma, 128, 128), strict=True):
            plane.update(bytes([value]) * plane.buffer_size)
        yield timed(frame, number / FPS)


def written(path: Path, frames: Frames, coding: Coding) -> Path:
    """The frames encoded at ``coding.fps``, each time filled; the file appears when it is whole."""
    part = path.with_name(f"part-{os.getpid()}-{path.name}")
    rate = f"fps={coding.fps},format={coding.pixel_format}"
    with av.open(str(part), "w", format=coding.container) as out:
        stream: VideoStream | None = None
        for number, frame in enumerate(filtered(frames, rate)):
            if stream is None:
                stream = _stream(out, coding, frame)
            frame.pts, frame.time_base = number, Fraction(1, coding.fps)
            frame.pict_type = 0
            out.mux(stream.encode(frame))
        assert stream is not None, f"no frame for {path.name}"
        out.mux(stream.encode(None))
    return part.rename(path)


def _stream(out: OutputContainer, coding: Coding, frame: VideoFrame) -> VideoStream:
    stream = out.add_stream(coding.codec, coding.fps, options=dict(coding.options))
    assert isinstance(stream, VideoStream)
    stream.width, stream.height = frame.width, frame.height
    stream.pix_fmt = coding.pixel_format
    if coding.rotation:
        stream.set_display_rotation(coding.rotation)
    return stream


def _chain(filters: str) -> list[str]:
    """Split at commas that are not within quotes."""
    parts, quoted, current = [], False, ""
    for letter in filters:
        if letter == "'":
            quoted = not quoted
        if letter == "," and not quoted:
            parts.append(current)
            current = ""
        else:
            current += letter
    return [*parts, current]


def _with_first(first: VideoFrame, rest: Frames) -> Frames:
    yield first
    yield from rest


def _pulled(graph: av.filter.Graph) -> Frames:
    while True:
        try:
            frame = graph.pull()
        except (BlockingIOError, EOFError):
            return
        assert isinstance(frame, VideoFrame)
        yield frame
