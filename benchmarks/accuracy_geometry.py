"""Edits that move the picture: cut, framed, turned, photographed off a screen, set into another.

Each takes a seeded generator and a picture (RGB) and gives a picture; all that it decides is drawn.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.accuracy_text import Colour, Rng, colour, font, page, text_block, words

BICUBIC = Image.Resampling.BICUBIC
_QUARTERS = (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270)
_SHAPES = {"square": 1.0, "16:9": 16 / 9, "9:16": 9 / 16}


def cropped(rng: Rng, image: Image.Image, most: float, least: float = 0.0) -> Image.Image:
    """Each side loses its own share, ``least`` to ``most``."""
    left, right, top, bottom = rng.uniform(least, most, 4)
    return image.crop(
        (
            round(left * image.width),
            round(top * image.height),
            image.width - round(right * image.width),
            image.height - round(bottom * image.height),
        )
    )


def bordered(rng: Rng, image: Image.Image, most: float, fill: Colour | None = None) -> Image.Image:
    """Each side gains its own share of the side, 0 to ``most``, in one colour."""
    left, right, top, bottom = rng.uniform(0, most, 4)
    places = (round(left * image.width), round(top * image.height))
    size = (
        image.width + places[0] + round(right * image.width),
        image.height + places[1] + round(bottom * image.height),
    )
    canvas = Image.new("RGB", size, colour(rng) if fill is None else fill)
    canvas.paste(image, places)
    return canvas


def _around(image: Image.Image, shape: float) -> tuple[int, int]:
    """Size of the smallest canvas of that width by height that holds the picture."""
    if image.width / image.height < shape:
        return round(image.height * shape), image.height
    return image.width, round(image.width / shape)


def _centred(canvas: Image.Image, image: Image.Image) -> Image.Image:
    canvas.paste(image, ((canvas.width - image.width) // 2, (canvas.height - image.height) // 2))
    return canvas


def letterboxed(rng: Rng, image: Image.Image, shape: str) -> Image.Image:
    """Centred on black in the shape "square", "16:9" or "9:16"."""
    return _centred(Image.new("RGB", _around(image, _SHAPES[shape])), image)


def _other_shape(rng: Rng, image: Image.Image) -> tuple[int, int]:
    """A canvas of a shape that leaves bars of at least 8 % of its side in all."""
    own = image.width / image.height
    shapes = [shape for shape in _SHAPES.values() if abs(np.log(shape / own)) > 0.08]
    return _around(image, float(rng.choice(shapes)))


def blurred_bars(rng: Rng, image: Image.Image) -> Image.Image:
    """Bars of the picture itself, enlarged to fill the canvas and blurred, as video sites do."""
    width, height = _other_shape(rng, image)
    scale = max(width / image.width, height / image.height)
    filling = image.resize((round(scale * image.width), round(scale * image.height)), BICUBIC)
    left, top = (filling.width - width) // 2, (filling.height - height) // 2
    blur = ImageFilter.GaussianBlur(float(rng.uniform(0.02, 0.06)) * max(width, height))
    canvas = filling.crop((left, top, left + width, top + height)).filter(blur)
    return _centred(canvas.point(lambda v: v * 0.8) if rng.random() < 0.5 else canvas, image)


def gradient_bars(rng: Rng, image: Image.Image) -> Image.Image:
    """Bars that run from one colour to another, across or down."""
    width, height = _other_shape(rng, image)
    ends = np.array([colour(rng), colour(rng)], float)
    down = rng.random() < 0.5
    along = np.linspace(0, 1, height if down else width)[:, None]
    line = ends[0] * (1 - along) + ends[1] * along
    rows = line[:, None] if down else line[None, :]
    filled = np.broadcast_to(rows, (height, width, 3)).astype(np.uint8)
    return _centred(Image.fromarray(np.ascontiguousarray(filled)), image)


def rotated(rng: Rng, image: Image.Image, most: float) -> Image.Image:
    """By -``most`` to ``most`` degrees; the canvas is kept, corners are black."""
    return image.rotate(float(rng.uniform(-most, most)), BICUBIC)


def rotated_and_cropped(rng: Rng, image: Image.Image) -> Image.Image:
    """By up to 4 degrees, then 7 % off every side."""
    return cropped(rng, rotated(rng, image, 4), 0.07, 0.07)


def screenshot(rng: Rng, image: Image.Image) -> Image.Image:
    """On a phone: up to 6 % cut from each side, flat bars above and below with small marks."""
    shown = cropped(rng, image, 0.06)
    height = max(round(shown.width * rng.uniform(1.5, 2.17)), round(1.12 * shown.height))
    dark = rng.random() < 0.5
    paper, ink = ((18, 18, 18), (230, 230, 230)) if dark else ((250, 250, 250), (40, 40, 40))
    canvas = Image.new("RGB", (shown.width, height), paper)
    canvas.paste(shown, (0, round((height - shown.height) * rng.uniform(0.3, 0.7))))
    draw = ImageDraw.Draw(canvas)
    mark = max(7, shown.width // 32)
    clock = f"{rng.integers(0, 24):02d}:{rng.integers(0, 60):02d}"
    draw.text((mark, mark // 3), clock, fill=ink, font=font(mark))
    draw.rectangle((shown.width - 3 * mark, mark // 2, shown.width - mark, mark), fill=ink)
    for place in range(3):
        x, y = shown.width * (2 * place + 1) // 6, height - mark
        draw.ellipse((x - mark // 3, y - mark // 3, x + mark // 3, y + mark // 3), outline=ink)
    return canvas


def mirrored(rng: Rng, image: Image.Image) -> Image.Image:
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def turned_by_a_quarter(rng: Rng, image: Image.Image) -> Image.Image:
    return image.transpose(_QUARTERS[int(rng.integers(2))])


def turned_by_half(rng: Rng, image: Image.Image) -> Image.Image:
    return image.transpose(Image.Transpose.ROTATE_180)


def squeezed_to_square(rng: Rng, image: Image.Image) -> Image.Image:
    """The shape becomes 1:1, the content is stretched."""
    side = round((image.width * image.height) ** 0.5)
    return image.resize((side, side), BICUBIC)


def _set_into(rng: Rng, canvas: Image.Image, image: Image.Image) -> Image.Image:
    """At a random place on a canvas that is made to have about twice the picture's area.

    The canvas is scaled, and cut where it would be narrower than the picture.
    """
    share = float(rng.uniform(0.45, 0.55))
    width, height = canvas.size
    scale = (image.width * image.height / share / (width * height)) ** 0.5
    grown = [round(scale * width), round(scale * height)]
    for axis, side in enumerate(image.size):
        if grown[axis] < 1.04 * side:
            grown[axis] = round(1.04 * side)
            grown[1 - axis] = round(image.width * image.height / share / grown[axis])
    out = canvas.resize((grown[0], grown[1]), BICUBIC)
    left = int(rng.integers(0, grown[0] - image.width + 1))
    top = int(rng.integers(0, max(1, grown[1] - image.height + 1)))
    out.paste(image, (left, top))
    return out


def on_photograph(rng: Rng, image: Image.Image, other: Image.Image) -> Image.Image:
    """At half the area on another photograph."""
    return _set_into(rng, other, image)


def on_page(rng: Rng, image: Image.Image) -> Image.Image:
    """At half the area on a page of text."""
    return _set_into(rng, page(rng, image.width, image.height), image)


def in_slide(rng: Rng, image: Image.Image) -> Image.Image:
    """At half the area in a slide: plain, a heading above, notes where there is room."""
    width, height = image.size
    slide = Image.new("RGB", (width, height), colour(rng, 200, 256))
    draw = ImageDraw.Draw(slide)
    size = max(10, height // 14)
    draw.rectangle((0, 0, width, 2 * size), fill=colour(rng, 0, 140))
    heading = words(rng, 4)
    draw.text((size, size // 2), heading, fill=(250, 250, 250), font=font(size))
    text_block(rng, slide, (size, 3 * size, width - size, height - size), size=max(8, size // 2))
    return _set_into(rng, slide, image)
