"""D10 and its kind: files that end too soon or break on their way. What is there is hashed."""

from __future__ import annotations

import random
import zlib

import numpy as np
import pytest
from pictures import (
    encoded,
    photograph,
    png,
    png_chunk,
    stored_for_orientation,
    with_exif_orientation,
)
from PIL import Image, ImageFile

from hashmatch.decode import MIN_FRACTION, decode_image
from hashmatch.errors import CorruptMediaError
from hashmatch.fingerprinting import FingerprintStatus, hash_image

PICTURE = photograph(21)
PARTIAL = ("JPEG", "PNG", "GIF", "BMP", "TIFF")


def rows_kept(format: str, fraction: float) -> slice:
    """The rows of the picture that a file cut at ``fraction`` has for certain, but the last."""
    rows = int(240 * (fraction - 0.1))
    return slice(240 - rows, 240) if format == "BMP" else slice(0, rows)  # BMP: from the bottom


@pytest.mark.parametrize("fraction", [0.5, 0.9, 0.99])
@pytest.mark.parametrize("format", PARTIAL)
def test_cut_files(format: str, fraction: float) -> None:
    options = {"JPEG": {"quality": 95}, "GIF": {"interlace": 0}}.get(format, {})
    data = encoded(PICTURE, format, **options)
    whole = decode_image(data)
    cut = decode_image(data[: int(len(data) * fraction)])
    assert whole.fraction is None
    assert cut.fraction is not None
    assert abs(cut.fraction - fraction) < 0.25
    kept = rows_kept(format, cut.fraction)
    assert np.array_equal(cut.pixels[kept], whole.pixels[kept])
    made = hash_image(data[: int(len(data) * fraction)])
    assert made.status is FingerprintStatus.TRUNCATED
    assert made.fraction == cut.fraction
    assert made.reason is not None
    assert "decoded" in made.reason
    if fraction == 0.99:
        assert made.hashes["pdq"].distance(hash_image(data).hashes["pdq"]) <= 16


