"""How many frames a file has, counted without decoding them and never beyond a limit.

Source: GIF89a specification, sections 18 to 26.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hashmatch.decode.exif import count_directories

if TYPE_CHECKING:
    from PIL import Image

_ONE = ("image/vnd.adobe.photoshop", "image/vnd.microsoft.icon", "image/bmp")  # layers, sizes


def count_frames(image: Image.Image, mime: str | None, data: bytes | None, at_most: int) -> int:
    """Frames, or pages of a TIFF; ``at_most`` where there are more."""
    if mime in _ONE:
        return 1
    if data is not None and mime == "image/gif":
        return count_gif_frames(data, at_most)
    if data is not None and mime == "image/tiff":
        return count_directories(data, at_most)
    try:
        return max(1, min(int(getattr(image, "n_frames", 1)), at_most))
    except Exception:  # noqa: BLE001 - a broken index of frames is no reason to lose the first one
        return 1


def count_gif_frames(data: bytes, at_most: int) -> int:
    """Pictures in a GIF: its blocks are stepped over, not decoded."""
    at = 13
    if len(data) > 10 and data[10] & 0x80:
        at += 3 << ((data[10] & 7) + 1)
    frames = 0
    while at < len(data) and frames < at_most:
        kind = data[at]
        if kind == 0x2C:
            frames += 1
            packed = data[at + 9] if at + 9 < len(data) else 0
            at += 11 + ((3 << ((packed & 7) + 1)) if packed & 0x80 else 0)
        elif kind == 0x21:
            at += 2
        else:
            break
        while at < len(data) and data[at]:
            at += data[at] + 1
        at += 1
    return max(1, frames)
