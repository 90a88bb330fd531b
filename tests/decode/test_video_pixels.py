"""A decoder's frame in any pixel format, and any display matrix."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from clips import av
from hypothesis import given
from hypothesis import strategies as st
from pictures import photograph

from hashmatch.decode.video_orientation import orientation_name
from hashmatch.decode.video_pixels import frame_pixels
from hashmatch.hashing import ORIENTATIONS

PICTURE = photograph(6, 48, 64)
LUMA = [
    *("yuv410p", "yuv411p", "yuv420p", "yuv422p", "yuv440p", "yuv444p"),
    *("nv12", "nv21", "nv16", "nv24", "nv42"),
    *("yuyv422", "uyvy422", "y210le", "y212le"),
    *("yuv420p9le", "yuv420p10le", "yuv422p12le", "yuv444p14le", "yuv420p16le", "yuv420p10be"),
    *("p010le", "p012le", "p016le", "p010be", "p210le", "p410le", "p416le"),
]
RGB = ["rgb24", "bgr24", "rgba", "bgra", "argb", "0rgb", "gbrp", "gbrp10le", "gbrap", "rgb48le"]


@pytest.mark.parametrize("format", LUMA)
def test_luma_of_every_format(format: str) -> None:
    frame = av.VideoFrame.from_ndarray(PICTURE, format="rgb24")
    expected = np.asarray(frame.reformat(format="yuv444p").to_ndarray()[0], dtype=int)
    pixels, full_range = frame_pixels(frame.reformat(format=format))
    assert not full_range
    assert pixels.dtype == np.uint8
    assert pixels.shape == (48, 64)
    assert pixels.strides[0] >= 64
    assert pixels.strides[1] == 1
    # Scaling to fewer bits rounds, dropping them does not.
    assert np.abs(pixels.astype(int) - expected).max() <= 2


@pytest.mark.parametrize("format", ["gray", "gray10le", "gray12le", "gray16le", "gray16be"])
def test_grey_is_of_full_range(format: str) -> None:
    frame = av.VideoFrame.from_ndarray(PICTURE, format="rgb24")
    pixels, full_range = frame_pixels(frame.reformat(format=format))
    assert full_range
    expected = np.asarray(frame.reformat(format="gray").to_ndarray(), dtype=int)
    assert np.abs(pixels.astype(int) - expected).max() <= 2


def test_the_range_is_what_the_stream_says() -> None:
    frame = av.VideoFrame.from_ndarray(PICTURE, format="rgb24")
    for format in ("yuv420p", "yuv420p10le", "gray", "yuyv422"):
        plain = frame.reformat(format=format)
        for says, full in ((1, False), (2, True)):
            plain.color_range = says
            assert frame_pixels(plain)[1] is full
        samples, _ = frame_pixels(plain)
        plain.color_range = 1
        assert np.array_equal(frame_pixels(plain)[0], samples)


@pytest.mark.parametrize("format", RGB)
def test_rgb_of_every_format(format: str) -> None:
    frame = av.VideoFrame.from_ndarray(PICTURE, format="rgb24").reformat(format=format)
    pixels, full_range = frame_pixels(frame)
    assert full_range
    assert pixels.flags.c_contiguous
    assert np.abs(pixels.astype(int) - PICTURE).max() <= 1


def matrix(a: int, b: int, c: int, d: int, *, scale: int = 65536) -> bytes:
    return struct.pack("=9i", a * scale, b * scale, 0, c * scale, d * scale, 0, 7, 9, 1 << 30)


SHOWN = {
    "original": (1, 0, 0, 1),
    "rotate90": (0, -1, 1, 0),
    "rotate180": (-1, 0, 0, -1),
    "rotate270": (0, 1, -1, 0),
    "flip_x": (1, 0, 0, -1),
    "flip_y": (-1, 0, 0, 1),
    "flip_plus1": (0, 1, 1, 0),
    "flip_minus1": (0, -1, -1, 0),
}


@pytest.mark.parametrize("name", ORIENTATIONS)
def test_a_matrix_of_any_scale_has_a_name(name: str) -> None:
    for scale in (65536, 1, 100_000):
        assert orientation_name(matrix(*SHOWN[name], scale=scale)) == name


@pytest.mark.parametrize("degrees", [-40, 5, 44])
def test_odd_angles_count_as_the_nearest_quarter(degrees: int) -> None:
    angle = np.radians(90 + degrees)
    a, b = (round(65536 * float(f(angle))) for f in (np.cos, np.sin))
    assert orientation_name(matrix(a, b, -b, a, scale=1)) == "rotate270"


@given(st.binary(max_size=60))
def test_any_matrix_has_a_name(data: bytes) -> None:
    assert orientation_name(data) in ORIENTATIONS
