"""Edits that leave the picture where it is: light, blur, noise, size, and what is laid over it.

Each takes a seeded generator and a picture (RGB) and gives a picture; all that it decides is drawn.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.accuracy_text import Rng, colour, fitted, font, words

BICUBIC = Image.Resampling.BICUBIC


def recompressed(image: Image.Image, quality: int) -> Image.Image:
    """As JPEG and back."""
    with Image.open(io.BytesIO(jpeg(image, quality))) as opened:
        return opened.convert("RGB")


def jpeg(image: Image.Image, quality: int) -> bytes:
    data = io.BytesIO()
    image.save(data, "JPEG", quality=quality)
    return data.getvalue()


def compressed(rng: Rng, image: Image.Image) -> Image.Image:
    """JPEG of quality 10 to 50."""
    return recompressed(image, int(rng.integers(10, 51)))


def by_curve(image: Image.Image, curve: np.ndarray) -> Image.Image:
    """Each value 0..255 replaced by ``curve[value]``, clipped."""
    table = np.clip(np.round(curve), 0, 255).astype(np.uint8)
    return Image.fromarray(table[np.asarray(image)])


def brightened(rng: Rng, image: Image.Image) -> Image.Image:
    """All values times 0.6 to 1.5, clipped."""
    return by_curve(image, np.arange(256) * rng.uniform(0.6, 1.5))


def gamma(rng: Rng, image: Image.Image) -> Image.Image:
    """Gamma 0.5 to 2, as often below 1 as above."""
    return by_curve(image, 255 * (np.arange(256) / 255) ** (2 ** rng.uniform(-1, 1)))


def blurred(rng: Rng, image: Image.Image) -> Image.Image:
    """Gaussian of 1 to 3 pixels."""
    return image.filter(ImageFilter.GaussianBlur(float(rng.uniform(1, 3))))


def with_noise(rng: Rng, image: Image.Image, deviation: float) -> Image.Image:
    """Normal noise of that standard deviation (of 255), each value its own."""
    noise = rng.normal(0, deviation, (image.height, image.width, 3))
    return Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))


def noisy(rng: Rng, image: Image.Image) -> Image.Image:
    """Normal noise of 5 to 30 of 255."""
    return with_noise(rng, image, float(rng.uniform(5, 30)))


def resized(image: Image.Image, scale: float) -> Image.Image:
    size = (max(16, round(scale * image.width)), max(16, round(scale * image.height)))
    return image.resize(size, BICUBIC)


def smaller(rng: Rng, image: Image.Image) -> Image.Image:
    """To 0.2 to 0.5 of its sides."""
    return resized(image, float(rng.uniform(0.2, 0.5)))


def thumbnail(rng: Rng, image: Image.Image) -> Image.Image:
    """The longer side becomes 128 pixels."""
    return resized(image, 128 / max(image.size))


def grey(rng: Rng, image: Image.Image) -> Image.Image:
    return image.convert("L").convert("RGB")


def _caption(rng: Rng, width: int, height: int) -> Image.Image:
    """A bar with a line or two of text, dark on light or light on dark."""
    dark = rng.random() < 0.5
    bar = Image.new("RGB", (width, height), (0, 0, 0) if dark else (255, 255, 255))
    draw = ImageDraw.Draw(bar)
    ink = (255, 255, 255) if dark else (0, 0, 0)
    lines = int(rng.integers(1, 3))
    size = max(7, round(height * 0.7 / lines))
    for line in range(lines):
        text = fitted(draw, words(rng, 12), size, width * 0.92)
        left = (width - draw.textlength(text, font=font(size))) / 2
        draw.text((left, height * (0.1 + 0.8 * line / lines)), text, fill=ink, font=font(size))
    return bar


def caption_over(rng: Rng, image: Image.Image) -> Image.Image:
    """A bar of text over the upper or lower 15 %."""
    bar = _caption(rng, image.width, round(0.15 * image.height))
    out = image.copy()
    out.paste(bar, (0, 0 if rng.random() < 0.5 else image.height - bar.height))
    return out


def caption_beside(rng: Rng, image: Image.Image) -> Image.Image:
    """A bar of text of 15 % of the height above or below; nothing is hidden."""
    bar = _caption(rng, image.width, round(0.15 * image.height))
    out = Image.new("RGB", (image.width, image.height + bar.height))
    above = rng.random() < 0.5
    out.paste(image, (0, bar.height if above else 0))
    out.paste(bar, (0, 0 if above else image.height))
    return out


def with_logo(rng: Rng, image: Image.Image) -> Image.Image:
    """A badge of 20 % of the shorter side in a corner."""
    out = image.copy()
    draw = ImageDraw.Draw(out)
    side = round(0.2 * min(image.size))
    gap = round(0.02 * min(image.size))
    left = gap if rng.random() < 0.5 else image.width - side - gap
    top = gap if rng.random() < 0.5 else image.height - side - gap
    draw.ellipse((left, top, left + side, top + side), fill=colour(rng), outline=(255, 255, 255))
    text = words(rng, 1)[:4].upper()
    size = max(7, side // 3)
    at = (left + (side - draw.textlength(text, font=font(size))) / 2, top + side / 3)
    draw.text(at, text, fill=(255, 255, 255), font=font(size))
    return out


def with_text(rng: Rng, image: Image.Image) -> Image.Image:
    """A line of large letters with an outline across the picture, anywhere from top to bottom."""
    out = image.copy()
    draw = ImageDraw.Draw(out)
    size = round(image.height * rng.uniform(0.08, 0.14))
    text = fitted(draw, words(rng, 8), size, image.width * 0.9)
    at = (image.width * 0.05, float(rng.uniform(0.02, 0.82)) * image.height)
    edge = max(1, size // 14)
    white, black = (255, 255, 255), (0, 0, 0)
    draw.text(at, text, fill=white, font=font(size), stroke_width=edge, stroke_fill=black)
    return out
