"""Videos to find again: the corpus's own, and scenes made of its photographs, some of them unknown.

Made are shots of photographs with pans, zooms, a shaking hand, dissolves and grain; no two videos
share a photograph. They are kept in a folder, by seed, so that another run finds them there.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray
from PIL import Image

from benchmarks.accuracy_edits import generator
from benchmarks.accuracy_processes import in_processes
from benchmarks.video_coding import FPS, Coding, Frames, frames_of, seconds_of, timed, written
from benchmarks.workloads import corpus_folder, photograph

SIZE = (640, 360)
KNOWN, UNKNOWN = 40, 8
SHORTEST_S, LONGEST_S = 8.0, 30.0
DISSOLVE = 10
"""Frames of a dissolve between two shots, where there is one."""

REAL = {
    "chair": "video/chair-orig-22-sd-bar.mp4",
    "doorknob": "video/doorknob-hd-no-bar.mp4",
    "pattern": "video/pattern-longer-no-bar.mp4",
    "flower": "cc0/flower.mp4",
    "friday": "cc0/friday.mp4",
    "water": "cc0/stream-of-water.mp4",
}
REAL_EDITS = {
    "chair": (
        "video/chair-19-sd-bar.mp4",
        "video/chair-20-sd-bar.mp4",
        "video/chair-22-sd-grey-bar.mp4",
        "video/chair-22-sd-sepia-bar.mp4",
        "video/chair-22-with-large-logo-bar.mp4",
        "video/chair-22-with-small-logo-bar.mp4",
    ),
    "pattern": (
        "video/pattern-hd-no-bar.mp4",
        "video/pattern-sd-grey-bar.mp4",
        "video/pattern-sd-with-large-logo-bar.mp4",
        "video/pattern-sd-with-small-logo-bar.mp4",
    ),
    "flower": ("cc0/flower.webm",),
    "water": ("cc0/stream-of-water.webm",),
}
"""Other files of the same footage in the corpus, not made here."""


@dataclass(frozen=True)
class Footage:
    """One original. ``known``: it goes into the database."""

    name: str
    path: Path
    seconds: float
    known: bool
    made: bool


@dataclass(frozen=True)
class _Shot:
    photo: Path
    frames: int
    start: tuple[float, float, float]  # centre x, y and width of what is seen, of the photograph
    end: tuple[float, float, float]
    shake: float
    dissolves: bool


def cache_folder(seed: int) -> Path:
    folder = Path(tempfile.gettempdir()) / f"hashmatch-videos-{seed}"
    folder.mkdir(exist_ok=True)
    return folder


def footage(seed: int, processes: int, known: int = KNOWN, unknown: int = UNKNOWN) -> list[Footage]:
    """All of it; the real files of the corpus first.

    Args:
        known, unknown: how many of the made ones, at most ``KNOWN`` and ``UNKNOWN``.

    Raises:
        SystemExit: there is no corpus.
    """
    corpus = corpus_folder()
    if corpus is None:
        raise SystemExit("no corpus of photographs and videos: HASHMATCH_CORPUS says where it is")
    found = [
        Footage(name, corpus / path, _seconds(corpus / path), known=True, made=False)
        for name, path in REAL.items()
    ]
    numbers = [*range(known), *range(KNOWN, KNOWN + unknown)]  # the unknown ones stay the same
    paths = in_processes(partial(_made, seed=seed), numbers, processes)
    return found + [
        Footage(path.stem, path, _seconds(path), known=number < KNOWN, made=True)
        for number, path in zip(numbers, paths, strict=True)
    ]


def _seconds(path: Path) -> float:
    last = 0.0
    for frame in frames_of(path):
        last = seconds_of(frame)
    return last + 1 / FPS


def _made(number: int, seed: int) -> Path:
    path = cache_folder(seed) / f"scene{number:02d}.mp4"
    if not path.exists():
        written(path, _rendered(_planned(number, seed), seed, number), Coding())
    return path


def _planned(number: int, seed: int) -> list[_Shot]:
    corpus = corpus_folder()
    assert corpus is not None
    photos = sorted((corpus / "photos").glob("*.jpg")) + sorted((corpus / "kodak").glob("*.png"))
    order = generator(seed, "photographs of videos").permutation(len(photos))
    each = len(photos) // (KNOWN + UNKNOWN)
    own = [photos[place] for place in order[number * each : (number + 1) * each]]
    rng = generator(seed, "video", number)
    left = round(FPS * rng.uniform(SHORTEST_S, LONGEST_S))
    shots: list[_Shot] = []
    while left > 0:
        frames = min(left, round(FPS * rng.uniform(1.2, 5.0)))
        frames = left if left - frames < FPS else frames
        left -= frames
        wide = float(rng.uniform(0.55, 0.95))
        close = wide if rng.random() < 0.4 else wide * float(rng.uniform(0.75, 0.95))
        widths = (wide, close) if rng.random() < 0.5 else (close, wide)
        start, end = ((*rng.uniform(0, 1, 2).tolist(), width) for width in widths)
        shots.append(
            _Shot(
                photo=own[len(shots) % len(own)],
                frames=frames,
                start=start,
                end=end,
                shake=float(rng.uniform(0, 0.004)),
                dissolves=bool(rng.random() < 0.3),
            )
        )
    return shots


def _rendered(shots: list[_Shot], seed: int, number: int) -> Frames:
    rng = generator(seed, "grain", number)
    before: NDArray[np.uint8] | None = None
    shown = 0
    for shot in shots:
        for place, pixels in enumerate(_seen(shot, rng)):
            if before is not None and shot.dissolves and place < DISSOLVE:
                share = (place + 1) / (DISSOLVE + 1)
                mixed = pixels * share + before * (1 - share)
                pixels = mixed.astype(np.uint8)
            yield timed(VideoFrame.from_ndarray(pixels, format="rgb24"), shown / FPS)
            shown += 1
        before = pixels


def _seen(shot: _Shot, rng: np.random.Generator) -> Iterator[NDArray[np.uint8]]:
    picture = photograph(shot.photo)
    if picture.height > picture.width:
        picture = picture.crop((0, 0, picture.width, round(picture.width * 0.75)))
    width, height = picture.size
    shape = SIZE[1] / SIZE[0]
    grain = rng.normal(0, 3, (SIZE[1] + 16, SIZE[0] + 16, 1)).astype(np.float32)
    wander = np.zeros(2)
    for place in range(shot.frames):
        way = place / max(shot.frames - 1, 1)
        way = way * way * (3 - 2 * way)
        x, y, part = np.array(shot.start) * (1 - way) + np.array(shot.end) * way
        wander = 0.9 * wander + rng.normal(0, shot.shake, 2)
        w = min(part * width, height / shape)
        h = w * shape
        left = min(max((x + wander[0]) * (width - w), 0.0), width - w)
        top = min(max((y + wander[1]) * (height - h), 0.0), height - h)
        box = (left, top, left + w, top + h)
        pixels = np.asarray(picture.resize(SIZE, Image.Resampling.BICUBIC, box=box))
        dy, dx = rng.integers(0, 16, 2)
        noisy = pixels + grain[dy : dy + SIZE[1], dx : dx + SIZE[0]]
        yield np.clip(noisy, 0, 255).astype(np.uint8)
