"""Metadata as bombs, EXIF broken in all its ways: the picture is hashed all the same."""

from __future__ import annotations

import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import encoded, photograph, png, png_chunk, stored_for_orientation
from PIL import Image

from hashmatch.decode import Limits, decode_image
from hashmatch.decode.exif import (
    count_directories,
    exif_orientation,
    tiff_orientation,
    without_orientation,
)
from hashmatch.decode.frames import count_gif_frames
from hashmatch.errors import MediaLimitError

PICTURE = photograph(61)
STORED = stored_for_orientation(PICTURE, 6)
BYTE, ASCII, SHORT, LONG, RATIONAL, SSHORT, SLONG, DOUBLE, LONG8 = 1, 2, 3, 4, 5, 8, 9, 12, 16


def entry(order: str, kind: int, count: int, value: bytes, tag: int = 0x0112) -> bytes:
    return struct.pack(order + "HHI", tag, kind, count) + value


def block(order: str, *entries: bytes, n: int | None = None, offset: int = 8) -> bytes:
    """An EXIF block of one directory."""
    start = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, offset)
    count = len(entries) if n is None else n
    return start + struct.pack(order + "H", count) + b"".join(entries) + bytes(4)


def turned(order: str = ">") -> bytes:
    return entry(order, SHORT, 1, struct.pack(order + "HH", 6, 0))


READ = {
    "little endian": block("<", turned("<")),
    "big endian": block(">", turned()),
    "behind other entries": block(">", entry(">", ASCII, 4, b"abc\0", 0x010F), turned()),
    "long": block(">", entry(">", LONG, 1, struct.pack(">I", 6))),
    "long, little endian": block("<", entry("<", LONG, 1, struct.pack("<I", 6))),
    "short that is said to be long": block(">", entry(">", LONG, 1, struct.pack(">HH", 6, 0))),
    "signed": block(">", entry(">", SLONG, 1, struct.pack(">i", 6))),
    "byte": block(">", entry(">", BYTE, 1, b"\6\0\0\0")),
    "count of zero": block(">", entry(">", SHORT, 0, struct.pack(">HH", 6, 0))),
    "two shorts": block(">", entry(">", SHORT, 2, struct.pack(">HH", 6, 3))),
    "unsorted": block(">", entry(">", SHORT, 1, b"\0\1\0\0", 0x0128), turned()),
    "twice": block(">", turned(), entry(">", SHORT, 1, struct.pack(">HH", 3, 0))),
    "a bad one first": block(">", entry(">", SHORT, 1, struct.pack(">HH", 9, 0)), turned()),
    "more entries promised than there are": block(">", turned(), n=200),
    "most entries possible promised": block(">", turned(), n=0xFFFF),
    "cut behind the entry": block(">", turned())[:-4],
    "endless chain of directories": block(">", turned())[:-4] + struct.pack(">I", 8),
    "bytes before the header": b"\0\0junk" + block(">", turned()),
    "Exif before it": b"Exif\0\0" + block(">", turned()),
    "Exif twice before it": b"Exif\0\0Exif\0\0" + block(">", turned()),
    "a broken neighbour": block(">", entry(">", 99, 0xFFFFFFFF, b"\xff" * 4, 0x0111), turned()),
}
NOT_READ = {
    "empty": b"",
    "header only": b"MM\0*\0\0\0\x08",
    "no header": b"Exif\0\0" + bytes(30),
    "wrong magic": b"MM\0\x2b" + block(">", turned())[4:],
    "offset past the end": block(">", turned(), offset=5000),
    "offset of zero": block(">", turned(), offset=0),
    "largest offset": block(">", turned(), offset=0xFFFFFFFF),
    "no entries": block(">", turned(), n=0),
    "cut in the entry": block(">", turned())[:18],
    "zero": block(">", entry(">", SHORT, 1, bytes(4))),
    "nine": block(">", entry(">", SHORT, 1, struct.pack(">HH", 9, 0))),
    "negative": block(">", entry(">", SSHORT, 1, struct.pack(">hH", -6, 0))),
    "text": block(">", entry(">", ASCII, 2, b"6\0\0\0")),
    "rational": block(">", entry(">", RATIONAL, 1, struct.pack(">I", 8))),
    "unknown type": block(">", entry(">", 77, 1, struct.pack(">HH", 6, 0))),
    "type zero": block(">", entry(">", 0, 1, struct.pack(">HH", 6, 0))),
    "many values, far away": block(">", entry(">", SHORT, 0xFFFFFFFF, b"\xff" * 4)),
    "in the thumbnail's directory": block(">", entry(">", SHORT, 1, b"\0\1\0\0", 0x0100))[:-4]
    + struct.pack(">I", 26)
    + struct.pack(">H", 1)
    + turned()
    + bytes(4),
    "in the camera's directory only": block(">", entry(">", LONG, 1, b"\0\0\0\x1a", 0x8769))
    + struct.pack(">H", 1)
    + turned()
    + bytes(4),
}


