"""Near-duplicates that are not the same picture, memes of one photograph, pictures of nothing."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from benchmarks.accuracy_geometry import BICUBIC
from benchmarks.accuracy_text import Rng, colour, fitted, font, words
from benchmarks.accuracy_tones import by_curve, with_noise


def meme(rng: Rng, photograph: Image.Image) -> Image.Image:
    """The photograph with other words above and below, on bars or across the picture."""
    across = rng.random() < 0.5
    bar = photograph.height // 6
    grown = photograph.height + (0 if across else 2 * bar)
    image = Image.new("RGB", (photograph.width, grown), (255, 255, 255))
    image.paste(photograph, (0, 0 if across else bar))
    draw = ImageDraw.Draw(image)
    size = bar // 2
    for top in (bar // 4, grown - bar + bar // 4):
        text = fitted(draw, words(rng, 7).upper(), size, image.width * 0.94)
        left = (image.width - draw.textlength(text, font=font(size))) / 2
        ink, edge = ((255, 255, 255), 2) if across else ((0, 0, 0), 0)
        draw.text((left, top), text, ink, font(size), stroke_width=edge, stroke_fill=(0, 0, 0))
    return image


def burst(scene: Rng, rng: Rng, background: Image.Image, subject: Image.Image) -> Image.Image:
    """One shot of a scene: the camera has moved a little, the subject has gone somewhere else.

    The background shifts by 1 to 3 % and, as near things shift more than far ones, its lower part
    by more than its upper; the subject (an oval out of another photograph, the same in each shot of
    a scene) stands in another place and another light; noise is on everything.
    """
    width, height = background.size
    stretch = float(rng.uniform(0.01, 0.04)) * width * float(rng.choice((-1, 1)))
    corners = (0.0, 0.0, -stretch, height, width - stretch, height, width, 0.0)
    shot = background.transform(
        background.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC
    )
    shift = rng.uniform(0.01, 0.03, 2) * rng.choice((-1, 1), 2) * (width, height)
    shot = ImageChops.offset(shot, round(shift[0]), round(shift[1]))
    margin = round(0.04 * width)
    shot = shot.crop((margin, margin, width - margin, height - margin))
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
