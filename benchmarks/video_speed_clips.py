"""Videos for timing: large, with texture and grain, at bit rates that telephones and sites use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray
from PIL import Image

from benchmarks.accuracy_edits import generator
from benchmarks.video_coding import Coding, Frames, timed, written
from benchmarks.video_footage import cache_folder
from benchmarks.workloads import SEED, corpus_folder, photograph, picture

SHOT_S = 3.0
ROOM = 1.15
"""A photograph is this much larger than the frame that wanders over it."""


@dataclass(frozen=True)
class SpeedClip:
    """What is encoded with x264.

    Attributes:
        gop_s: seconds from one keyframe to the next; there are no others.
        megabits: a second.
        grain: standard deviation of the noise that every frame has its own of.
    """

    width: int
    height: int
    seconds: float
    gop_s: float
    megabits: float
    fps: int = 30
    preset: str = "veryfast"
    grain: float = 2.0

    def name(self) -> str:
        return (
            f"speed-{self.width}x{self.height}-{self.seconds:g}s-gop{self.gop_s:g}"
            f"-{self.megabits:g}mbit-{self.fps}fps-{self.preset}.mp4"
        )


FULL_HD = SpeedClip(1920, 1080, 10.0, 2.0, 6.0, preset="fast")
HD_SHORT_GOP = SpeedClip(1280, 720, 60.0, 1.0, 3.0)
HD_LONG_GOP = SpeedClip(1280, 720, 60.0, 10.0, 3.0)
FOUR_K = SpeedClip(3840, 2160, 60.0, 2.0, 20.0, preset="ultrafast", grain=0.0)


def speed_clip(clip: SpeedClip, seed: int = SEED) -> Path:
    """The file, made unless it is there already."""
    path = cache_folder(seed) / clip.name()
    if not path.exists():
        gop = str(round(clip.gop_s * clip.fps))
        options = {
            "preset": clip.preset,
            "b": f"{clip.megabits}M",
            "maxrate": f"{1.5 * clip.megabits}M",
            "bufsize": f"{2 * clip.megabits}M",
            "g": gop,
            "keyint_min": gop,
            "sc_threshold": "0",
        }
        written(path, _frames(clip, seed), Coding(fps=clip.fps, options=options))
    return path


def _frames(clip: SpeedClip, seed: int) -> Frames:
    rng = generator(seed, clip.name())
    count = round(clip.seconds * clip.fps)
    each = round(SHOT_S * clip.fps)
    grain = rng.normal(0, clip.grain, (clip.height + 32, clip.width + 32)).astype(np.int16)
    planes: tuple[NDArray[np.uint8], ...] = ()
    for number in range(count):
        if number % each == 0:
            planes = _canvas(clip, number // each, seed)
            start, end = rng.uniform(0, 1, 2), rng.uniform(0, 1, 2)
        way = (number % each) / each
        at = (start * (1 - way) + end * way) * (
            np.array(planes[0].shape) - (clip.height, clip.width)
        )
        top, left = (int(value) // 2 * 2 for value in at)
        luma = planes[0][top : top + clip.height, left : left + clip.width]
        if clip.grain:
            y, x = rng.integers(0, 32, 2)
            noise = grain[y : y + clip.height, x : x + clip.width]
            luma = np.clip(luma.astype(np.int16) + noise, 16, 235).astype(np.uint8)
        half = (
            slice(top // 2, (top + clip.height) // 2),
            slice(left // 2, (left + clip.width) // 2),
        )
        frame = _frame([luma, planes[1][half], planes[2][half]])
        yield timed(frame, number / clip.fps, clip.fps)


def _canvas(clip: SpeedClip, shot: int, seed: int) -> tuple[NDArray[np.uint8], ...]:
    """Y, U and V of a photograph, or of a synthetic picture where there is no corpus."""
    width, height = (round(side * ROOM) // 2 * 2 for side in (clip.width, clip.height))
    corpus = corpus_folder()
    photos = sorted((corpus / "kodak").glob("*.png")) if corpus else []
    if photos:
        image = photograph(photos[shot % len(photos)])
        image = image.resize((width, height), Image.Resampling.LANCZOS)
    else:
        image = Image.fromarray(picture(height, width, seed + shot, colour=True))
    frame = VideoFrame.from_ndarray(np.asarray(image), format="rgb24").reformat(format="yuv420p")
    rows: NDArray[np.uint8] = frame.to_ndarray().astype(np.uint8, copy=False)
    half = (height // 2, width // 2)
    chroma = rows[height:].reshape(2, *half)
    return rows[:height], chroma[0], chroma[1]


def _frame(planes: Sequence[NDArray[np.uint8]]) -> VideoFrame:
    height, width = planes[0].shape
    rows = np.concatenate([plane.reshape(-1, width) for plane in map(np.ascontiguousarray, planes)])
    assert rows.shape == (height * 3 // 2, width)
    return VideoFrame.from_ndarray(rows, format="yuv420p")
