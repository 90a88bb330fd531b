"""JPEG past Pillow: equal samples where the file is plain, and Pillow's word where it is not."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pictures import photograph, with_exif_orientation
from PIL import Image

from hashmatch.decode import decode_image
from hashmatch.decode.jpeg import decode_jpeg
from hashmatch.fingerprinting import hash_image
from hashmatch.hashing import cell_scale


def jpeg(width: int, height: int, mode: str = "RGB", **options: Any) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(photograph(7, height, width)).convert(mode).save(stream, "JPEG", **options)
    return stream.getvalue()


def plain(data: bytes, **options: Any) -> Any:
    with Image.open(io.BytesIO(data)) as image:
        width, height = image.size
    return decode_jpeg(data, width=width, height=height, **options)


@pytest.mark.parametrize("size", [(8, 8), (17, 9), (123, 77), (641, 479), (1024, 33)])
@pytest.mark.parametrize(
    "options",
    [
        {"quality": 92},
        {"quality": 30, "subsampling": 0},
        {"quality": 75, "subsampling": 1},
        {"progressive": True},
        {"restart_marker_blocks": 3},
    ],
)
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_equal_to_pillow(size: tuple[int, int], options: dict[str, Any], mode: str) -> None:
    data = jpeg(*size, mode=mode, **options)
    with Image.open(io.BytesIO(data)) as image:
        expected = np.asarray(image)
    assert np.array_equal(plain(data, grey=mode == "L"), expected)


@pytest.mark.parametrize("scale", [2, 4, 8])
def test_scaled_sizes_round_up(scale: int) -> None:
    data = jpeg(641, 479)
    assert plain(data, grey=True, scale=scale).shape == (-(-479 // scale), -(-641 // scale))


def test_what_is_not_plain_is_left_to_pillow() -> None:
    whole = jpeg(200, 150)
    assert plain(jpeg(200, 150, mode="CMYK"), grey=False) is None
    assert plain(whole[: len(whole) // 2], grey=False) is None
    assert decode_jpeg(whole, width=200, height=151, grey=False) is None
    assert decode_jpeg(b"\xff\xd8\xff\xe0", width=1, height=1, grey=False) is None


@pytest.mark.parametrize("orientation", range(1, 9))
def test_fast_and_exact_agree_in_every_orientation(orientation: int) -> None:
    data = jpeg(2207, 2101, quality=88, exif=with_exif_orientation(orientation))
    exact = hash_image(data, dihedral=True)
    fast = hash_image(data, decode="fast", dihedral=True)
    assert (exact.decode, fast.decode) == ("exact", "fast 1/4")
    assert (fast.width, fast.height) == (exact.width, exact.height)
    assert fast.orientation == orientation
    pairs = zip(exact.dihedral["pdq"], fast.dihedral["pdq"], strict=True)
    assert max(a.distance(b) for a, b in pairs) <= 2
    assert fast.hashes["pdq"] == fast.dihedral["pdq"][0]


def test_small_pictures_are_luma_at_full_size() -> None:
    data = jpeg(481, 321)
    fast = hash_image(data, decode="fast")
    assert fast.decode == "fast 1/1"
    assert fast.hashes["pdq"].distance(hash_image(data).hashes["pdq"]) <= 2


def test_fast_is_exact_where_the_format_has_no_fast_way() -> None:
    stream = io.BytesIO()
    Image.fromarray(photograph(3, 300, 400)).save(stream, "PNG")
    fast = hash_image(stream.getvalue(), decode="fast")
    assert fast.decode == "exact"
    assert fast.hashes == hash_image(stream.getvalue()).hashes


def test_a_cut_file_is_truncated_in_both_ways() -> None:
    data = jpeg(1500, 1200)
    cut = data[: len(data) * 2 // 3]
    fast, exact = hash_image(cut, decode="fast"), hash_image(cut)
    assert fast.status == exact.status == "TRUNCATED"
    assert fast.decode == "exact"
    assert fast.hashes == exact.hashes


def test_within_two_bits_on_photographs(corpus: Path) -> None:
    """Every JPEG of the corpus that is large enough to be decoded at a half or a quarter."""
    scales = []
    for path in sorted(corpus.glob("**/*.jpg")):
        with Image.open(path) as image:
            scale = cell_scale(*image.size)
        if scale in (2, 4):
            fast, exact = hash_image(path, decode="fast"), hash_image(path)
            assert fast.hashes["pdq"].distance(exact.hashes["pdq"]) <= 2, path.name
            scales.append(scale)
    assert len(scales) >= 4


def test_stated_in_the_decoded_picture() -> None:
    data = jpeg(1300, 1100, exif=with_exif_orientation(6))
    picture = decode_image(data, reduce=cell_scale)
    assert (picture.scale, picture.luma_only, picture.pixels.shape) == (2, True, (550, 650))
    assert (picture.width, picture.height) == (1100, 1300)
    assert (picture.stored_width, picture.stored_height) == (1300, 1100)