@pytest.mark.parametrize("format", PARTIAL)
def test_what_is_missing_is_grey(format: str) -> None:
    data = encoded(PICTURE, format, **({"interlace": 0} if format == "GIF" else {}))
    cut = decode_image(data[: len(data) // 2]).pixels
    missing = cut[2] if format == "BMP" else cut[-2]
    assert np.all(missing == 128)


@pytest.mark.parametrize("format", PARTIAL)
def test_too_little_is_no_picture(format: str) -> None:
    data = encoded(PICTURE, format)
    with pytest.raises(CorruptMediaError, match="at least 25% is needed"):
        decode_image(data[: int(len(data) * 0.2)])
    assert MIN_FRACTION == 0.25


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF"])
@pytest.mark.filterwarnings("ignore:::PIL")
def test_the_fraction_is_one_of_stored_rows(format: str, orientation: int) -> None:
    stored = stored_for_orientation(PICTURE, orientation)
    data = encoded(stored, format, exif=with_exif_orientation(orientation))
    cut = decode_image(data[: int(len(data) * 0.6)])
    assert cut.orientation == orientation
    assert cut.fraction is not None
    assert 0.45 < cut.fraction < 0.75


def test_progressive_files_have_every_row() -> None:
    data = encoded(PICTURE, "JPEG", quality=90, progressive=True)
    cut = decode_image(data[: int(len(data) * 0.5)])
    assert cut.fraction == 1.0
    made = hash_image(data[: int(len(data) * 0.5)])
    assert made.status is FingerprintStatus.TRUNCATED
    assert made.hashes["pdq"].distance(hash_image(data).hashes["pdq"]) <= 16


def test_nothing_but_the_end_marker_is_missing() -> None:
    data = encoded(PICTURE, "JPEG")
    made = hash_image(data[:-2])
    assert (made.status, made.fraction) == (FingerprintStatus.TRUNCATED, 1.0)
    assert made.hashes == hash_image(data).hashes


def test_a_whole_picture_with_a_grey_bottom_is_whole() -> None:
    picture = PICTURE.copy()
    picture[120:] = 128
    assert hash_image(encoded(picture, "JPEG")).status is FingerprintStatus.OK


@pytest.mark.parametrize("marker", [b"\xff\x9a", b"\xff\x01", b"\xff\x02", b"\xff\xf7", b"\x9a"])
@pytest.mark.parametrize("where", ["before the scan", "in the scan", "after the header"])
def test_stray_markers_are_passed_over(marker: bytes, where: str) -> None:
    data = encoded(PICTURE, "JPEG", quality=90)
    scan = data.index(b"\xff\xda")
    at = {"before the scan": scan, "in the scan": scan + 3000, "after the header": 2}[where]
    if where == "after the header" and marker == b"\x9a":
        pytest.skip("such a file does not begin as a JPEG does")
    if where == "in the scan":
        if marker in (b"\x9a", b"\xff\x01"):
            pytest.skip("these bytes are data in a scan")
        while data[at - 1] == 0xFF:
            at += 1
    made = decode_image(data[:at] + marker + data[at:])
    assert np.array_equal(made.pixels, decode_image(data).pixels)
    assert made.fraction is None


def test_pillows_own_switch_is_not_touched() -> None:
    """It is one for the whole process, and other threads would see it."""
    before = ImageFile.LOAD_TRUNCATED_IMAGES
    data = encoded(PICTURE, "PNG")
    decode_image(data[: len(data) // 2])
    assert ImageFile.LOAD_TRUNCATED_IMAGES is before is False


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_cut_in_every_mode(mode: str) -> None:
    image = Image.fromarray(PICTURE)
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    elif mode == "P":
        image = image.quantize(256)
    else:
        image = image.convert("L").convert(mode) if mode == "1" else image.convert(mode)
    data = png(image)
    whole = decode_image(data).pixels
    cut = decode_image(data[: int(len(data) * 0.7)])
    assert cut.fraction is not None
    rows = int(240 * 0.4)
    assert np.array_equal(cut.pixels[:rows], whole[:rows])


@pytest.mark.parametrize("at", [0.5, 0.8])
def test_data_that_breaks_on_its_way(at: float) -> None:
    """Not cut but damaged: a byte of the compressed stream, checksums made right."""
    rows = b"".join(b"\0" + row.tobytes() for row in PICTURE)
    squeezed = bytearray(zlib.compress(rows))
    for n in range(40):
        squeezed[int(len(squeezed) * at) + n] ^= 0xA5
    data = png(PICTURE)
    header = data[:33]
    broken = header + png_chunk(b"IDAT", bytes(squeezed)) + png_chunk(b"IEND", b"")
    made = decode_image(broken)
    assert made.fraction is not None
    assert made.fraction > 0.35


def test_interlaced_png() -> None:
    """Adam7: Pillow reads it, does not write it; seven passes of rows without filter."""
    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2))
    rows = b"".join(
        b"\0" + row.tobytes()
        for left, top, across, down in (*passes, (0, 1, 1, 2))
        for row in PICTURE[top::down, left::across]
    )
    header = bytearray(png(PICTURE)[:33])
    header[28] = 1
    start = bytes(header[:8]) + png_chunk(b"IHDR", bytes(header[16:29]))
    data = start + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b"")
    assert np.array_equal(decode_image(data).pixels, PICTURE)
    cut = decode_image(data[: int(len(data) * 0.8)])
    assert cut.fraction is not None
    assert 0.6 < cut.fraction < 1


def test_decoding_the_same_broken_file_twice_gives_the_same() -> None:
    rng = random.Random(8)
    data = bytearray(encoded(PICTURE, "JPEG"))
    for _ in range(5):
        data[rng.randrange(700, len(data))] = rng.randrange(256)
    cut = bytes(data[: int(len(data) * 0.8)])
    assert np.array_equal(decode_image(cut).pixels, decode_image(cut).pixels)
