"""The orientation tag (0x0112) of a TIFF structure, read by hand: EXIF blocks and TIFF files.

Whatever is broken in the metadata costs no picture: a tag that can't be read counts as absent.
Pillow's own reader is not used because it takes an orientation from XMP where the tag is missing,
and raises on much that cameras and editors really write.

Source: TIFF 6.0 section 2, BigTIFF (magic 43), EXIF 2.32 section 4.6.4 A.
"""

from __future__ import annotations

from collections.abc import Iterator

from hashmatch.decode.tiff import (
    Layout,
    entries_of,
    first_directory,
    layout_of,
    tiff_within,
    value_place,
)

ORIENTATION_TAG = 0x0112
UPRIGHT = 1
ORIENTATIONS = range(1, 9)

_SHORT = 3
_INTEGER_BYTES = {1: 1, 3: 2, 4: 4, 6: 1, 8: 2, 9: 4, 13: 4, 16: 8, 17: 8, 18: 8}


def exif_orientation(block: bytes) -> int:
    """The orientation 1..8 in an EXIF block, with or without "Exif" before it; 1 if unreadable."""
    return tiff_orientation(tiff_within(block))


def tiff_orientation(data: bytes) -> int:
    """The orientation 1..8 in the first directory of a TIFF structure; 1 if unreadable."""
    layout = layout_of(data)
    if layout is None:
        return UPRIGHT
    for at in _orientation_entries(data, layout):
        value = _value(data, at, layout)
        if value is not None and value in ORIENTATIONS:
            return value
    return UPRIGHT


def without_orientation(data: bytes) -> bytes:
    """A TIFF file whose first directory says "upright": Pillow turns TIFF pictures by itself."""
    layout = layout_of(data)
    if layout is None:
        return data
    entries = list(_orientation_entries(data, layout))
    if not entries:
        return data
    patched = bytearray(data)
    for at in entries:
        patched[at + 2 : at + layout.entry] = (
            layout.bytes_of(_SHORT, 2)
            + layout.bytes_of(1, layout.word)
            + layout.bytes_of(UPRIGHT, 2)
            + bytes(layout.word - 2)
        )
    return bytes(patched)


def count_directories(data: bytes, at_most: int) -> int:
    """How many pages a TIFF file has; counting stops at ``at_most`` and where the chain breaks."""
    layout = layout_of(data)
    if layout is None:
        return 1
    seen: set[int] = set()
    at = first_directory(data, layout)
    while at and at not in seen and len(seen) < at_most:
        count = layout.number(data, at, layout.count)
        if count is None:
            break
        seen.add(at)
        end = at + layout.count + count * layout.entry
        at = layout.number(data, end, layout.word) or 0
    return max(1, len(seen))


def _orientation_entries(data: bytes, layout: Layout) -> Iterator[int]:
    """Where the entries with the tag stand in the first directory."""
    for tag, at in entries_of(data, layout, first_directory(data, layout)):
        if tag == ORIENTATION_TAG:
            yield at


def _value(data: bytes, at: int, layout: Layout) -> int | None:
    size = _INTEGER_BYTES.get(layout.number(data, at + 2, 2) or 0)
    place = None if size is None else value_place(data, at, layout, size)
    if size is None or place is None:
        return None
    value = layout.number(data, place[0], size)
    if value is not None and size > 2 and value > 0xFFFF and value & 0xFFFF == 0:
        # A SHORT that is declared a LONG: in big-endian order it stands in the upper half.
        return value >> (8 * size - 16)
    return value
