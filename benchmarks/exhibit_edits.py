"""Copies of a picture, as people and programs make them, and the bytes of picture files."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

_ORIENTATION, _MOMENT, _FRACTION, _EXIF_FOLDER = 0x0112, 0x9003, 0x9291, 0x8769
_MAKE, _MODEL = 0x010F, 0x0110

TURNS = (
    Image.Transpose.FLIP_LEFT_RIGHT,
    Image.Transpose.ROTATE_90,
    Image.Transpose.ROTATE_180,
    Image.Transpose.ROTATE_270,
    Image.Transpose.FLIP_TOP_BOTTOM,
    Image.Transpose.TRANSPOSE,
    Image.Transpose.TRANSVERSE,
)

# How pixels are stored that a viewer shows upright with this EXIF orientation.
_STORED = {
    3: Image.Transpose.ROTATE_180,
    6: Image.Transpose.ROTATE_90,
    8: Image.Transpose.ROTATE_270,
}


@dataclass(frozen=True)
class Made:
    """A picture and how it is stored. ``words`` says what was done to it."""

    image: Image.Image
    words: str
    ending: str = "jpg"
    options: dict[str, Any] = field(default_factory=dict)

    def encoded(self) -> bytes:
        stream = io.BytesIO()
        self.image.save(stream, _FORMATS[self.ending], **self.options)
        return stream.getvalue()


_FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "gif": "GIF"}
_Edit = Callable[[Image.Image, np.random.Generator], Made]


def original(image: Image.Image, rng: np.random.Generator) -> Made:
    """As it first came: JPEG mostly."""
    drawn = rng.random()
    if drawn < 0.94:
        return _jpeg(image, rng, "original", 80, 95)
    return _in_format(image, "webp" if drawn < 0.97 else "png" if drawn < 0.99 else "gif", rng)


def near(image: Image.Image, rng: np.random.Generator) -> Made:
    """A copy that a person sees as the same picture, upright and whole."""
    edit: _Edit = _NEAR[int(rng.integers(len(_NEAR)))]
    return edit(image, rng)


def turned(image: Image.Image, rng: np.random.Generator) -> Made:
    turn = TURNS[int(rng.integers(len(TURNS)))]
    return _jpeg(image.transpose(turn), rng, turn.name.lower().replace("_", " "), 75, 95)


def cropped(image: Image.Image, rng: np.random.Generator) -> Made:
    """1 to 12 percent less at one to four sides."""
    sides = rng.uniform(0.01, 0.12, 4)
    kept = rng.random(4) < 0.6
    kept[int(rng.integers(4))] = True
    left, top, right, bottom = sides * kept
    width, height = image.size
    box = (
        round(left * width),
        round(top * height),
        width - round(right * width),
        height - round(bottom * height),
    )
    cut = " ".join(f"{100 * part:.0f}" for part in (left, top, right, bottom))
    return _jpeg(image.crop(box), rng, f"cropped {cut} %", 75, 95)


def framed(image: Image.Image, rng: np.random.Generator) -> Made:
    """A plain border all around, or bars at two sides, of 3 to 12 percent."""
    width, height = image.size
    across, down = round(rng.uniform(0.03, 0.12) * width), round(rng.uniform(0.03, 0.12) * height)
    kind = ("border", "bars above and below", "bars left and right")[int(rng.integers(3))]
    across = 0 if kind == "bars above and below" else across
    down = 0 if kind == "bars left and right" else down
    grey = int(rng.choice([0, 255, 16, 128]))
    frame = Image.new("RGB", (width + 2 * across, height + 2 * down), (grey, grey, grey))
    frame.paste(image, (across, down))
    return _jpeg(frame, rng, f"{kind} of grey {grey}", 80, 95)


def shot(image: Image.Image, rng: np.random.Generator, moment: str, fraction: str) -> Made:
    """As a camera stores it.

    Args:
        moment: "2024:05:01 12:00:00".
        fraction: digits after the second.
    """
    exif = Image.Exif()
    exif[_MAKE], exif[_MODEL] = "Exhibit", "Camera 1"
    inner = exif.get_ifd(_EXIF_FOLDER)
    inner[_MOMENT], inner[_FRACTION] = moment, fraction
    made = _jpeg(image, rng, "shot", 85, 95)
    return Made(made.image, made.words, made.ending, {**made.options, "exif": exif})


def saved_again(made: Made, rng: np.random.Generator) -> Made:
    """With another quality, the rest of the file's data kept."""
    quality = int(rng.integers(40, 75))
    return Made(made.image, f"quality {quality}", made.ending, {**made.options, "quality": quality})


def _jpeg(image: Image.Image, rng: np.random.Generator, words: str, low: int, high: int) -> Made:
    return Made(image, words, "jpg", {"quality": int(rng.integers(low, high + 1))})


def _in_format(image: Image.Image, ending: str, rng: np.random.Generator) -> Made:
    options: dict[str, Any] = {}
    if ending == "webp":
        options = {"quality": int(rng.integers(70, 95)), "method": 0}
    elif ending == "png":
        options = {"compress_level": 1}
    elif ending == "jpg":
        options = {"quality": int(rng.integers(70, 95))}
    return Made(image, f"as {ending}", ending, options)


def _quality(image: Image.Image, rng: np.random.Generator) -> Made:
    made = _jpeg(image, rng, "", 30, 95)
    return Made(image, f"quality {made.options['quality']}", "jpg", made.options)


def _resized(image: Image.Image, rng: np.random.Generator) -> Made:
    scale = rng.uniform(0.5, 1.5)
    size = (round(image.width * scale), round(image.height * scale))
    filters = (Image.Resampling.BICUBIC, Image.Resampling.BILINEAR, Image.Resampling.LANCZOS)
    chosen = filters[int(rng.integers(3))]
    return _jpeg(image.resize(size, chosen), rng, f"resized {100 * scale:.0f} %", 70, 92)


def _brightness(image: Image.Image, rng: np.random.Generator) -> Made:
    factor = float(rng.uniform(0.8, 1.25))
    changed = ImageEnhance.Brightness(image).enhance(factor)
    return _jpeg(changed, rng, f"brightness {factor:.2f}", 70, 92)


def _blurred(image: Image.Image, rng: np.random.Generator) -> Made:
    radius = float(rng.uniform(0.4, 1.2))
    return _jpeg(
        image.filter(ImageFilter.GaussianBlur(radius)), rng, f"blurred {radius:.1f} px", 75, 92
    )


def _reformatted(image: Image.Image, rng: np.random.Generator) -> Made:
    ending = str(rng.choice(["webp", "webp", "png", "gif"]))
    return _in_format(image, ending, rng)


def _turned_by_tag(image: Image.Image, rng: np.random.Generator) -> Made:
    """Stored turned, with the tag by which viewers show it upright."""
    tag = int(rng.choice(list(_STORED)))
    exif = Image.Exif()
    exif[_ORIENTATION] = tag
    made = _jpeg(image.transpose(_STORED[tag]), rng, f"EXIF orientation {tag}", 75, 92)
    return Made(made.image, made.words, "jpg", {**made.options, "exif": exif})


_NEAR: tuple[_Edit, ...] = (
    *(3 * (_quality,)),
    *(3 * (_resized,)),
    *(2 * (_brightness,)),
    *(2 * (_blurred,)),
    _reformatted,
    _turned_by_tag,
)
