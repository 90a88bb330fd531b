"""Videos for timing, of the corpus's moving footage, at bit rates that telephones and sites use.

Moving photographs will not do: after a costly keyframe next to nothing of each frame is coded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame

from benchmarks.video_coding import (
    FPS,
    Coding,
    Frames,
    filtered,
    frames_of,
    in_sequence,
    timed,
    written,
)
from benchmarks.video_footage import REAL, cache_folder
from benchmarks.workloads import SEED, corpus_folder, picture


@dataclass(frozen=True)
class SpeedClip:
    """What is encoded with x264, 25 frames a second.

    Attributes:
        gop_s: seconds from one keyframe to the next; there are no others.
        megabits: a second.
    """

    width: int
    height: int
    seconds: float
    gop_s: float
    megabits: float
    preset: str = "veryfast"

    @property
    def name(self) -> str:
        return (
            f"speed-{self.width}x{self.height}-{self.seconds:g}s-gop{self.gop_s:g}"
            f"-{self.megabits:g}mbit-{self.preset}.mp4"
        )


FULL_HD = SpeedClip(1920, 1080, 16.0, 2.0, 6.0, preset="fast")
HD_SHORT_GOP = SpeedClip(1280, 720, 60.0, 1.0, 3.0)
HD_LONG_GOP = SpeedClip(1280, 720, 60.0, 10.0, 3.0)
FOUR_K = SpeedClip(3840, 2160, 60.0, 2.0, 20.0, preset="ultrafast")


def speed_clip(clip: SpeedClip, seed: int = SEED) -> Path:
    """The file, made unless it is there already."""
    path = cache_folder(seed) / clip.name
    if not path.exists():
        gop = str(round(clip.gop_s * FPS))
        options = {
            "preset": clip.preset,
            "b": f"{clip.megabits}M",
            "maxrate": f"{1.5 * clip.megabits}M",
            "bufsize": f"{2 * clip.megabits}M",
            "g": gop,
            "keyint_min": gop,
            "sc_threshold": "0",
        }
        frames = islice(_frames(clip, seed), round(clip.seconds * FPS))
        written(path, frames, Coding(options=options))
    return path


def _frames(clip: SpeedClip, seed: int) -> Frames:
    """Without end: the corpus's videos, each filling the frame; else a synthetic scene."""
    corpus = corpus_folder()
    size = (clip.width, clip.height)
    if corpus is None:
        return in_sequence(_scenes(seed), size)
    fill = f"scale={clip.width}:{clip.height}:force_original_aspect_ratio=increase"
    crop = f"crop={clip.width}:{clip.height}"
    parts = (filtered(frames_of(corpus / path), f"{fill},{crop}") for path in cycle(REAL.values()))
    return in_sequence(parts, size)


def _scenes(seed: int) -> Iterator[Frames]:
    """Shots of two seconds over a synthetic picture that moves and has grain."""
    rng = np.random.default_rng(seed)
    shot = 0
    while True:
        wide = picture(480, 800, seed + shot, colour=True).astype(np.int16)
        yield _pan(wide, rng)
        shot += 1


def _pan(wide: np.ndarray[tuple[int, ...], np.dtype[np.int16]], rng: np.random.Generator) -> Frames:
    for number in range(2 * FPS):
        part = wide[2 * number : 2 * number + 360, 3 * number : 3 * number + 640]
        noisy = np.clip(part + rng.normal(0, 4, part.shape), 0, 255).astype(np.uint8)
        yield timed(VideoFrame.from_ndarray(noisy, format="rgb24"), number / FPS)
