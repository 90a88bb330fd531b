"""Picture bytes to 8-bit pixels with Pillow.

Pixels are grey (h, w) or RGB (h, w, 3), uint8, as a viewer shows them: EXIF orientation applied,
alpha composited on white, 16-bit samples scaled, the first frame of several. A mode that can't be
brought there without guessing is an error, never a wrong hash.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hashmatch.decode.limits import DEFAULT_LIMITS, Limits
from hashmatch.decode.orientation import apply_orientation, read_orientation
from hashmatch.decode.sniff import SNIFF_BYTES, sniff
from hashmatch.errors import (
    CorruptMediaError,
    DecodeError,
    MediaLimitError,
    UnsupportedMediaError,
)
from hashmatch.types import MediaKind

if TYPE_CHECKING:
    from PIL import Image

BACKGROUND = (255, 255, 255)
"""What transparent pixels show: white, as most viewers and printed pages."""

_PLUGINS = {
    "image/jpeg": ("JPEG",),  # MPO is found through it
    "image/png": ("PNG",),
    "image/gif": ("GIF",),
    "image/webp": ("WEBP",),
    "image/tiff": ("TIFF",),
    "image/bmp": ("BMP",),
    "image/avif": ("AVIF",),
    "image/jp2": ("JPEG2000",),
    "image/vnd.adobe.photoshop": ("PSD",),
    "image/vnd.microsoft.icon": ("ICO",),
}

_WITH_ALPHA = ("LA", "La", "PA", "RGBA", "RGBa", "P", "1", "L", "RGB")


@dataclass(frozen=True, slots=True)
class DecodedImage:
    """A picture's pixels and what was done to get them.

    Attributes:
        pixels: uint8, (h, w) or (h, w, 3), upright; perhaps a strided view.
        stored_mode: Pillow's mode of the file's own samples.
        orientation: the EXIF orientation that was applied, 1..8.
        frames: number of frames in the file, where the format tells; pixels are the first.
    """

    pixels: NDArray[np.uint8]
    mime: str | None
    stored_mode: str
    orientation: int
    frames: int

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])


def decode_image(data: bytes, limits: Limits = DEFAULT_LIMITS) -> DecodedImage:
    """Decode the picture in a file's bytes.

    Raises:
        UnsupportedMediaError: empty, no picture, or a picture type or mode not decoded here.
        CorruptMediaError: broken or cut short.
        MediaLimitError: over ``limits``.
    """
    from PIL import Image

    if not data:
        raise UnsupportedMediaError("empty file: 0 bytes")
    if len(data) > limits.max_bytes:
        raise MediaLimitError(
            f"file size: expected at most {limits.max_bytes} bytes, got {len(data)}"
        )
    found = sniff(data[:SNIFF_BYTES])
    if found.kind is not MediaKind.IMAGE:
        raise UnsupportedMediaError(
            f"not a picture: {found.mime or 'unknown type'}, starts with {data[:8].hex(' ')}"
        )
    plugins = _PLUGINS.get(found.mime or "")
    if plugins is None:
        raise UnsupportedMediaError(f"{found.mime}: not a type that this version decodes")
    # Only the plugin that the bytes call for: Pillow would try all of them.
    with (
        _pillow_errors(found.mime),
        Image.open(io.BytesIO(data), formats=plugins) as image,
    ):
        return _decoded(image, limits, found.mime)


def decode_pillow(image: Image.Image, limits: Limits = DEFAULT_LIMITS) -> DecodedImage:
    """Decode a picture that Pillow has opened; errors as ``decode_image``."""
    with _pillow_errors("Pillow picture"):
        return _decoded(image, limits, None)


@contextmanager
def _pillow_errors(what: str | None) -> Iterator[None]:
    """Pillow's errors as this library's."""
    from PIL import Image, UnidentifiedImageError

    try:
        yield
    except DecodeError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise MediaLimitError(f"{what}: {error}") from error
    except UnidentifiedImageError as error:
        raise CorruptMediaError(f"{what}: the header can't be read") from error
    except MemoryError as error:
        raise MediaLimitError(f"{what}: out of memory while decoding") from error
    except Exception as error:
        # Pillow's plugins raise OSError, SyntaxError, ValueError, struct.error, zlib.error and more
        # for broken files: the type says nothing, the file is what is wrong.
        raise CorruptMediaError(f"{what}: {type(error).__name__}: {error}") from error


def _decoded(image: Image.Image, limits: Limits, mime: str | None) -> DecodedImage:
    width, height = image.size
    if width * height > limits.max_pixels:
        raise MediaLimitError(
            f"pixels: expected at most {limits.max_pixels}, got {width} x {height}"
        )
    stored_mode = image.mode
    pixels = _to_8_bit(image)
    # After the pixels: some formats carry EXIF behind them.
    orientation = read_orientation(image)
    return DecodedImage(
        pixels=apply_orientation(pixels, orientation),
        mime=mime,
        stored_mode=stored_mode,
        orientation=orientation,
        frames=_count_frames(image),
    )


def _count_frames(image: Image.Image) -> int:
    try:
        return int(getattr(image, "n_frames", 1))
    except Exception:  # noqa: BLE001 - counting walks the whole file; a broken tail is no reason to
        return 1  # lose the first frame


def _to_8_bit(image: Image.Image) -> NDArray[np.uint8]:
    mode = image.mode
    if mode in _WITH_ALPHA and image.has_transparency_data:
        return _composited(image)
    if mode in ("L", "RGB"):
        return np.asarray(image, dtype=np.uint8)
    if mode == "1":
        return np.asarray(image.convert("L"), dtype=np.uint8)
    if mode in ("P", "RGBX", "CMYK", "YCbCr", "HSV"):
        return np.asarray(image.convert("RGB"), dtype=np.uint8)
    if mode.startswith("I;16"):
        return (np.asarray(image).astype(np.uint16, copy=False) >> 8).astype(np.uint8)
    if mode == "I":
        return _from_integers(np.asarray(image))
    raise UnsupportedMediaError(f"pixel mode {mode}: not one that can be brought to 8-bit RGB")


def _composited(image: Image.Image) -> NDArray[np.uint8]:
    from PIL import Image

    with_alpha = (image.convert("LA") if image.mode == "La" else image).convert("RGBA")
    ground = Image.new("RGBA", with_alpha.size, (*BACKGROUND, 255))
    return np.asarray(Image.alpha_composite(ground, with_alpha).convert("RGB"), dtype=np.uint8)


def _from_integers(samples: NDArray[np.int32]) -> NDArray[np.uint8]:
    """Pillow's mode I: 16-bit samples of a PNG or TIFF in 32-bit integers."""
    if samples.size and (int(samples.min()) < 0 or int(samples.max()) > 0xFFFF):
        raise UnsupportedMediaError(
            f"pixel mode I: expected 16-bit samples, got {int(samples.min())}..{int(samples.max())}"
        )
    return (samples >> 8).astype(np.uint8)
