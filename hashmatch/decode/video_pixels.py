"""A decoded frame as the pixels that are hashed: its luma as it lies in memory where that can be.

Source: FFmpeg's pixel format descriptors (libavutil/pixdesc), through PyAV.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hashmatch.decode.modes import BACKGROUND
from hashmatch.decode.video_orientation import UPRIGHT, orientation_name

if TYPE_CHECKING:
    import av

_LIMITED_RANGE, _FULL_RANGE = 1, 2  # AVCOL_RANGE_MPEG and _JPEG; 0: not said
_SEMI_PLANAR = ("nv12", "nv21", "nv16", "nv24", "nv42")
_HIGH_BITS = ("p010", "p012", "p016", "p210", "p212", "p216", "p410", "p412", "p416")


def frame_pixels(frame: av.VideoFrame) -> tuple[NDArray[np.uint8], bool]:
    """Pixels and whether they are of full range; as ``VideoFrame`` describes them."""
    format = frame.format
    name = format.name
    if any(part.is_alpha for part in format.components):
        return _composited(frame), True
    if format.is_rgb or format.is_bayer or format.has_palette or format.is_bit_stream:
        return _packed(frame.reformat(format="rgb24"), 3), True
    full = frame.color_range == _FULL_RANGE or (
        frame.color_range != _LIMITED_RANGE and name.startswith(("yuvj", "gray"))
    )
    depth = format.components[0].bits
    if depth == 8 and (format.is_planar or name == "gray") and name != "nv20":
        return _luma(frame), full
    if 8 < depth <= 16 and _is_plain(frame):
        wide = _luma(frame, ">u2" if format.is_big_endian else "<u2")
        down = 8 if name.startswith(_HIGH_BITS) else depth - 8
        return (wide >> down).astype(np.uint8), full
    # Packed YUV and rarer depths: the same samples, laid out plainly, in the same range.
    kind = "JPEG" if full else "MPEG"
    plain = frame.reformat(format="yuv444p", src_color_range=kind, dst_color_range=kind)
    return _luma(plain), full


class Orientations:
    """The display matrix that comes with each frame, by name.

    A frame that was asked for its side data is freed by the garbage collector alone (PyAV 18), and
    a hundred large frames can wait for that. So it is asked where its rotation is another one.
    """

    def __init__(self) -> None:
        self._rotation: float | None = None
        self._name = UPRIGHT

    def of(self, frame: av.VideoFrame) -> str:
        """The orientation of the next frame, a name of ``ORIENTATIONS``."""
        if frame.rotation != self._rotation:
            self._rotation = frame.rotation
            matrix = frame.side_data.get("DISPLAYMATRIX")
            self._name = UPRIGHT if matrix is None else orientation_name(bytes(matrix))  # type: ignore[call-overload]
        return self._name


class SmallFrames:
    """Frames at 64 x 64 in RGB, scaled as FFmpeg does it by default."""

    def __init__(self) -> None:
        from av.video.reformatter import VideoReformatter

        self._scaler = VideoReformatter()  # one for all: to set it up takes as long as a frame

    def of(self, frame: av.VideoFrame) -> NDArray[np.uint8]:
        """The frame's small picture, uint8 (64, 64, 3)."""
        small = self._scaler.reformat(
            frame, width=64, height=64, format="rgb24", interpolation="BICUBIC"
        )
        return _packed(small, 3)


def _is_plain(frame: av.VideoFrame) -> bool:
    """One plane of luma alone, a sample in two bytes."""
    format = frame.format
    if format.name.startswith((*_HIGH_BITS, "gray")):
        return True
    return format.is_planar and format.components[0].plane == 0 and len(frame.planes) == 3


def _luma(frame: av.VideoFrame, order: str = "u1") -> NDArray[Any]:
    """A view of the first plane in samples of this type, rows padded as they are."""
    plane = frame.planes[0]
    samples = np.frombuffer(memoryview(plane), dtype=order)
    size = samples.itemsize
    samples = samples.reshape(frame.height, abs(plane.line_size) // size)[:, : frame.width]
    if plane.line_size < 0:  # stored from the bottom up
        return np.ascontiguousarray(samples[::-1])
    return samples


def _packed(frame: av.VideoFrame, channels: int) -> NDArray[np.uint8]:
    plane = frame.planes[0]
    rows = np.frombuffer(memoryview(plane), dtype=np.uint8).reshape(frame.height, plane.line_size)
    pixels = rows[:, : frame.width * channels].reshape(frame.height, frame.width, channels)
    return np.ascontiguousarray(pixels)


def _composited(frame: av.VideoFrame) -> NDArray[np.uint8]:
    """Transparent pixels on the background that pictures get too."""
    pixels = _packed(frame.reformat(format="rgba"), 4)
    alpha = pixels[..., 3:].astype(np.uint32)
    ground = np.asarray(BACKGROUND, dtype=np.uint32)
    mixed = pixels[..., :3] * alpha + ground * (255 - alpha)
    return ((mixed + 127) // 255).astype(np.uint8)
