"""Synthetic photographs and files of them; seeded, nothing is read."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]


def photograph(seed: int, height: int = 240, width: int = 320) -> Pixels:
    """A colour picture with structure of every size, as photographs have; PDQ quality 100.

    uint8 (height, width, 3).
    """
    rng = np.random.default_rng(seed)
    planes = np.full((height, width, 3), 128.0)
    for cells, strength in ((4, 45.0), (8, 30.0), (16, 22.0), (32, 14.0)):
        coarse = rng.normal(0, strength, (cells, cells, 3)).astype(np.float32)
        for channel in range(3):
            layer = Image.fromarray(coarse[..., channel])
            planes[..., channel] += layer.resize((width, height), Image.Resampling.BICUBIC)
    pixels: Pixels = np.clip(planes, 0, 255).astype(np.uint8)
    return pixels


def encoded(picture: Pixels | Image.Image, format: str, **options: Any) -> bytes:
    """The bytes of a picture file."""
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def png(picture: Pixels | Image.Image, **options: Any) -> bytes:
    return encoded(picture, "PNG", **options)


def with_exif_orientation(value: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = value
    return exif


def stored_for_orientation(shown: Pixels, value: int) -> Pixels:
    """What a camera stores so that a viewer that obeys EXIF orientation ``value`` shows ``shown``.

    From the standard's own table of where the 0th row and column are.
    """
    turned = {
        1: shown,
        2: np.fliplr(shown),
        3: np.rot90(shown, 2),
        4: np.flipud(shown),
        5: shown.swapaxes(0, 1),
        6: np.rot90(shown, 1),
        7: np.rot90(shown, 2).swapaxes(0, 1),
        8: np.rot90(shown, -1),
    }[value]
    return np.ascontiguousarray(turned)


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def raw_png(
    width: int, height: int, depth: int, colour_type: int, rows: bytes, *extra: bytes
) -> bytes:
    """A PNG from unfiltered scan lines (each with its leading 0); ``extra`` chunks before them."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    chunks = (
        png_chunk(b"IHDR", header),
        *extra,
        png_chunk(b"IDAT", zlib.compress(rows)),
        png_chunk(b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
