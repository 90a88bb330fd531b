"""D08: pictures are hashed as a viewer shows them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pictures import encoded, photograph, stored_for_orientation, with_exif_orientation
from PIL import Image, ImageOps

from hashmatch.decode import decode_image
from hashmatch.fingerprinting import hash_image

SHOWN = photograph(11)


@pytest.mark.parametrize("value", range(1, 9))
@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_lossless(format: str, value: int) -> None:
    stored = stored_for_orientation(SHOWN, value)
    data = encoded(stored, format, exif=with_exif_orientation(value))
    decoded = decode_image(data)
    assert np.array_equal(decoded.pixels, SHOWN)
    assert (decoded.width, decoded.height) == (320, 240)
    assert hash_image(data).hashes["pdq"] == hash_image(SHOWN).hashes["pdq"]


@pytest.mark.parametrize("value", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "WEBP", "AVIF"])
def test_lossy(format: str, value: int) -> None:
    stored = stored_for_orientation(SHOWN, value)
    made = hash_image(encoded(stored, format, quality=92, exif=with_exif_orientation(value)))
    assert (made.width, made.height) == (320, 240)
    assert made.hashes["pdq"].distance(hash_image(SHOWN).hashes["pdq"]) <= 8
    if format == "JPEG":
        assert made.orientation == value


def test_the_untouched_pixels_are_far_away() -> None:
    """Without the orientation the tests above would fail."""
    upright = hash_image(SHOWN).hashes["pdq"]
    for value in range(2, 9):
        stored = stored_for_orientation(SHOWN, value)
        assert hash_image(stored).hashes["pdq"].distance(upright) > 60


def test_pictures_that_pillow_opened(tmp_path: Path) -> None:
    path = tmp_path / "turned.jpg"
    stored = stored_for_orientation(SHOWN, 6)
    path.write_bytes(encoded(stored, "JPEG", quality=95, exif=with_exif_orientation(6)))
    with Image.open(path) as image:
        made = hash_image(image)
    assert made.orientation == 6
    assert made.hashes["pdq"].value == hash_image(path).hashes["pdq"].value


@pytest.mark.parametrize("value", [0, 9, 255, 65535])
def test_orientations_that_do_not_exist(value: int) -> None:
    made = hash_image(encoded(SHOWN, "PNG", exif=with_exif_orientation(value)))
    assert made.orientation == 1
    assert made.hashes["pdq"] == hash_image(SHOWN).hashes["pdq"]


@pytest.mark.parametrize(
    "exif",
    [
        b"Exif\0\0",
        b"Exif\0\0II*\0\xff\xff\xff\x7f",
        b"Exif\0\0MM\0*\0\0\0\x08\xff\xff",
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x02\0\xff\xff\xff\xff\0\0\0\0",
        b"Exif\0\0garbage",
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x05\0\x01\0\0\0\x1a\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0",
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_broken_metadata_never_stops_a_picture(exif: bytes) -> None:
    data = encoded(SHOWN, "JPEG", quality=95, exif=exif)
    made = hash_image(data)
    assert made.orientation == 1
    assert made.hashes["pdq"].distance(hash_image(SHOWN).hashes["pdq"]) <= 8


@pytest.mark.parametrize("value", [3, 6, 8])
def test_as_pillow_turns_a_telephones_photograph(corpus: Path, value: int) -> None:
    path = corpus / "pdq" / "exif" / f"exif-rotn-{value}.jpg"
    made = hash_image(path)
    with Image.open(path) as image:
        upright = np.asarray(ImageOps.exif_transpose(image))
    assert made.orientation == value
    assert made.hashes["pdq"] == hash_image(upright).hashes["pdq"]
