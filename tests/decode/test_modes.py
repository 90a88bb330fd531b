"""Pixel modes: brought to 8-bit as a viewer shows them, or refused; never a wrong hash."""

from __future__ import annotations

import struct
from collections.abc import Callable

import numpy as np
import pytest
from pictures import Pixels, encoded, photograph, png, png_chunk, raw_png
from PIL import Image

from hashmatch.decode import BACKGROUND, decode_image, decode_pillow
from hashmatch.fingerprinting import FingerprintStatus, hash_image
from hashmatch.types import HashValue

WITHIN = 8  # bits from the RGB original that cases.md allows


def pdq_of(source: bytes | Pixels | Image.Image) -> HashValue:
    made = hash_image(source)
    assert made.status is FingerprintStatus.OK
    return made.hashes["pdq"]


def few_colours() -> Image.Image:
    """A smooth picture that a palette of 256 colours holds almost exactly."""
    grey = Image.fromarray(photograph(3)).convert("L")
    return Image.merge("RGB", [grey, grey.point(lambda v: v // 2), grey.point(lambda v: 255 - v)])


def grey16() -> Pixels:
    return np.asarray(Image.fromarray(photograph(3)).convert("L"), dtype=np.uint8)


CONVERTED: dict[str, Callable[[Image.Image], Image.Image]] = {
    "L": lambda image: image.convert("L"),
    "LA": lambda image: image.convert("LA"),
    "La": lambda image: image.convert("LA").convert("La"),
    "P": lambda image: image.quantize(256),
    "PA": lambda image: image.convert("L").convert("P").convert("PA"),
    "RGB": lambda image: image,
    "RGBA": lambda image: image.convert("RGBA"),
    "RGBa": lambda image: image.convert("RGBA").convert("RGBa"),
    "RGBX": lambda image: image.convert("RGBX"),
    "CMYK": lambda image: image.convert("CMYK"),
    "YCbCr": lambda image: image.convert("YCbCr"),
    "HSV": lambda image: image.convert("HSV"),
}


@pytest.mark.parametrize("mode", CONVERTED)
def test_pillow_pictures_of_every_mode(mode: str) -> None:
    image = CONVERTED[mode](few_colours())
    assert image.mode == mode
    assert pdq_of(image).distance(pdq_of(few_colours())) <= WITHIN


@pytest.mark.parametrize(
    ("mode", "format", "bits"),
    [
        ("L", "PNG", WITHIN),
        ("LA", "PNG", WITHIN),
        ("RGB", "PNG", 0),
        ("RGBA", "PNG", 0),
        ("P", "PNG", WITHIN),
        ("P", "GIF", WITHIN),
        ("PA", "TIFF", WITHIN),
        ("RGB", "TIFF", 0),
        ("CMYK", "TIFF", WITHIN),
        ("CMYK", "JPEG", WITHIN),
        ("L", "JPEG", WITHIN),
        ("RGB", "JPEG", WITHIN),
        ("YCbCr", "JPEG", WITHIN),
        ("YCbCr", "TIFF", WITHIN),
        ("RGB", "BMP", 0),
        ("RGB", "WEBP", WITHIN),
        ("RGB", "AVIF", WITHIN),
        ("RGB", "JPEG2000", WITHIN),
    ],
)
def test_files_of_a_mode(mode: str, format: str, bits: int) -> None:
    """D01, D02, D05, D06: palettes are looked up, grey and alpha are understood."""
    data = encoded(CONVERTED[mode](few_colours()), format)
    assert pdq_of(data).distance(pdq_of(few_colours())) <= bits


@pytest.mark.parametrize("mode", ["L", "LA", "P", "PA", "RGBA"])
def test_a_mode_and_its_colour_copy_are_one_picture(mode: str) -> None:
    """D01, D05, D06: the same pixels give the same hash, however they are stored."""
    image = CONVERTED[mode](few_colours())
    assert pdq_of(image).distance(pdq_of(image.convert("RGB"))) == 0


def test_one_bit_scan() -> None:
    """D06: 0 and 1 are black and white, not two almost equal greys."""
    scan = Image.fromarray(photograph(4)).convert("1")
    as_rgb = scan.convert("RGB")
    for data in (png(scan), encoded(scan, "TIFF"), encoded(scan, "BMP")):
        made = hash_image(data)
        assert made.stored_mode == "1"
        assert made.hashes["pdq"].quality == 100
        assert made.hashes["pdq"].distance(pdq_of(png(as_rgb))) == 0


@pytest.mark.parametrize("order", ["<u2", ">u2"])
def test_sixteen_bit_samples(order: str) -> None:
    """D04: scaled, not clipped to white."""
    wide = grey16().astype(np.uint16) * 257
    little = Image.fromarray(wide)
    assert little.mode == "I;16"
    image = little
    if order == ">u2":
        image = Image.frombytes("I;16B", little.size, wide.astype(">u2").tobytes())
    expected = pdq_of(grey16())
    assert np.array_equal(decode_pillow(image).pixels, grey16())
    assert pdq_of(image).distance(expected) == 0
    assert pdq_of(encoded(image, "TIFF")).distance(expected) == 0
    assert pdq_of(png(little)).distance(expected) == 0


def test_big_endian_tiff_of_sixteen_bits() -> None:
    wide = grey16().astype(np.uint16) * 257
    image = Image.frombytes("I;16B", wide.shape[::-1], wide.astype(">u2").tobytes())
    data = encoded(image, "TIFF", big_endian=True)
    assert data.startswith(b"MM")
    assert np.array_equal(decode_image(data).pixels, grey16())


def test_integers_that_hold_sixteen_bits() -> None:
    image = Image.fromarray(grey16().astype(np.int32) * 257)
    assert image.mode == "I"
    assert np.array_equal(decode_image(encoded(image, "TIFF")).pixels, grey16())


def glyph(name: str) -> Image.Image:
    """Black on transparent black: nothing but alpha tells what is drawn."""
    alpha = np.zeros((128, 128), dtype=np.uint8)
    if name == "bar":
        alpha[20:110, 55:75] = 255
    else:
        alpha[20:40, 10:120] = alpha[40:110, 10:30] = 255
    pixels = np.zeros((128, 128, 4), dtype=np.uint8)
    pixels[..., 3] = alpha
    return Image.fromarray(pixels)


def test_alpha_draws() -> None:
    """D07 (i), (ii)."""
    assert pdq_of(png(glyph("bar"))).distance(pdq_of(png(glyph("corner")))) > 31


@pytest.mark.parametrize("format", ["PNG", "WEBP", "TIFF"])
def test_hidden_colours_do_not_count(format: str) -> None:
    """D07 (iii)."""
    made = []
    for seed in (5, 6):
        pixels = np.dstack([photograph(seed), np.zeros((240, 320), dtype=np.uint8)])
        options = {"lossless": True, "exact": True} if format == "WEBP" else {}
        data = encoded(Image.fromarray(pixels), format, **options)
        assert np.all(decode_image(data).pixels == BACKGROUND)
        made.append(hash_image(data))
    assert made[0].hashes["pdq"] == made[1].hashes["pdq"]
    assert {each.status for each in made} == {FingerprintStatus.LOW_INFORMATION}


@pytest.mark.parametrize(("depth", "sample", "key"), [(1, 0b10101010, 0), (1, 0b10101010, 1)])
def test_transparent_key_of_one_bit_pictures(depth: int, sample: int, key: int) -> None:
    rows = (b"\0" + bytes([sample]) * 2) * 16
    data = raw_png(16, 16, depth, 0, rows, png_chunk(b"tRNS", struct.pack(">H", key)))
    # White paper shows through where the sample is the key.
    visible = decode_image(data).pixels[0, :, 0]
    assert visible.tolist() == ([255] * 16 if key == 0 else [255, 0] * 8)


@pytest.mark.parametrize("colour_type", [0, 2])
def test_transparent_key_of_grey_and_colour(colour_type: int) -> None:
    channels = 1 if colour_type == 0 else 3
    rows = (b"\0" + bytes([7]) * 16 * channels) * 16
    key = png_chunk(b"tRNS", struct.pack(">H", 7) * channels)
    assert np.all(decode_image(raw_png(16, 16, 8, colour_type, rows, key)).pixels == 255)


def test_transparent_palette_entry() -> None:
    image = few_colours().quantize(256)
    image.info["transparency"] = 0
    first = np.asarray(image) == 0
    pixels = decode_image(png(image, transparency=0)).pixels
    assert first.any()
    assert np.all(pixels[first] == 255)


def test_first_frame_of_several() -> None:
    frames = [few_colours(), Image.fromarray(photograph(8))]
    for format in ("GIF", "WEBP", "TIFF", "PNG"):
        data = encoded(frames[0], format, save_all=True, append_images=frames[1:])
        made = hash_image(data)
        assert made.frames == 2
        assert made.hashes["pdq"].distance(pdq_of(few_colours())) <= WITHIN
