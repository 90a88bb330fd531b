"""The ten edits of Thorn's published table (perception, docs/examples/benchmarking.rst), rewritten.

The table names them; parameters are as it states them, and where it leaves them open, the harder
reading is taken: its "jpeg95" is 95 percent of compression rather than quality 95 (difference
hashes lose a quarter of the pictures in it, which quality 95 cannot do), hence quality 5 here.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.accuracy_geometry import cropped
from benchmarks.accuracy_text import Rng, font, words
from benchmarks.accuracy_tones import BICUBIC, by_curve, recompressed, resized, with_noise


def blur2(rng: Rng, image: Image.Image) -> Image.Image:
    """Gaussian blur of 2 pixels."""
    return image.filter(ImageFilter.GaussianBlur(2))


def crop005(rng: Rng, image: Image.Image) -> Image.Image:
    """5 % off every side."""
    return cropped(rng, image, 0.05, 0.05)


def gamma2(rng: Rng, image: Image.Image) -> Image.Image:
    """Gamma 2: darker."""
    return by_curve(image, 255 * (np.arange(256) / 255) ** 2)


def jpeg95(rng: Rng, image: Image.Image) -> Image.Image:
    """JPEG of quality 5."""
    return recompressed(image, 5)


def noise02(rng: Rng, image: Image.Image) -> Image.Image:
    """Normal noise with a standard deviation of 0.2 of the range."""
    return with_noise(rng, image, 0.2 * 255)


def pad02(rng: Rng, image: Image.Image) -> Image.Image:
    """Black, 20 % to 200 % of the side at each side, each drawn by itself; then the old size."""
    left, right, top, bottom = rng.uniform(0.2, 2, 4)
    at = (round(left * image.width), round(top * image.height))
    size = (
        at[0] + image.width + round(right * image.width),
        at[1] + image.height + round(bottom * image.height),
    )
    canvas = Image.new("RGB", size)
    canvas.paste(image, at)
    return canvas.resize(image.size, BICUBIC)


def resize05(rng: Rng, image: Image.Image) -> Image.Image:
    """Half its sides."""
    return resized(image, 0.5)


def rotate4(rng: Rng, image: Image.Image) -> Image.Image:
    """By 4 degrees, to either side; the canvas is kept, corners are black."""
    return image.rotate(4 if rng.random() < 0.5 else -4, BICUBIC)


def vignette(rng: Rng, image: Image.Image) -> Image.Image:
    """Darker towards the corners by a Gaussian of half of each side; 0.37 of the light is left."""
    rows, columns = (np.exp(-(np.linspace(-1, 1, n) ** 2) / 2) for n in image.size[::-1])
    light = rows[:, None] * columns[None, :]
    return Image.fromarray((np.asarray(image) * light[..., None]).astype(np.uint8))


def watermark(rng: Rng, image: Image.Image) -> Image.Image:
    """Large letters across the middle, half transparent."""
    out = image.copy()
    layer = ImageDraw.Draw(out)
    text = words(rng, 2)[:12].upper()
    size = max(8, round(1.2 * image.width / max(4, len(text))))
    left = (image.width - layer.textlength(text, font=font(size))) / 2
    layer.text((left, image.height / 2 - size / 2), text, fill=(255, 255, 255), font=font(size))
    return Image.blend(image, out, 0.5)