@pytest.mark.parametrize("name", READ)
def test_orientations_that_can_be_read(name: str) -> None:
    assert exif_orientation(READ[name]) == 6


@pytest.mark.parametrize("name", NOT_READ)
def test_orientations_that_can_not_be_read(name: str) -> None:
    assert exif_orientation(NOT_READ[name]) == 1


def in_jpeg(exif: bytes) -> bytes:
    data = encoded(STORED, "JPEG", quality=95)
    body = exif if exif.startswith(b"Exif\0\0") else b"Exif\0\0" + exif
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + data[2:]


def in_png(exif: bytes) -> bytes:
    data = png(STORED)
    return data[:33] + png_chunk(b"eXIf", exif) + data[33:]


@pytest.mark.parametrize("name", [*READ, *NOT_READ])
def test_in_files(name: str) -> None:
    exif = {**READ, **NOT_READ}[name]
    expected = 6 if name in READ else 1
    for data in (in_jpeg(exif), in_png(exif)):
        decoded = decode_image(data)
        assert decoded.orientation == expected
        assert decoded.pixels.shape == (PICTURE.shape if expected == 6 else STORED.shape)
        assert decoded.fraction is None


XMP = b'<x:xmpmeta><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'


@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_other_metadata_turns_nothing(format: str) -> None:
    """Tag 0x0112 alone: most viewers do not turn by XMP."""
    if format == "TIFF":
        data = encoded(STORED, format, tiffinfo={700: XMP})
    elif format == "PNG":
        plain = png(STORED)
        text = png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)
        data = plain[:33] + text + plain[33:]
    else:
        data = encoded(STORED, format, xmp=XMP)
    assert XMP in data
    decoded = decode_image(data)
    assert (decoded.orientation, decoded.pixels.shape) == (1, STORED.shape)


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_adobe_deflate"])
@pytest.mark.parametrize("kind", [SHORT, LONG, BYTE])
def test_tiff_pages_are_turned_once(kind: int, compression: str | None) -> None:
    options = {"compression": compression} if compression else {}
    data = bytearray(encoded(STORED, "TIFF", tiffinfo={0x0112: 6}, **options))
    at = data.index(struct.pack("<HHI", 0x0112, SHORT, 1))
    value = b"\6\0\0\0"
    data[at : at + 12] = struct.pack("<HHI", 0x0112, kind, 1) + value
    decoded = decode_image(bytes(data))
    assert decoded.orientation == 6
    assert np.array_equal(decoded.pixels, PICTURE)


def test_a_large_file_format_tiff() -> None:
    data = encoded(STORED, "TIFF", tiffinfo={0x0112: 6}, big_tiff=True)
    assert data[:4] == b"II+\0"
    decoded = decode_image(data)
    assert (decoded.orientation, decoded.mime) == (6, "image/tiff")
    assert np.array_equal(decoded.pixels, PICTURE)


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    for prefix in (b"", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"II*\0\x08\0\0\0\x05\0"):
        assert exif_orientation(prefix + data) in range(1, 9)
        assert tiff_orientation(without_orientation(prefix + data)) == 1
        assert len(without_orientation(prefix + data)) == len(prefix + data)
        assert 1 <= count_directories(prefix + data, 5) <= 5
    assert 1 <= count_gif_frames(b"GIF89a" + data, 7) <= 7


def deflated(n_bytes: int) -> bytes:
    squeeze = zlib.compressobj(9)
    block = bytes(1 << 20)
    return b"".join(squeeze.compress(block) for _ in range(n_bytes >> 20)) + squeeze.flush()


