"""Clips of an exhibit: shots that pan over made scenes, and copies of some clips."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from PIL import Image

from benchmarks.exhibit_pictures import picture
from benchmarks.exhibit_truth import TruthFile
from benchmarks.video_coding import Coding, Frames, filtered, frames_of, timed, written

RATE = 10
"""Frames a second."""

SIZES = ((160, 120), (192, 108), (176, 144), (108, 192))
COPIES = ("exact", "near", "excerpt", "framed", "turned")
FOLDER = "DCIM/video"

_SHOT_S = (1.2, 2.6)
_CLIP_S = (8.0, 14.0)


@dataclass(frozen=True)
class Clip:
    """An original and the roles of the copies of it."""

    number: int
    copies: tuple[str, ...]

    @property
    def family(self) -> str:
        return f"clip-{self.number:05d}"


def clip_plan(clips: int, seed: int) -> list[Clip]:
    """So many that they are exactly ``clips`` files together."""
    planned: list[Clip] = []
    left = clips
    while left > 0:
        number = len(planned)
        rng = np.random.default_rng((seed, 3, number))
        count = int(rng.choice(4, p=(0.6, 0.2, 0.12, 0.08)))
        copies = rng.choice(COPIES, min(count, left - 1), replace=False).tolist()
        planned.append(Clip(number, tuple(sorted(copies))))
        left -= 1 + len(copies)
    return planned


def made_clip(root: Path, seed: int, clip: Clip) -> list[TruthFile]:
    """The files of a clip, in ``root / FOLDER``."""
    rng = np.random.default_rng((seed, 4, clip.number))
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    original = written(folder / f"{_name(clip, 0)}.mp4", _rendered(rng), _coding(24))
    made = [(original, "original", "")]
    for place, role in enumerate(clip.copies, 1):
        path, words = _copied(original, role, folder / _name(clip, place), rng)
        made.append((path, role, words))
    return [
        TruthFile(path.relative_to(root).as_posix(), clip.family, role, words)
        for path, role, words in made
    ]


def _name(clip: Clip, place: int) -> str:
    return f"VID_{clip.number:05d}_{place}"


def _coding(quality: int, container: str = "mp4") -> Coding:
    # x264's look-ahead does not always decide the same; without it the same frames give the same
    # bytes.
    plain = "rc-lookahead=0:sync-lookahead=0"
    options = {"crf": str(quality), "preset": "veryfast", "threads": "1", "x264-params": plain}
    return Coding(container=container, fps=RATE, options=options)


def _rendered(rng: np.random.Generator) -> Frames:
    size = SIZES[int(rng.integers(len(SIZES)))]
    left, shown = round(RATE * rng.uniform(*_CLIP_S)), 0
    while left > 0:
        frames = min(left, round(RATE * rng.uniform(*_SHOT_S)))
        for image in _shot(size, frames, rng):
            yield timed(
                VideoFrame.from_ndarray(np.asarray(image), format="rgb24"), shown / RATE, RATE
            )
            shown += 1
        left -= frames


def _shot(size: tuple[int, int], frames: int, rng: np.random.Generator) -> Iterator[Image.Image]:
    """A window that glides over a scene and comes a little nearer."""
    width, height = size
    scene = picture(rng, (round(1.4 * width), round(1.4 * height)))
    start, end = rng.uniform(0, 1, (2, 2))
    for place in range(frames):
        way = place / max(frames - 1, 1)
        x, y = start * (1 - way) + end * way
        part = 0.8 - 0.08 * way
        across, down = part * scene.width, part * scene.height
        left, top = x * (scene.width - across), y * (scene.height - down)
        box = (left, top, left + across, top + down)
        yield scene.resize(size, Image.Resampling.BILINEAR, box=box)


def _copied(original: Path, role: str, target: Path, rng: np.random.Generator) -> tuple[Path, str]:
    """(file, what was done)."""
    if role == "exact":
        return Path(shutil.copyfile(original, target.with_suffix(".mp4"))), ""
    frames = frames_of(original)
    if role == "near":
        kind = int(rng.integers(3))
        if kind == 0:
            path = target.with_suffix(".mov")
            return written(path, frames, _coding(34, "mov")), "crf 34, QuickTime"
        if kind == 1:
            smaller = filtered(frames, "scale=trunc(iw*0.375)*2:trunc(ih*0.375)*2")
            return written(target.with_suffix(".mp4"), smaller, _coding(26)), "75 % of the size"
        coding = Coding(
            container="avi", codec="mpeg4", fps=RATE, options={"q": "6", "threads": "1"}
        )
        return written(target.with_suffix(".avi"), frames, coding), "MPEG-4 in AVI"
    if role == "excerpt":
        last = _seconds(original)
        part = float(rng.uniform(0.6, 0.85))
        begin = float(rng.uniform(0, 1 - part)) * last
        frames = frames_of(original, begin, begin + part * last)
        words = f"{100 * part:.0f} % from {begin:.1f} s on"
    elif role == "framed":
        frames = filtered(frames, "pad=iw:trunc(ih*0.66)*2:0:(oh-ih)/2")
        words = "bars above and below"
    else:
        frames, words = filtered(frames, "hflip"), "mirrored"
    return written(target.with_suffix(".mp4"), frames, _coding(25)), words


def _seconds(path: Path) -> float:
    return sum(1 for _ in frames_of(path)) / RATE
