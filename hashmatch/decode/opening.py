"""Which decoder opens which type of picture; those of extras are asked for by name.

Only the one plugin that the bytes call for is tried: Pillow by itself would try all of them.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from hashmatch.decode.capture import NOTHING, Capture, capture_of
from hashmatch.decode.exif import UPRIGHT, tiff_orientation, without_orientation
from hashmatch.decode.jpeg_segments import exif_block
from hashmatch.decode.jxl_header import jxl_size
from hashmatch.decode.limits import Limits
from hashmatch.decode.tiff import tiff_within
from hashmatch.errors import MediaLimitError, UnsupportedMediaError

if TYPE_CHECKING:
    from PIL import Image

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
_PHOTOMETRIC, _COMPRESSION, _YCBCR = 262, 259, 6
_HEIF = ("image/heic", "image/heif")


def open_picture(data: bytes, mime: str | None, limits: Limits) -> Image.Image:
    """The picture, opened and (but for JPEG XL, whose size is checked first) not yet decoded.

    Raises:
        UnsupportedMediaError: no decoder for the type, or its extra is not installed.
        MediaLimitError: over ``max_pixels``, where the decoder can't be asked before it decodes.
        Exception: whatever the decoder raises for broken files.
    """
    from PIL import Image

    if mime in _HEIF:
        return _open_heif(data)
    if mime == "image/jxl":
        return _open_jxl(data, limits)
    plugins = _PLUGINS.get(mime or "")
    if plugins is None:
        raise UnsupportedMediaError(f"{mime}: not a type that this version decodes")
    if mime == "image/tiff":
        data = without_orientation(data)
    image: Image.Image = Image.open(io.BytesIO(data), formats=plugins)
    if mime == "image/tiff":
        # Pillow would turn the picture by this where the orientation tag is missing.
        image.info.pop("xmp", None)
        _require_honest_samples(image)
    return image


def stored_metadata(
    image: Image.Image, mime: str | None, data: bytes | None
) -> tuple[int, Capture]:
    """By which orientation 1..8 the opened picture's pixels still have to be turned, and when and
    by what it was taken."""
    if mime == "image/tiff" and data is not None:
        tiff = data
    elif mime == "image/jpeg" and data is not None:
        tiff = tiff_within(exif_block(data))
    else:
        block = image.info.get("exif")
        tiff = tiff_within(block) if isinstance(block, bytes) else b""
    if not tiff:
        return UPRIGHT, NOTHING
    if mime in _HEIF or (mime == "image/jxl" and not getattr(image, "jpeg", False)):
        return UPRIGHT, capture_of(tiff)  # the decoder has turned it by the file's own rules
    return tiff_orientation(tiff), capture_of(tiff)


def require_pixels(width: int, height: int, limits: Limits) -> None:
    """Refuse a picture by its size.

    Raises:
        MediaLimitError: more than ``max_pixels``.
    """
    if width * height > limits.max_pixels:
        raise MediaLimitError(
            f"pixels: expected at most {limits.max_pixels}, got {width} x {height}"
        )


def _require_honest_samples(image: Image.Image) -> None:
    """Refuse uncompressed YCbCr in a TIFF where Pillow (before 13) takes it for RGB."""
    tags = getattr(image, "tag_v2", {})
    if (
        tags.get(_PHOTOMETRIC) == _YCBCR
        and tags.get(_COMPRESSION, 1) == 1
        and image.mode != "YCbCr"
    ):
        raise UnsupportedMediaError("uncompressed YCbCr in a TIFF: needs Pillow 13 or later")


def _open_heif(data: bytes) -> Image.Image:
    try:
        from pillow_heif import HeifImageFile
    except ImportError as error:
        raise _missing("HEIC", "heif") from error
    opened: Image.Image = HeifImageFile(io.BytesIO(data))  # type: ignore[no-untyped-call]
    return opened


def _open_jxl(data: bytes, limits: Limits) -> Image.Image:
    try:
        from pillow_jxl.JpegXLImagePlugin import JXLImageFile
    except ImportError as error:
        raise _missing("JPEG XL", "jxl") from error
    require_pixels(*jxl_size(data), limits)
    opened: Image.Image = JXLImageFile(io.BytesIO(data))
    return opened


def _missing(what: str, extra: str) -> UnsupportedMediaError:
    return UnsupportedMediaError(
        f"{what}: needs an extra that is not installed: pip install 'hashmatch[{extra}]'"
    )