BOMB = deflated(1 << 30)
PNG_BOMBS = {
    "zTXt": png_chunk(b"zTXt", b"Comment\0\0" + BOMB),
    "iTXt": png_chunk(b"iTXt", b"Comment\0\1\0\0\0" + BOMB),
    "iCCP": png_chunk(b"iCCP", b"profile\0\0" + BOMB),
    "many zTXt": png_chunk(b"zTXt", b"Comment\0\0" + deflated(1 << 20)) * 100,
    "bad checksum": png_chunk(b"tEXt", b"Comment\0text")[:-4] + b"abcd",
    "unknown, critical": png_chunk(b"ABCD", b"x" * 100),
    "gAMA without data": png_chunk(b"gAMA", b""),
    "pHYs cut": png_chunk(b"pHYs", b"12"),
    "tRNS too long": png_chunk(b"tRNS", bytes(1000)),
    "acTL of no frames": png_chunk(b"acTL", bytes(8)),
    "acTL of many frames": png_chunk(b"acTL", b"\xff" * 8),
    "exif profile as text": png_chunk(b"tEXt", b"Raw profile type exif\0zz\nzz\nzz\nzz"),
}


@pytest.mark.parametrize("name", PNG_BOMBS)
@pytest.mark.parametrize("where", ["in front", "behind"])
@pytest.mark.filterwarnings("ignore:::PIL")
def test_png_chunks_cost_no_picture(name: str, where: str) -> None:
    """1 GB of text in 1 MB, and other ancillary chunks: neither memory nor the picture is lost."""
    data = png(PICTURE)
    at = 33 if where == "in front" else len(data) - 12
    tracemalloc.start()
    try:
        decoded = decode_image(data[:at] + PNG_BOMBS[name] + data[at:])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    if name != "tRNS too long":
        assert np.array_equal(decoded.pixels, PICTURE)
    assert decoded.pixels.shape == PICTURE.shape
    assert peak < 160_000_000


def segment(code: int, body: bytes) -> bytes:
    return bytes([0xFF, code]) + struct.pack(">H", len(body) + 2) + body


JPEG_SEGMENTS = {
    "empty Exif": segment(0xE1, b"Exif\0\0"),
    "many Exif": segment(0xE1, b"Exif\0\0" + bytes(60_000)) * 50,
    "profile of no parts": segment(0xE2, b"ICC_PROFILE\0"),
    "profile part 9 of 3": segment(0xE2, b"ICC_PROFILE\0\x09\x03" + bytes(100)),
    "index of pictures, broken": segment(0xE2, b"MPF\0MM\0*\xff\xff\xff\xff"),
    "index of pictures, endless": segment(0xE2, b"MPF\0" + b"MM\0*\0\0\0\x08\xff\xff" + bytes(200)),
    "Photoshop, broken": segment(0xED, b"Photoshop 3.0\x008BIM\xff\xff\xff\xff\xff"),
    "Adobe, cut": segment(0xEE, b"Ado"),
    "JFIF, cut": segment(0xE0, b"JFIF\0"),
    "empty comment": segment(0xFE, b""),
    "a length of zero": b"\xff\xfe\0\0",
    "a length of one": b"\xff\xe5\0\1",
}


@pytest.mark.parametrize("name", JPEG_SEGMENTS)
def test_jpeg_segments_cost_no_picture(name: str) -> None:
    data = encoded(PICTURE, "JPEG", quality=95)
    expected = decode_image(data).pixels
    decoded = decode_image(data[:20] + JPEG_SEGMENTS[name] + data[20:])
    assert np.array_equal(decoded.pixels, expected)


def gif_of(width: int, height: int) -> bytes:
    data = bytearray(encoded(photograph(1, 16, 16), "GIF"))
    data[6:10] = struct.pack("<HH", width, height)
    return bytes(data)


def test_a_gif_screen_larger_than_its_frame() -> None:
    with pytest.raises(MediaLimitError):
        decode_image(gif_of(65535, 65535))


def test_a_gif_of_very_many_frames_is_counted_up_to_the_limit() -> None:
    data = encoded(photograph(1, 16, 16), "GIF")
    frame = b"\x2c\0\0\0\0\1\0\1\0\0\2\1\0\0"
    many = data[:-1] + frame * 200_000 + b";"
    assert decode_image(many).frames == Limits().max_frames
    assert decode_image(many, Limits(max_frames=300_000)).frames == 200_001


@pytest.mark.parametrize(
    ("height", "width"),
    [(1, 1), (1, 3000), (3000, 1), (5, 5), (7, 2999), (641, 479), (3, 40_000), (17, 33), (2, 2)],
)
@pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP"])
def test_odd_sides_and_extreme_shapes(format: str, height: int, width: int) -> None:
    if format == "WEBP" and max(height, width) > 16383:
        pytest.skip("WebP has no such sides")
    picture = np.asarray(Image.fromarray(PICTURE).resize((width, height)))
    decoded = decode_image(encoded(picture, format))
    assert (decoded.height, decoded.width) == (height, width)
