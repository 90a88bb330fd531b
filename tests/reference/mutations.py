"""Broken picture files without end: bit flips, cuts, splices of every format; seeded."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from PIL import Image
from reference.pictures import smooth

FORMATS: dict[str, dict[str, Any]] = {
    "JPEG": {},
    "PNG": {},
    "GIF": {},
    "WEBP": {},
    "TIFF": {},
    "BMP": {},
    "AVIF": {},
    "JPEG2000": {},
    "ICO": {},
    "MPO": {},
    "JPEG progressive": {"progressive": True},
    "TIFF lzw": {"compression": "tiff_lzw"},
    "TIFF jpeg": {"compression": "jpeg"},
    "PNG palette": {},
    "APNG": {"save_all": True},
    "GIF animated": {"save_all": True},
    "WEBP animated": {"save_all": True},
    "JPEG cmyk": {},
    "PSD": {},
    "HEIC": {},
    "JXL": {},
}
_SIDES = (96, 120)


def seeds() -> dict[str, bytes]:
    """One whole file of each kind; those of an extra only where it is installed."""
    rng = np.random.default_rng(1)
    frames = [Image.fromarray(smooth((*_SIDES, 3), rng)) for _ in range(3)]
    made = {}
    for name, options in FORMATS.items():
        data = _encoded(name, frames, options)
        if data is not None:
            made[name] = data
    return made


def _encoded(name: str, frames: list[Image.Image], options: dict[str, Any]) -> bytes | None:
    image = frames[0]
    if name == "PSD":
        header = b"8BPS\0\1" + bytes(6) + b"\0\3" + b"\0\0\0\x60\0\0\0\x78" + b"\0\x08\0\3"
        planes = b"".join(band.tobytes() for band in image.split())
        return header + bytes(12) + b"\0\0" + planes
    if name == "PNG palette":
        image = image.quantize(64)
    elif name == "JPEG cmyk":
        image = image.convert("CMYK")
    more: dict[str, Any] = {"append_images": frames[1:]} if "save_all" in options else {}
    if name == "HEIC":
        return _heic(image)
    if name == "JXL" and not _registers("pillow_jxl"):
        return None
    stream = io.BytesIO()
    format = "PNG" if name == "APNG" else name.split(" ")[0]
    image.save(stream, format, **options, **more)
    return stream.getvalue()


def _heic(image: Image.Image) -> bytes | None:
    try:
        import pillow_heif
    except ImportError:
        return None
    stream = io.BytesIO()
    pillow_heif.from_pillow(image).save(stream)
    return stream.getvalue()


def _registers(package: str) -> bool:
    try:
        __import__(package)
    except ImportError:
        return False
    return True


def _flipped(data: bytes, rng: random.Random, _: list[bytes]) -> bytes:
    changed = bytearray(data)
    for _n in range(rng.choice((1, 1, 2, 4, 16, 64))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _header_flipped(data: bytes, rng: random.Random, _: list[bytes]) -> bytes:
    changed = bytearray(data)
    for _n in range(rng.choice((1, 2, 3))):
        changed[rng.randrange(min(64, len(changed)))] = rng.randrange(256)
    return bytes(changed)


def _cut(data: bytes, rng: random.Random, _: list[bytes]) -> bytes:
    return data[: rng.randrange(len(data))]


def _spliced(data: bytes, rng: random.Random, others: list[bytes]) -> bytes:
    other = rng.choice(others)
    at = rng.randrange(min(len(data), 600))
    return data[:at] + other[rng.randrange(len(other)) :]


def _repeated(data: bytes, rng: random.Random, _: list[bytes]) -> bytes:
    start = rng.randrange(len(data))
    part = data[start : start + rng.randrange(1, 200)]
    return data[:start] + part * rng.choice((2, 3, 50)) + data[start:]


def _extreme_words(data: bytes, rng: random.Random, _: list[bytes]) -> bytes:
    changed = bytearray(data)
    for _n in range(rng.choice((1, 2))):
        at = rng.randrange(min(400, len(changed) - 4))
        changed[at : at + 4] = rng.choice((b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", bytes(4)))
    return bytes(changed)


MUTATIONS: tuple[Callable[[bytes, random.Random, list[bytes]], bytes], ...] = (
    _flipped,
    _header_flipped,
    _cut,
    _spliced,
    _repeated,
    _extreme_words,
)


def mutated(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """``count`` broken files, each with the name of what it was made of."""
    rng = random.Random(seed)
    whole = seeds()
    names = sorted(whole)
    others = list(whole.values())
    for number in range(count):
        name = names[number % len(names)]
        yield name, rng.choice(MUTATIONS)(whole[name], rng, others)
