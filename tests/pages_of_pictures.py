"""Known pictures on pages, memes, slides, chats and photographs, with the truth; seeded."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from framed_pictures import Framed, Luma, finished, shade_of, text_lines
from PIL import Image, ImageDraw


def _at_width(picture: Luma, width: int) -> Image.Image:
    return Image.fromarray(picture).resize((width, width * picture.shape[0] // picture.shape[1]))


def page(picture: Luma, rng: np.random.Generator) -> Framed:
    """Text lines, the picture, text lines."""
    width = 800
    image = _at_width(picture, round(width * rng.uniform(0.5, 0.9)))
    above, below = (int(v) for v in rng.integers(60, 350, 2))
    canvas = Image.new("L", (width, above + image.height + below), int(rng.choice([255, 245, 30])))
    ink = 20 if canvas.getpixel((0, 0)) != 30 else 225
    left = int(rng.integers(30, width - image.width - 29))
    size = int(rng.integers(13, 22))
    text_lines(canvas, rng, (40, 20, width - 40, above - 12), size, ink)
    canvas.paste(image, (left, above))
    bottom = above + image.height
    text_lines(canvas, rng, (40, bottom + 12, width - 40, canvas.height - 10), size, ink)
    return finished(canvas, rng, (left, above, left + image.width, bottom))


def meme(picture: Luma, rng: np.random.Generator) -> Framed:
    """A white bar with large text above, the picture below, with or without a margin."""
    image = _at_width(picture, 500)
    margin = int(rng.choice([0, 12]))
    bar = int(rng.integers(70, 180))
    canvas = Image.new("L", (500 + 2 * margin, bar + image.height + margin), 255)
    text_lines(canvas, rng, (20, 12, 480, bar - 8), int(rng.integers(26, 44)), 0)
    canvas.paste(image, (margin, bar))
    return finished(canvas, rng, (margin, bar, margin + 500, bar + image.height))


def slide(picture: Luma, rng: np.random.Generator) -> Framed:
    """A title, the picture on one side, text on the other, a line at the foot."""
    shade, ink = [(255, 0), (20, 250), (200, 10)][int(rng.integers(3))]
    canvas = Image.new("L", (960, 540), shade)
    image = _at_width(picture, int(rng.integers(420, 560)))
    if image.height > 380:
        image = image.resize((image.width * 380 // image.height, 380))
    left = 40 if rng.random() < 0.5 else 920 - image.width
    text_lines(canvas, rng, (40, 25, 920, 85), 40, ink)
    canvas.paste(image, (left, 110))
    text = left + image.width + 30 if left == 40 else 40
    room = 900 - image.width - 50
    text_lines(canvas, rng, (text, 120, text + room, 480), 22, ink)
    ImageDraw.Draw(canvas).rectangle((0, 520, 960, 540), fill=110)
    return finished(canvas, rng, (left, 110, left + image.width, 110 + image.height))


def chat(picture: Luma, rng: np.random.Generator) -> Framed:
    """Bubbles with text, one with the picture."""
    shade, bubble, ink = [(235, 255, 10), (20, 50, 230), (215, 240, 0)][int(rng.integers(3))]
    canvas = Image.new("L", (540, 960), shade)
    draw = ImageDraw.Draw(canvas)
    draw.rectangle((0, 0, 540, 70), fill=90)
    text_lines(canvas, rng, (70, 20, 300, 60), 24, 250)
    image = _at_width(picture, int(rng.integers(300, 400)))
    y = 90
    position = int(rng.integers(0, 3))
    truth = (0, 0, 0, 0)
    for turn in range(5):
        left = 15 if rng.random() < 0.5 else 515 - image.width
        if turn == position:
            draw.rounded_rectangle(
                (left, y, left + image.width + 12, y + image.height + 12), 8, bubble
            )
            canvas.paste(image, (left + 6, y + 6))
            truth = (left + 6, y + 6, left + 6 + image.width, y + 6 + image.height)
            y += image.height + 28
        else:
            draw.rounded_rectangle((left, y, left + 300, y + 80), 10, bubble)
            text_lines(canvas, rng, (left + 12, y + 8, left + 285, y + 78), 18, ink)
            y += 96
    return finished(canvas, rng, truth)


def gallery(pictures: list[Luma], rng: np.random.Generator) -> Framed:
    """Four pictures in two rows on one colour."""
    images = [_at_width(p, 300).resize((300, 200)) for p in pictures[:4]]
    gap = int(rng.integers(6, 30))
    canvas = Image.new("L", (600 + 3 * gap, 400 + 3 * gap), shade_of(rng))
    truths = []
    for i, image in enumerate(images):
        x, y = gap + (300 + gap) * (i % 2), gap + (200 + gap) * (i // 2)
        canvas.paste(image, (x, y))
        truths.append((x, y, x + 300, y + 200))
    return finished(canvas, rng, *truths)


def pasted(picture: Luma, under: Luma, rng: np.random.Generator) -> Framed:
    """On another photograph, 30 to 60 % of its area, anywhere inside."""
    base = Image.fromarray(under).resize((720, 480))
    share = rng.uniform(0.3, 0.6) ** 0.5
    w, h = round(720 * share), round(480 * share)
    left, top = int(rng.integers(0, 720 - w + 1)), int(rng.integers(0, 480 - h + 1))
    base.paste(Image.fromarray(picture).resize((w, h)), (left, top))
    return finished(base, rng, (left, top, left + w, top + h))


PAGES: dict[str, Callable[[Luma, np.random.Generator], Framed]] = {
    "page with text": page,
    "meme": meme,
    "slide": slide,
    "chat": chat,
}
