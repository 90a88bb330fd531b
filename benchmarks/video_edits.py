"""Edits of a video by FFmpeg's filters, each with what is shown when; seeded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from PIL import Image, ImageDraw

from benchmarks.accuracy_edits import generator
from benchmarks.accuracy_text import Rng, colour
from benchmarks.video_coding import (
    Coding,
    Frames,
    filtered,
    frames_of,
    in_sequence,
    overlaid,
    plain,
    written,
)
from benchmarks.video_footage import SIZE, Footage

X264 = {"preset": "veryfast", "threads": "1"}
PREFIX_S = 1.0
INTRO_S = 3.0
CLIP_S = 5.0
INSERTED_S = 8.0
AROUND_S = (8.0, 14.0)
"""Seconds of other footage before and after an inserted clip."""


@dataclass(frozen=True)
class Shown:
    """A part of the query that is known footage.

    Stored time is ``stored_s`` + ``speed`` * (query time - ``query_s``), for ``seconds`` of the
    query.
    """

    query_s: float
    seconds: float
    stored_s: float
    speed: float = 1.0

    def stored_at(self, query_s: float) -> float:
        return self.stored_s + self.speed * (query_s - self.query_s)


@dataclass(frozen=True)
class Made:
    """A query before it is encoded: its frames, how they are written, what they show."""

    frames: Frames
    coding: Coding
    shown: tuple[Shown, ...]


Change = Callable[[Footage, Footage, Rng], Made]
"""(what is edited, other footage that is not known, generator) -> the query."""


@dataclass(frozen=True)
class Edit:
    """One kind of edit.

    Attributes:
        asked: named by the target that recall is counted over; the others are reported beside it.
        shortest_s: of footage that it is made of.
    """

    name: str
    change: Change
    asked: bool = True
    shortest_s: float = 0.0


def _coding(crf: int = 26) -> Coding:
    return Coding(options={**X264, "crf": str(crf)})


def _whole(seconds: float, speed: float = 1.0) -> tuple[Shown, ...]:
    return (Shown(0.0, seconds / speed, 0.0, speed),)


def _changed(filters: str, clip: Footage, other: Footage, rng: Rng) -> Made:
    return Made(filtered(frames_of(clip.path), filters), _coding(), _whole(clip.seconds))


def _recoded(clip: Footage, other: Footage, rng: Rng, *, coding: Coding) -> Made:
    return Made(frames_of(clip.path), coding, _whole(clip.seconds))


def _cropped(clip: Footage, other: Footage, rng: Rng, *, share: float = 0.05) -> Made:
    """Of each side a part of ``share`` of it: all from one edge, or from both."""
    left, top = (share * float(part) for part in rng.choice([0.0, 0.5, 1.0], 2))
    kept = 1 - share
    crop = f"crop=trunc(iw*{kept}/2)*2:trunc(ih*{kept}/2)*2:iw*{left}:ih*{top}"
    return _changed(crop, clip, other, rng)


def _letterboxed(clip: Footage, other: Footage, rng: Rng) -> Made:
    """Onto a square, or a pillarbox where the video is upright, on black or on white."""
    colour = "black" if rng.random() < 0.75 else "white"
    pad = f"pad='max(iw,ih)':'max(iw,ih)':(ow-iw)/2:(oh-ih)/2:{colour}"
    return _changed(pad, clip, other, rng)


def _logo(
    clip: Footage, other: Footage, rng: Rng, *, share: tuple[float, float] = (0.2, 0.3)
) -> Made:
    """A badge in a corner, a part of the shorter side wide."""
    frames = frames_of(clip.path)
    first = next(frames)
    shorter = min(first.width, first.height)
    side = round(shorter * float(rng.uniform(*share)))
    mark = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    pen = ImageDraw.Draw(mark)
    pen.ellipse((0, 0, side - 1, side - 1), fill=colour(rng), outline=(255, 255, 255))
    pen.rectangle((side * 0.2, side * 0.4, side * 0.8, side * 0.6), fill=(255, 255, 255))
    gap = round(shorter * 0.04)
    x = gap if rng.random() < 0.5 else first.width - side - gap
    y = gap if rng.random() < 0.5 else first.height - side - gap
    picture = VideoFrame.from_ndarray(np.asarray(mark), format="rgba")
    over = overlaid(chain((first,), frames), picture, x, y)
    return Made(over, _coding(), _whole(clip.seconds))


def _sped(clip: Footage, other: Footage, rng: Rng, *, speed: float) -> Made:
    frames = filtered(frames_of(clip.path), f"setpts=PTS/{speed}")
    return Made(frames, _coding(), _whole(clip.seconds, speed))


def _clipped(clip: Footage, other: Footage, rng: Rng) -> Made:
    start = float(rng.uniform(0, clip.seconds - CLIP_S))
    shown = Shown(0.0, CLIP_S, start)
    return Made(frames_of(clip.path, start, start + CLIP_S), _coding(), (shown,))


def _inserted(clip: Footage, other: Footage, rng: Rng, *, at_most_s: float | None = None) -> Made:
    """The whole of it, or a part, with other footage before and after."""
    length = clip.seconds if at_most_s is None else min(at_most_s, clip.seconds)
    start = float(rng.uniform(0, clip.seconds - length))
    before = min(float(rng.uniform(*AROUND_S)), other.seconds / 2)
    after = min(float(rng.uniform(*AROUND_S)), other.seconds / 2)
    parts = (
        frames_of(other.path, 0, before),
        frames_of(clip.path, start, start + length),
        frames_of(other.path, other.seconds - after),
    )
    return Made(in_sequence(parts, SIZE), _coding(), (Shown(before, length, start),))


def _prefixed(clip: Footage, other: Footage, rng: Rng) -> Made:
    parts = (frames_of(other.path, 0, PREFIX_S), frames_of(clip.path))
    return Made(in_sequence(parts, SIZE), _coding(), (Shown(PREFIX_S, clip.seconds, 0.0),))


def _black_intro(clip: Footage, other: Footage, rng: Rng) -> Made:
    parts = (plain(16, INTRO_S, SIZE), frames_of(clip.path))
    return Made(in_sequence(parts, SIZE), _coding(), (Shown(INTRO_S, clip.seconds, 0.0),))


def _recut(clip: Footage, other: Footage, rng: Rng) -> Made:
    """The second half before the first."""
    half = clip.seconds / 2
    parts = (frames_of(clip.path, half), frames_of(clip.path, 0, half))
    shown = (Shown(0.0, clip.seconds - half, half), Shown(clip.seconds - half, half, 0.0))
    return Made(in_sequence(parts, SIZE), _coding(), shown)


def _turned(clip: Footage, other: Footage, rng: Rng) -> Made:
    """Pixels turned one way and the display matrix the other, as a telephone writes them."""
    degrees = int(rng.choice([90, 180, 270]))
    turns = {90: "transpose=clock", 180: "hflip,vflip", 270: "transpose=cclock"}
    made = _changed(turns[degrees], clip, other, rng)
    return replace(made, coding=replace(made.coding, rotation=degrees))


def _gif(clip: Footage, other: Footage, rng: Rng) -> Made:
    """Of 6 s, 240 pixels wide, ten frames a second."""
    length = min(6.0, clip.seconds)
    start = float(rng.uniform(0, clip.seconds - length))
    frames = filtered(frames_of(clip.path, start, start + length), "scale=240:-2")
    return Made(frames, _GIF, (Shown(0.0, length, start),))


_LOW = Coding(options={**X264, "b": "90k", "maxrate": "120k", "bufsize": "240k"})
_LONG_GOP = Coding(options={**X264, "crf": "26", "g": "1000", "bf": "3"})
_VP9 = Coding("webm", "libvpx-vp9", options={"b": "300k", "deadline": "realtime", "cpu-used": "8"})
_AVI = Coding("avi", "mpeg4", options={"b": "500k"})
_MKV = Coding("matroska", "libx265", options={"preset": "ultrafast", "x265-params": "log-level=0"})
_TS = Coding("mpegts", "mpeg2video", options={"b": "900k"})
_GIF = Coding("gif", "gif", fps=10, pixel_format="rgb8", options={})

_LIST = (
    Edit("copy", partial(_recoded, coding=_coding(20)), asked=False),
    Edit("low bitrate", partial(_recoded, coding=_LOW)),
    Edit("resized to 128", partial(_changed, "scale=128:-2")),
    Edit("letterbox", _letterboxed),
    Edit("mirror", partial(_changed, "hflip")),
    Edit("crop 5 %", _cropped),
    Edit("logo", _logo),
    Edit("grayscale", partial(_changed, "hue=s=0")),
    Edit("speed 0.8", partial(_sped, speed=0.8)),
    Edit("speed 0.9", partial(_sped, speed=0.9)),
    Edit("speed 1.1", partial(_sped, speed=1.1)),
    Edit("speed 1.25", partial(_sped, speed=1.25)),
    Edit("clip of 5 s", _clipped, shortest_s=CLIP_S + 1),
    Edit("inserted in other footage", _inserted),
    Edit("1 s prefix", _prefixed),
    Edit("black intro", _black_intro),
    Edit("large logo", partial(_logo, share=(0.45, 0.55)), asked=False),
    Edit("crop 10 %", partial(_cropped, share=0.10), asked=False),
    Edit("8 s of it inserted", partial(_inserted, at_most_s=INSERTED_S), asked=False),
    Edit("halves swapped", _recut, asked=False),
    Edit("display matrix", _turned, asked=False),
    Edit("keyframe every 40 s", partial(_recoded, coding=_LONG_GOP), asked=False),
    Edit("webm, vp9", partial(_recoded, coding=_VP9), asked=False),
    Edit("avi, mpeg4", partial(_recoded, coding=_AVI), asked=False),
    Edit("mkv, hevc", partial(_recoded, coding=_MKV), asked=False),
    Edit("mpeg-ts, mpeg2", partial(_recoded, coding=_TS), asked=False),
    Edit("gif", _gif, asked=False),
)


EDITS: dict[str, Edit] = {edit.name: edit for edit in _LIST}


def suited(edit: Edit, clips: Sequence[Footage]) -> list[Footage]:
    """The footage that is long enough for an edit."""
    return [clip for clip in clips if clip.seconds >= edit.shortest_s]


def edited(
    edit: Edit, clip: Footage, others: Sequence[Footage], folder: Path, seed: int
) -> tuple[Path, tuple[Shown, ...]]:
    """(file, what it shows); the file is made unless the folder has it already."""
    rng = generator(seed, edit.name, clip.name)
    other = others[int(rng.integers(0, len(others)))]
    made = edit.change(clip, other, rng)
    stem = "".join(letter if letter.isalnum() else "_" for letter in f"{clip.name}-{edit.name}")
    path = folder / f"{stem}.{made.coding.container}"
    if not path.exists():
        written(path, made.frames, made.coding)
    return path, made.shown
