"""Words and lines of text on pictures: seeded, in the one typeface that Pillow brings along."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

Rng = np.random.Generator
Colour = tuple[int, int, int]
Font = ImageFont.ImageFont | ImageFont.FreeTypeFont

_SYLLABLES = (
    *("ba", "cor", "da", "el", "fin", "gra", "ho", "in", "jo", "ka", "lum", "mi", "no", "or"),
    *("pe", "qui", "ra", "sto", "ta", "un", "ver", "we", "xi", "you", "zen"),
)


@lru_cache(maxsize=64)
def font(size: int) -> Font:
    """The typeface at a height of ``size`` pixels, at least 6."""
    return ImageFont.load_default(max(6, size))


def words(rng: Rng, count: int) -> str:
    """Words of no language."""
    parts = rng.integers(0, len(_SYLLABLES), (count, 3))
    lengths = rng.integers(1, 4, count)
    return " ".join(
        "".join(_SYLLABLES[part] for part in row[:length])
        for row, length in zip(parts.tolist(), lengths.tolist(), strict=True)
    )


def colour(rng: Rng, low: int = 0, high: int = 256) -> Colour:
    """Red, green and blue, each from ``low`` to below ``high``."""
    red, green, blue = rng.integers(low, high, 3).tolist()
    return red, green, blue


def fitted(draw: ImageDraw.ImageDraw, text: str, size: int, width: float) -> str:
    """As much of the text as fits into ``width`` pixels."""
    while text and draw.textlength(text, font=font(size)) > width:
        text = text[:-1]
    return text


def text_block(
    rng: Rng,
    image: Image.Image,
    box: tuple[int, int, int, int],
    *,
    size: int,
    ink: Colour = (20, 20, 20),
) -> None:
    """Fills a box (left, top, right, bottom) with paragraphs, in place."""
    draw = ImageDraw.Draw(image)
    left, top, right, bottom = box
    width = right - left
    while top + size < bottom:
        for _ in range(int(rng.integers(2, 7))):
            line = fitted(draw, words(rng, max(2, width // (2 * size))), size, width)
            draw.text((left, top), line, fill=ink, font=font(size))
            top += round(1.4 * size)
            if top + size >= bottom:
                return
        last = fitted(draw, words(rng, 3), size, width)
        draw.text((left, top), last, fill=ink, font=font(size))
        top += round(2.4 * size)


def page(rng: Rng, width: int, height: int) -> Image.Image:
    """A page of text: its own margins, size of type, paper and, half of the time, a heading."""
    paper = Image.new("RGB", (width, height), colour(rng, 235, 256))
    size = int(rng.integers(max(8, height // 70), max(10, height // 30)))
    left, right = (int(width * rng.uniform(0.05, 0.15)) for _ in range(2))
    top, bottom = (int(height * rng.uniform(0.05, 0.15)) for _ in range(2))
    if rng.random() < 0.5:
        draw = ImageDraw.Draw(paper)
        heading = fitted(draw, words(rng, 4), 2 * size, width - left - right)
        draw.text((left, top), heading, fill=(0, 0, 0), font=font(2 * size))
        top += 4 * size
    text_block(rng, paper, (left, top, width - right, height - bottom), size=size)
    return paper
