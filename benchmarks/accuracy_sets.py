"""Pictures that resemble each other without being the same: the hard impostors, made here.

Each set is a list of pictures, RGB. Half of them (the even ones) are entries and the others
queries; sets of few templates have every template on both sides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from benchmarks.accuracy_asking import NOBODY, Answer, Asker, Setting
from benchmarks.accuracy_base import Row, entries_from, hashed, write_database
from benchmarks.accuracy_bursts import captioned, flat, moved_shot, near_shot, overlaid
from benchmarks.accuracy_edits import generator
from benchmarks.accuracy_photographs import loaded
from benchmarks.accuracy_text import Rng, colour, fitted, font, page, words
from benchmarks.accuracy_tones import jpeg

SHOTS = 8  # of one template, photograph or scene


def document(rng: Rng) -> Image.Image:
    """A page of text with a layout of its own."""
    return page(rng, int(rng.integers(560, 720)), int(rng.integers(720, 960)))


def form(layout: Rng, rng: Rng) -> Image.Image:
    """The same boxes and labels for the same ``layout``, filled in by ``rng``."""
    width, height = 600, 840
    image = Image.new("RGB", (width, height), (255, 255, 255))
    draw = ImageDraw.Draw(image)
    heading = words(layout, 3)
    draw.text((40, 30), heading, fill=(0, 0, 0), font=font(28))
    top = 90
    while top < height - 70:
        columns = int(layout.integers(1, 4))
        row = int(layout.integers(36, 90))
        for column in range(columns):
            left = 40 + column * (width - 80) // columns
            right = 30 + (column + 1) * (width - 80) // columns
            draw.rectangle((left, top + 14, right, top + row), outline=(60, 60, 60))
            draw.text((left, top), words(layout, 1), fill=(90, 90, 90), font=font(11))
            filling = fitted(draw, words(rng, 6), 18, right - left - 12)
            draw.text((left + 6, top + 17), filling, fill=(20, 20, 120), font=font(18))
        top += row + 12
    return image


def drawing(rng: Rng) -> Image.Image:
    """Lines, ellipses and polygons on paper; some of them filled."""
    width, height = 640, 480
    image = Image.new("RGB", (width, height), colour(rng, 225, 256))
    draw = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(8, 30))):
        xs, ys = rng.integers(0, width, 4).tolist(), rng.integers(0, height, 4).tolist()
        points = list(zip(xs, ys, strict=True))
        ink = colour(rng, 0, 120)
        thick = int(rng.integers(1, 6))
        fill = colour(rng) if rng.random() < 0.3 else None
        kind = int(rng.integers(3))
        if kind == 0:
            draw.line(points, fill=ink, width=thick)
        elif kind == 1:
            box = (min(xs[:2]), min(ys[:2]), max(xs[:2]) + 1, max(ys[:2]) + 1)
            draw.ellipse(box, outline=ink, width=thick, fill=fill)
        else:
            draw.polygon(points, outline=ink, width=thick, fill=fill)
    return image


def terminal(rng: Rng) -> Image.Image:
    """Lines of light text on a dark window, as long as they happen to be."""
    image = Image.new("RGB", (720, 450), (20, 20, 28))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 720, 24), fill=(60, 60, 66))
    for top in range(32, 440, 16):
        if rng.random() < 0.85:
            text = fitted(draw, "$ " + words(rng, int(rng.integers(1, 14))), 13, 700)
            draw.text((8, top), text, fill=colour(rng, 140, 240), font=font(13))
    return image


def chat(rng: Rng) -> Image.Image:
    """A messenger on a phone: the same window, bubbles with other words."""
    width, height = 390, 780
    image = Image.new("RGB", (width, height), (236, 229, 221))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width, 70), fill=(7, 94, 84))
    draw.ellipse((12, 16, 52, 56), fill=(200, 200, 200))
    draw.text((64, 26), words(rng, 2), fill=(255, 255, 255), font=font(18))
    draw.rectangle((0, height - 56, width, height), fill=(245, 245, 245))
    top = 84
    while top < height - 130:
        lines = int(rng.integers(1, 4))
        wide = int(rng.integers(120, 280))
        mine = rng.random() < 0.5
        left = width - wide - 12 if mine else 12
        box = (left, top, left + wide, top + 20 * lines + 14)
        draw.rounded_rectangle(box, 10, fill=(220, 248, 198) if mine else (255, 255, 255))
        for line in range(lines):
            text = fitted(draw, words(rng, 5), 15, wide - 20)
            draw.text((left + 10, top + 7 + 20 * line), text, fill=(30, 30, 30), font=font(15))
        top += 20 * lines + 14 + int(rng.integers(8, 24))
    return image


def pictures(name: str, count: int, seed: int, paths: Sequence[Path]) -> list[Image.Image]:
    """``count`` pictures of a set; photographs are those of ``paths``.

    Sets take other photographs than each other, as far as there are enough.
    """

    def many(make: Callable[[Rng], Image.Image]) -> list[Image.Image]:
        return [make(generator(seed, name, number)) for number in range(count)]

    def photograph(number: int, role: str) -> Image.Image:
        place = len(_ROLES) * (number // SHOTS) + _ROLES.index(role)
        return loaded(paths[place % len(paths)], 640)

    if name in _ALONE:
        return many(_ALONE[name])
    made = []
    for number in range(count):
        rng = generator(seed, name, number)
        of_all = generator(seed, name, "template", number // SHOTS)
        if name == "forms":
            made.append(form(of_all, rng))
        elif name in _OF_ONE:
            made.append(_OF_ONE[name](rng, photograph(number, name)))
        else:
            shown = (photograph(number, role) for role in (name, "subjects"))
            made.append(moved_shot(of_all, rng, *shown))
    return made


_ALONE: dict[str, Callable[[Rng], Image.Image]] = {
    "documents": document,
    "drawings": drawing,
    "terminals": terminal,
    "chats": chat,
    "flat": flat,
}
_OF_ONE: dict[str, Callable[[Rng, Image.Image], Image.Image]] = {
    "captioned": captioned,
    "overlaid": overlaid,
    "bursts-near": near_shot,
}
_ROLES = (*_OF_ONE, "bursts-moved", "subjects")
SETS = ("documents", "forms", "drawings", "terminals", "chats", *_ROLES[:-1], "flat")
THE_SAME = ("overlaid",)
"""Sets whose pictures of one photograph are copies of it, to be found; the others are impostors."""


@dataclass(frozen=True)
class SetAnswers:
    """Answers of one set; entries of all sets stand in one database.

    Attributes:
        own: the first and the last row, exclusive, of the set's own entries.
        plain: bits of plain PDQ between each query and the nearest of them.
    """

    name: str
    own: tuple[int, int]
    answers: tuple[Answer, ...]
    plain: tuple[int, ...]


def ask_sets(
    folder: Path, paths: Sequence[Path], *, level: str, count: int, seed: int
) -> list[SetAnswers]:
    """A database of its own with every set's entries, and what it says of the other halves."""
    rows: list[Row] = []
    queries: dict[str, list[bytes]] = {}
    bounds: dict[str, tuple[int, int]] = {}
    for name in SETS:
        made = pictures(name, count, seed, paths)
        start = len(rows)
        for picture in made[::2]:
            values, quality = hashed(np.asarray(picture))
            rows.append((len(rows), True, quality, values))
        bounds[name] = (start, len(rows))
        rng = generator(seed, name, "queries")
        queries[name] = [jpeg(picture, int(rng.integers(60, 96))) for picture in made[1::2]]
    database = folder / "sets.db"
    entries = entries_from(rows)
    write_database(database, entries)
    asker = Asker(Setting((database,), level))
    asked = []
    for name in SETS:
        low, high = bounds[name]
        found = tuple(asker.ask(data, name, NOBODY) for data in queries[name])
        plain = nearest(entries.hashes["pdq"][low:high], [one.hashes["pdq"] for one in found])
        asked.append(SetAnswers(name, (low, high), found, plain))
    asker.close()
    return asked


def nearest(known: NDArray[np.uint8], asked: Sequence[bytes]) -> tuple[int, ...]:
    """Bits between each asked hash and the nearest known one; uint8 (n, 32), n > 0."""
    rows = np.frombuffer(b"".join(asked), np.uint8).reshape(len(asked), 1, -1)
    bits = np.unpackbits(rows ^ known, axis=2).sum(axis=2, dtype=np.int64)
    return tuple(bits.min(axis=1).tolist())
