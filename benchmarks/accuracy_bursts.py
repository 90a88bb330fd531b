"""Near-duplicates that are not the same picture, memes of one photograph, pictures of nothing."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from benchmarks.accuracy_geometry import BICUBIC
from benchmarks.accuracy_text import Colour, Rng, colour, fitted, font, words
from benchmarks.accuracy_tones import by_curve, with_noise


def captioned(rng: Rng, photograph: Image.Image) -> Image.Image:
    """The photograph between two white bars with words of their own on them."""
    bar = photograph.height // 6
    image = Image.new("RGB", (photograph.width, photograph.height + 2 * bar), (255, 255, 255))
    image.paste(photograph, (0, bar))
    return _worded(rng, image, bar, ((0, 0, 0), 0))


def overlaid(rng: Rng, photograph: Image.Image) -> Image.Image:
    """The photograph with words of their own across it: still the same photograph."""
    return _worded(rng, photograph.copy(), photograph.height // 6, ((255, 255, 255), 2))


def _worded(rng: Rng, image: Image.Image, bar: int, ink: tuple[Colour, int]) -> Image.Image:
    """A line in capitals at the top and the bottom; ``ink``: its colour, and the pixels of edge."""
    draw = ImageDraw.Draw(image)
    size = bar // 2
    fill, edge = ink
    for top in (bar // 4, image.height - bar + bar // 4):
        text = fitted(draw, words(rng, 7).upper(), size, image.width * 0.94)
        left = (image.width - draw.textlength(text, font=font(size))) / 2
        draw.text((left, top), text, fill, font(size), stroke_width=edge, stroke_fill=(0, 0, 0))
    return image


def near_shot(rng: Rng, scene: Image.Image) -> Image.Image:
    """One shot of a still scene: the camera has moved by 1 to 3 % of each side, and noise."""
    return with_noise(rng, _shifted(rng, scene), float(rng.uniform(2, 8)))


def moved_shot(scene: Rng, rng: Rng, background: Image.Image, subject: Image.Image) -> Image.Image:
    """One shot of a scene: the camera has moved a little, the subject has gone somewhere else.

    The background shifts by 1 to 3 % and, as near things shift more than far ones, its lower part
    by more than its upper; the subject (an oval out of another photograph, the same in each shot of
    a scene) stands in another place and another light; noise is on everything.
    """
    width, height = background.size
    stretch = float(rng.uniform(0.01, 0.04)) * width * float(rng.choice((-1, 1)))
    corners = (0.0, 0.0, -stretch, height, width - stretch, height, width, 0.0)
    slanted = background.transform(
        background.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC
    )
    shot = _shifted(rng, slanted)
    share = float(scene.uniform(0.35, 0.5))
    size = (round(share * shot.width), round(share * 1.2 * shot.height))
    lit = by_curve(subject.resize(size, BICUBIC), np.arange(256) * rng.uniform(0.6, 1.4))
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).ellipse((2, 2, size[0] - 3, size[1] - 3), fill=255)
    place = (
        int(rng.integers(0, shot.width - size[0] + 1)),
        int(rng.integers(0, shot.height - size[1] + 1)),
    )
    shot.paste(lit, place, mask.filter(ImageFilter.GaussianBlur(2)))
    return with_noise(rng, shot, float(rng.uniform(2, 8)))


def _shifted(rng: Rng, scene: Image.Image) -> Image.Image:
    """The scene within a margin of 4 % that is shifted by 1 to 3 % on each axis."""
    width, height = scene.size
    shift = rng.uniform(0.01, 0.03, 2) * rng.choice((-1, 1), 2) * (width, height)
    shot = ImageChops.offset(scene, round(shift[0]), round(shift[1]))
    margin = np.ceil(0.04 * np.array((width, height))).astype(int).tolist()
    return shot.crop((margin[0], margin[1], width - margin[0], height - margin[1]))


def flat(rng: Rng) -> Image.Image:
    """Little or no information: one colour, a gradient, a checkerboard, noise on grey."""
    width, height = 480, 360
    kind = int(rng.integers(4))
    if kind == 0:
        return Image.new("RGB", (width, height), colour(rng))
    if kind == 1:
        y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
        angle = rng.uniform(0, 2 * np.pi)
        along = np.cos(angle) * x + np.sin(angle) * y
        along = (along - along.min()) / np.ptp(along)
        ends = np.array([colour(rng), colour(rng)], float)
        mixed = ends[0] * (1 - along[..., None]) + ends[1] * along[..., None]
        return Image.fromarray(mixed.astype(np.uint8))
    if kind == 2:
        side = int(rng.integers(8, 120))
        y, x = np.mgrid[0:height, 0:width] // side
        return Image.fromarray(np.array([colour(rng), colour(rng)], np.uint8)[(x + y) % 2])
    grey = Image.new("RGB", (width, height), (128, 128, 128))
    return with_noise(rng, grey, float(rng.uniform(4, 40)))
