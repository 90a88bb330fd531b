"""When and by what a picture was taken: read where it is, absent where it can't be."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hashmatch.decode import decode_image
from hashmatch.decode.capture import NOTHING, Capture, capture_of
from hashmatch.decode.tiff import tiff_within
from hashmatch.fingerprinting import examine_image

MAKE, MODEL, POINTER = 0x010F, 0x0110, 0x8769
TAKEN, FRACTION = 0x9003, 0x9291


def exif(
    moment: str | None = None,
    fraction: str | None = None,
    make: str | None = None,
    model: str | None = None,
    orientation: int | None = None,
) -> Image.Exif:
    block = Image.Exif()
    for tag, text in ((MAKE, make), (MODEL, model), (0x0112, orientation)):
        if text is not None:
            block[tag] = text
    within = {tag: text for tag, text in ((TAKEN, moment), (FRACTION, fraction)) if text}
    if within:
        block.get_ifd(POINTER).update(within)
    return block


def picture(kind: str, block: Image.Exif) -> bytes:
    rng = np.random.default_rng(1)
    image = Image.fromarray(rng.integers(0, 255, (70, 80, 3), np.uint8))
    stream = io.BytesIO()
    image.save(stream, kind, exif=block)
    return stream.getvalue()


def capture(**parts: str) -> Capture:
    return capture_of(tiff_within(exif(**parts).tobytes()))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_in_every_format_that_has_it(kind: str) -> None:
    data = picture(kind, exif("2024:05:01 12:00:00", "123", "Canon", "EOS R5", 6))
    moment = None if kind == "TIFF" else "2024-05-01T12:00:00.123"  # Pillow leaves it out there
    made = decode_image(data)
    assert (made.orientation, made.capture) == (6, Capture(moment, "Canon EOS R5"))
    assert decode_image(picture(kind, Image.Exif())).capture == NOTHING
    found = examine_image(data)
    assert (found.captured, found.camera) == (moment, "Canon EOS R5")
    assert not {"captured", "camera"} & set(found.to_dict())


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024:05:01 12:00:00", "2024-05-01T12:00:00"),
        ("2024-05-01 12:00:00", "2024-05-01T12:00:00"),
        ("2024:05:01 12:00:00+02:00", "2024-05-01T12:00:00"),
        ("2024:02:30 12:00:00", None),
        ("0000:00:00 00:00:00", None),
        ("    :  :     :  :  ", None),
        ("1066:10:14 09:00:00", None),
        ("2024:05:01", None),
        ("2024:05:01 25:00:00", None),
        ("yesterday", None),
        ("\u0662024:05:01 12:00:00", None),
    ],
)
def test_moments(text: str, moment: str | None) -> None:
    assert capture(moment=text).moment == moment


def test_fractions() -> None:
    assert capture(moment="2024:05:01 12:00:00", fraction="05 ").moment == "2024-05-01T12:00:00.05"
    assert capture(moment="2024:05:01 12:00:00", fraction="x5").moment == "2024-05-01T12:00:00"
    long = capture(moment="2024:05:01 12:00:00", fraction="1234567890").moment
    assert long == "2024-05-01T12:00:00.123456"


@pytest.mark.parametrize(
    ("make", "model", "camera"),
    [
        ("Canon", "Canon EOS R5", "Canon EOS R5"),
        ("NIKON CORPORATION", "NIKON D850", "NIKON CORPORATION NIKON D850"),
        ("Apple", None, "Apple"),
        (None, "iPhone 15", "iPhone 15"),
        ("\x1b[31mA\nB", "C\tD", "[31mA B C D"),
        ("x" * 500, "y" * 500, f"{'x' * 64} {'y' * 64}"),
        (" ", "", None),
        (None, None, None),
    ],
)
def test_cameras(make: str | None, model: str | None, camera: str | None) -> None:
    assert capture_of(tiff_within(exif(make=make, model=model).tobytes())).camera == camera


def test_a_directory_that_leads_nowhere() -> None:
    def one_entry(tag: int, kind: int, count: int, value: int) -> bytes:
        entry = struct.pack("<HHII", tag, kind, count, value)
        return b"II*\0" + struct.pack("<IH", 8, 1) + entry + bytes(4)

    for value in (0, 8, 10**9):
        assert capture_of(one_entry(MAKE, 2, 2**32 - 1, value)).moment is None
        assert capture_of(one_entry(POINTER, 4, 1, value)) == NOTHING
    assert capture_of(one_entry(MAKE, 5, 3, 0)) == NOTHING


@given(st.binary(max_size=200), st.integers(0, 300), st.integers(0, 255))
def test_whatever_the_bytes(tail: bytes, at: int, value: int) -> None:
    block = bytearray(exif("2024:05:01 12:00:00", "1", "Canon", "R5").tobytes()[6:] + tail)
    block[at % len(block)] = value
    for data in (bytes(block), bytes(block[: at % len(block)]), b"MM\0+" + tail):
        made = capture_of(data)
        assert made.camera is None or 0 < len(made.camera) <= 129
        assert made.moment is None or 19 <= len(made.moment) <= 26
