"""Broken, cut and oversized files: a typed error with the reason, soon and without memory."""

from __future__ import annotations

import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import encoded, photograph, png, png_chunk
from PIL import Image

from hashmatch.decode import Limits, decode_image, decode_pillow
from hashmatch.errors import (
    CorruptMediaError,
    DecodeError,
    InputError,
    MediaLimitError,
    UnsupportedMediaError,
)

PICTURE = photograph(21)


@pytest.mark.parametrize("fraction", [0.3, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("format", ["WEBP", "AVIF", "JPEG2000"])
def test_cut_files_of_formats_that_are_all_or_nothing(format: str, fraction: float) -> None:
    """D10; what is left of the others is in test_truncated.py."""
    data = encoded(PICTURE, format)
    with pytest.raises(CorruptMediaError):
        decode_image(data[: int(len(data) * fraction)])


@pytest.mark.parametrize(
    "data", [b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"II*\0", b"MM\0*\0\0\0\x08"]
)
def test_nothing_but_a_beginning(data: bytes) -> None:
    with pytest.raises(CorruptMediaError):
        decode_image(data)


def test_motion_picture_cut_in_its_second_image() -> None:
    """D10: the first picture is whole, and is what is hashed; no endless loop."""
    data = encoded(PICTURE, "MPO", save_all=True, append_images=[Image.fromarray(photograph(22))])
    whole = decode_image(data)
    assert whole.frames == 2
    cut = decode_image(data[: int(len(data) * 0.75)])
    assert np.array_equal(cut.pixels, whole.pixels)


def huge_png(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (png_chunk(b"IHDR", header), png_chunk(b"IDAT", b"x" * 1000))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def huge_gif() -> bytes:
    data = bytearray(encoded(photograph(1, 16, 16), "GIF"))
    data[6:10] = struct.pack("<HH", 65535, 65535)
    return bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        huge_png(60_000, 60_000),
        huge_png(2**31 - 1, 2**31 - 1),
        huge_gif(),
    ],
    ids=["60000 x 60000", "2^31 x 2^31", "GIF screen"],
)
def test_bombs_are_refused_by_their_header(data: bytes) -> None:
    """D11."""
    tracemalloc.start()
    try:
        with pytest.raises(MediaLimitError):
            decode_image(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000


def test_the_callers_limits() -> None:
    data = png(PICTURE)
    assert decode_image(data, Limits(max_pixels=240 * 320)).width == 320
    with pytest.raises(MediaLimitError, match="320 x 240"):
        decode_image(data, Limits(max_pixels=240 * 320 - 1))
    with pytest.raises(MediaLimitError, match=str(len(data))):
        decode_image(data, Limits(max_bytes=len(data) - 1))
    with pytest.raises(MediaLimitError, match="320 x 240"):
        decode_pillow(Image.fromarray(PICTURE), Limits(max_pixels=1000))


@pytest.mark.parametrize("value", [0, -1, 1.5, True, "10", None])
def test_limits_are_checked(value: object) -> None:
    with pytest.raises(InputError, match="max_pixels"):
        Limits(max_pixels=value)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="max_bytes"):
        Limits(max_bytes=value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "0 bytes"),
        (b"ten bytes.", "not a picture"),
        (b"\0\0\0\x20ftypisom\0\0\2\0", "video/mp4"),
    ],
)
def test_what_is_not_decoded(data: bytes, reason: str) -> None:
    with pytest.raises(UnsupportedMediaError, match=reason):
        decode_image(data)


FORMATS = {name: encoded(photograph(23, 40, 40), name) for name in ("JPEG", "PNG", "GIF", "TIFF")}


@given(
    format=st.sampled_from(sorted(FORMATS)),
    position=st.floats(0, 1, exclude_max=True),
    change=st.binary(min_size=1, max_size=4),
)
@settings(max_examples=300)
@pytest.mark.filterwarnings("ignore:::PIL")
def test_changed_bytes_give_pixels_or_a_decode_error(
    format: str, position: float, change: bytes
) -> None:
    data = FORMATS[format]
    at = int(position * len(data))
    changed = data[:at] + change + data[at + len(change) :]
    try:
        decoded = decode_image(changed, Limits(max_pixels=1_000_000))
    except DecodeError:
        return
    assert decoded.pixels.dtype == np.uint8
