"""Videos that have much in common with others and are none of them: what must not be a match."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from PIL import Image, ImageDraw

from benchmarks.accuracy_edits import generator
from benchmarks.accuracy_text import colour, font, words
from benchmarks.video_coding import (
    FPS,
    Coding,
    Frames,
    filtered,
    frames_of,
    in_sequence,
    plain,
    timed,
    written,
)
from benchmarks.video_footage import SIZE, Footage

SECONDS = 12.0
OWN_S = 7.0
SHARED_S = 2.5
"""Seconds of an opening that several videos have."""


@dataclass(frozen=True)
class ImpostorSet:
    """Videos of one kind: every one is another video.

    Attributes:
        match_is_false: else what is wanted is a person's look: reported apart.
    """

    name: str
    make: Callable[[int, Sequence[Footage], int], Frames]
    match_is_false: bool = True


def _drawn(images: Callable[[int], Image.Image], seconds: float = SECONDS) -> Frames:
    for number in range(round(seconds * FPS)):
        yield timed(
            VideoFrame.from_ndarray(np.asarray(images(number)), format="rgb24"), number / FPS
        )


def _opening(number: int, others: Sequence[Footage], seed: int) -> Frames:
    """The same opening titles, then each its own footage."""
    return in_sequence((_titles("opening", seed), _own(number, others[1:])), SIZE)


def _ending(number: int, others: Sequence[Footage], seed: int) -> Frames:
    """The same titles after each its own footage."""
    return in_sequence((_own(number, others[1:]), _titles("ending", seed)), SIZE)


def _shared_shot(number: int, others: Sequence[Footage], seed: int) -> Frames:
    """One shot of a film that is in none of the others, then each its own footage."""
    shot = frames_of(others[0].path, 0, SHARED_S)
    return in_sequence((shot, _own(number, others[1:])), SIZE)


def _own(number: int, others: Sequence[Footage]) -> Frames:
    """Seven seconds of footage that no other video of the set has."""
    return frames_of(others[number].path, 0, OWN_S)


def _titles(name: str, seed: int) -> Frames:
    rng = generator(seed, "titles", name)
    ground, lines = colour(rng, 0, 80), [words(rng, 2).upper(), words(rng, 3)]

    def image(number: int) -> Image.Image:
        page = Image.new("RGB", SIZE, ground)
        pen = ImageDraw.Draw(page)
        for place, line in enumerate(lines):
            at = (60 + number, 110 + 70 * place)
            pen.text(at, line, fill=(240, 240, 230), font=font(56 - 18 * place))
        return page

    return _drawn(image, SHARED_S)


def _text(number: int, others: Sequence[Footage], seed: int) -> Frames:
    """A page of text of its own that scrolls, all in one layout."""
    rng = generator(seed, "text", number)
    lines = [words(rng, 9) for _ in range(60)]

    def image(place: int) -> Image.Image:
        page = Image.new("RGB", SIZE, (250, 250, 250))
        pen = ImageDraw.Draw(page)
        for row, line in enumerate(lines):
            y = 30 + 26 * row - 2 * place
            if -30 < y < SIZE[1]:
                pen.text((40, y), line, fill=(30, 30, 30), font=font(18))
        return page

    return _drawn(image)


def _shapes(number: int, others: Sequence[Footage], seed: int) -> Frames:
    """The same palette and length, another motion: three discs on one ground."""
    rng = generator(seed, "shapes", number)
    starts, speeds = rng.uniform(0, 1, (3, 2)), rng.uniform(-0.25, 0.25, (3, 2))
    palette = ((200, 60, 50), (60, 160, 80), (70, 80, 190))

    def image(place: int) -> Image.Image:
        page = Image.new("RGB", SIZE, (225, 220, 200))
        pen = ImageDraw.Draw(page)
        for start, speed, fill in zip(starts, speeds, palette, strict=True):
            way = (start + speed * place / FPS) % 2
            x, y = (1 - np.abs(1 - way)) * (np.array(SIZE) - 120) + 60
            pen.ellipse((x - 55, y - 55, x + 55, y + 55), fill=fill)
        return page

    return _drawn(image)


def _studio(number: int, others: Sequence[Footage], seed: int) -> Frames:
    """One backdrop, and on a third of it what each shows: reports from the same desk."""
    backdrop = _image(next(frames_of(others[0].path)))
    inset = filtered(_own(number, others[1:]), "scale=360:204")

    def images() -> Frames:
        for place, frame in enumerate(inset):
            page = backdrop.copy()
            page.paste(_image(frame), (250, 40))
            yield timed(VideoFrame.from_ndarray(np.asarray(page), format="rgb24"), place / FPS)

    return images()


def _image(frame: VideoFrame) -> Image.Image:
    return Image.fromarray(frame.to_ndarray(format="rgb24"))


def _flat(number: int, others: Sequence[Footage], seed: int) -> Frames:
    """Black, grey and white for the same times: nothing to be told apart."""
    greys = (16, 16 + 30 * number % 220, 235)
    return in_sequence([plain(grey, 4.0, SIZE) for grey in greys], SIZE)


def _noise(number: int, others: Sequence[Footage], seed: int) -> Frames:
    rng = generator(seed, "noise", number)
    shape = (SIZE[1] // 8, SIZE[0] // 8)

    def image(place: int) -> Image.Image:
        small = Image.fromarray(rng.integers(0, 256, shape, dtype=np.uint8))
        return small.resize(SIZE, Image.Resampling.NEAREST).convert("RGB")

    return _drawn(image, 4.0)


SETS = (
    ImpostorSet("same opening titles", _opening),
    ImpostorSet("same closing titles", _ending),
    ImpostorSet("same shot of 2.5 s", _shared_shot),
    ImpostorSet("scrolling text", _text),
    ImpostorSet("moving shapes", _shapes),
    ImpostorSet("one backdrop", _studio, match_is_false=False),
    ImpostorSet("flat", _flat),
    ImpostorSet("noise", _noise),
)


def impostor(
    kind: ImpostorSet, number: int, others: Sequence[Footage], folder: Path, seed: int
) -> Path:
    """The file; it is made unless the folder has it already."""
    stem = "".join(letter if letter.isalnum() else "_" for letter in kind.name)
    path = folder / f"impostor-{stem}-{number}.mp4"
    if not path.exists():
        coding = Coding(options={"preset": "veryfast", "threads": "1", "crf": "24"})
        written(path, kind.make(number, others, seed), coding)
    return path
