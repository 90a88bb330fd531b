"""Known pictures put into frames, with the truth: borders, bars, pages, screenshots; seeded."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Luma = NDArray[np.uint8]
Sides = tuple[int, int, int, int]
"""Left, top, right, bottom; the last two exclusive."""


@dataclass(frozen=True, slots=True)
class Framed:
    luma: Luma
    """uint8 (h, w)."""
    truths: tuple[Sides, ...]
    """Where the known pictures are."""


def recompressed(canvas: Image.Image, quality: int) -> Luma:
    stream = io.BytesIO()
    canvas.save(stream, "JPEG", quality=quality)
    return np.asarray(Image.open(stream).convert("L"))


def finished(canvas: Image.Image, rng: np.random.Generator, *truths: Sides) -> Framed:
    return Framed(recompressed(canvas, int(rng.integers(50, 96))), truths)


def shade_of(rng: np.random.Generator) -> int:
    """Black, white, or any grey."""
    return int(rng.choice([0, 255, int(rng.integers(0, 256))]))


def _words(rng: np.random.Generator, letters: int) -> str:
    text = "".join(chr(97 + int(c)) for c in rng.integers(0, 26, letters))
    return "".join(" " if rng.random() < 0.17 else c for c in text)


def text_lines(
    canvas: Image.Image, rng: np.random.Generator, box: Sides, size: int, ink: int
) -> None:
    """Lines of text that fill a box."""
    draw = ImageDraw.Draw(canvas)
    font = ImageFont.load_default(size)
    left, top, right, bottom = box
    letters = max(int((right - left) / (0.52 * size)), 1)
    for y in range(top, bottom - int(size * 1.3), max(int(size * 1.5), 1)):
        part = letters if rng.random() < 0.75 else max(int(letters * rng.random()), 1)
        text = _words(rng, part)
        while text and draw.textlength(text, font=font) > right - left:
            text = text[:-1]
        draw.text((left, y), text, fill=ink, font=font)


def padded(
    picture: Luma, pads: Sides, shade: int, noise: float = 0.0, seed: int = 0
) -> tuple[Image.Image, Sides]:
    """A border of one colour; pads in pixels: left, top, right, bottom."""
    h, w = picture.shape
    left, top, right, bottom = pads
    canvas = np.full((h + top + bottom, w + left + right), float(shade))
    canvas[top : top + h, left : left + w] = picture
    if noise:
        canvas += np.random.default_rng(seed).normal(0, noise, canvas.shape)
    whole = Image.fromarray(np.clip(np.rint(canvas), 0, 255).astype(np.uint8))
    return whole, (left, top, left + w, top + h)


def _of_sides(shares: NDArray[np.float64], width: int, height: int) -> Sides:
    """Shares of a picture's width and height in pixels."""
    left, top, right, bottom = shares
    return (round(left * width), round(top * height), round(right * width), round(bottom * height))


def border(picture: Luma, rng: np.random.Generator) -> Framed:
    """1 to 12 % a side, some sides without."""
    h, w = picture.shape
    shares = rng.uniform(0.01, 0.12, 4) * (rng.random(4) < 0.8)
    if not shares.any():
        shares[1] = 0.06
    pads = _of_sides(shares, w, h)
    noise = float(rng.choice([0.0, 1.5]))
    canvas, box = padded(picture, pads, shade_of(rng), noise, int(rng.integers(1 << 30)))
    return finished(canvas, rng, box)


def pad(picture: Luma, rng: np.random.Generator) -> Framed:
    """20 to 200 % a side, as Thorn's pad0.2."""
    small = np.asarray(
        Image.fromarray(picture).resize((240, 240 * picture.shape[0] // picture.shape[1]))
    )
    h, w = small.shape
    canvas, box = padded(small, _of_sides(rng.uniform(0.2, 2, 4), w, h), shade_of(rng))
    return finished(canvas, rng, box)


def _barred_size(picture: Luma, rng: np.random.Generator) -> Sides:
    """Pads that bring the picture to another aspect."""
    h, w = picture.shape
    share = rng.uniform(0.08, 0.4)
    if rng.random() < 0.6:
        return (0, round(h * share), 0, round(h * share))
    return (round(w * share), 0, round(w * share), 0)


def letterbox(picture: Luma, rng: np.random.Generator) -> Framed:
    canvas, box = padded(picture, _barred_size(picture, rng), int(rng.choice([0, 16, 255])))
    return finished(canvas, rng, box)


def gradient_bars(picture: Luma, rng: np.random.Generator) -> Framed:
    canvas, box = padded(picture, _barred_size(picture, rng), 0)
    w, h = canvas.size
    x, y = np.meshgrid(np.linspace(0, 1, w), np.linspace(0, 1, h))
    low, high = rng.uniform(0, 255, 2)
    along = x if rng.random() < 0.5 else y
    pixels = np.rint(low + (high - low) * along).astype(np.uint8)
    pixels[box[1] : box[3], box[0] : box[2]] = picture
    return finished(Image.fromarray(pixels), rng, box)


def blurred_bars(picture: Luma, rng: np.random.Generator) -> Framed:
    """The picture over its enlarged, blurred copy."""
    h, w = picture.shape
    left, top, right, bottom = _barred_size(picture, rng)
    size = (w + left + right, h + top + bottom)
    scale = max(size[0] / w, size[1] / h)
    large = Image.fromarray(picture).resize((round(w * scale), round(h * scale)))
    x, y = (large.width - size[0]) // 2, (large.height - size[1]) // 2
    canvas = large.crop((x, y, x + size[0], y + size[1]))
    canvas = canvas.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.02, 0.05)) * w))
    if rng.random() < 0.5:
        canvas = canvas.point([round(v * 0.7) for v in range(256)])
    canvas.paste(Image.fromarray(picture), (left, top))
    return finished(canvas, rng, (left, top, left + w, top + h))


def caption(picture: Luma, rng: np.random.Generator) -> Framed:
    """A bar with text at top or bottom, appended or over the picture."""
    h, w = picture.shape
    bar = round(h * rng.uniform(0.08, 0.25))
    shade, ink = [(0, 255), (255, 0), (int(rng.integers(30, 120)), 240)][int(rng.integers(3))]
    at_top, over = bool(rng.random() < 0.5), bool(rng.random() < 0.4)
    canvas = Image.new("L", (w, h if over else h + bar), shade)
    canvas.paste(Image.fromarray(picture), (0, bar if at_top and not over else 0))
    y = 0 if at_top else canvas.height - bar
    canvas.paste(shade, (0, y, w, y + bar))
    size = max(int(bar * rng.uniform(0.3, 0.6)), 8)
    gap = max((bar - int(size * 1.4)) // 2, 0)
    text_lines(canvas, rng, (w // 20, y + gap, w - w // 20, y + gap + int(size * 1.5)), size, ink)
    top, bottom = (bar, canvas.height) if at_top else (0, canvas.height - bar)
    return finished(canvas, rng, (0, top, w, bottom))


def phone(picture: Luma, rng: np.random.Generator) -> Framed:
    """A phone's screen: status bar, the picture over the full width, buttons."""
    width = 540
    w, h = width, width * picture.shape[0] // picture.shape[1]
    shade, ink = [(0, 255), (255, 20), (32, 220)][int(rng.integers(3))]
    height = max(round(width * rng.uniform(1.3, 2.1)), h + 130)
    canvas = Image.new("L", (width, height), shade)
    draw = ImageDraw.Draw(canvas)
    draw.text((20, 10), "12:45", fill=ink, font=ImageFont.load_default(18))
    for x in (430, 460, 490):
        draw.ellipse((x, 12, x + 18, 30), fill=ink)
    top = int(rng.integers(50, height - h - 70 + 1))
    canvas.paste(Image.fromarray(picture).resize((w, h)), (0, top))
    for x in (60, 200, 340, 460):
        draw.rectangle((x, height - 50, x + 26, height - 26), outline=ink, width=3)
    return finished(canvas, rng, (0, top, w, top + h))


TRIMS: dict[str, Callable[[Luma, np.random.Generator], Framed]] = {
    "border 1-12 %": border,
    "pad 20-200 %": pad,
    "letterbox": letterbox,
    "gradient bars": gradient_bars,
    "blurred bars": blurred_bars,
    "caption bar": caption,
    "phone screen": phone,
}
