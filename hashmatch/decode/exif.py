"""The orientation tag (0x0112) of a TIFF structure, read by hand: EXIF blocks and TIFF files.

Nothing else of the metadata is looked at, and whatever is broken in it costs no picture: a tag that
can't be read counts as absent. Pillow's own reader is not used because it takes an orientation from
XMP where the tag is missing, and raises on much that cameras and editors really write.

Source: TIFF 6.0 section 2, BigTIFF (magic 43), EXIF 2.32 section 4.6.4 A.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

ORIENTATION_TAG = 0x0112
UPRIGHT = 1
ORIENTATIONS = range(1, 9)

_PREFIX_BYTES = 64  # how far a header may stand from the start: "Exif\0\0", offsets of some writers
_HEADERS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
_BIG = (b"II+\x00", b"MM\x00+")
_SHORT = 3
_INTEGER_BYTES = {1: 1, 3: 2, 4: 4, 6: 1, 8: 2, 9: 4, 13: 4, 16: 8, 17: 8, 18: 8}


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a TIFF structure writes its numbers."""

    order: str
    big: bool

    @property
    def word(self) -> int:
        return 8 if self.big else 4

    @property
    def entry(self) -> int:
        return 20 if self.big else 12

    def number(self, data: bytes, at: int, size: int) -> int | None:
        if at < 0 or at + size > len(data):
            return None
        return int.from_bytes(data[at : at + size], "little" if self.order == "<" else "big")

    def bytes_of(self, value: int, size: int) -> bytes:
        return value.to_bytes(size, "little" if self.order == "<" else "big")


def exif_orientation(block: bytes) -> int:
    """The orientation 1..8 in an EXIF block, with or without "Exif" before it; 1 if unreadable."""
    for start in range(min(_PREFIX_BYTES, max(len(block) - 7, 0))):
        if block[start : start + 4] in _HEADERS:
            return tiff_orientation(block[start:])
    return UPRIGHT


def tiff_orientation(data: bytes) -> int:
    """The orientation 1..8 in the first directory of a TIFF structure; 1 if unreadable."""
    layout = _layout(data)
    if layout is None:
        return UPRIGHT
    for at in _orientation_entries(data, layout):
        value = _value(data, at, layout)
        if value is not None and value in ORIENTATIONS:
            return value
    return UPRIGHT


def without_orientation(data: bytes) -> bytes:
    """A TIFF file whose first directory says "upright": Pillow turns TIFF pictures by itself."""
    layout = _layout(data)
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
    layout = _layout(data)
    if layout is None:
        return 1
    seen: set[int] = set()
    at = _first_directory(data, layout)
    while at and at not in seen and len(seen) < at_most:
        count = layout.number(data, at, 8 if layout.big else 2)
        if count is None:
            break
        seen.add(at)
        end = at + (8 if layout.big else 2) + count * layout.entry
        at = layout.number(data, end, layout.word) or 0
    return max(1, len(seen))


def _layout(data: bytes) -> _Layout | None:
    header = data[:4]
    if header not in _HEADERS:
        return None
    return _Layout(order="<" if header[:1] == b"I" else ">", big=header in _BIG)


def _first_directory(data: bytes, layout: _Layout) -> int:
    return layout.number(data, 8 if layout.big else 4, layout.word) or 0


def _orientation_entries(data: bytes, layout: _Layout) -> Iterator[int]:
    """Where the entries with the tag stand in the first directory, cut off at the data's end."""
    start = _first_directory(data, layout)
    count_bytes = 8 if layout.big else 2
    count = layout.number(data, start, count_bytes)
    if not start or count is None:
        return
    first = start + count_bytes
    whole = max(0, (len(data) - first) // layout.entry)
    for index in range(min(count, whole, 0xFFFF)):
        at = first + index * layout.entry
        if layout.number(data, at, 2) == ORIENTATION_TAG:
            yield at


def _value(data: bytes, at: int, layout: _Layout) -> int | None:
    size = _INTEGER_BYTES.get(layout.number(data, at + 2, 2) or 0)
    count = layout.number(data, at + 4, layout.word)
    if size is None or count is None:
        return None
    where = at + 4 + layout.word
    if size * count > layout.word:
        where = layout.number(data, where, layout.word) or 0
    value = layout.number(data, where, size)
    if value is not None and size > 2 and value > 0xFFFF and value & 0xFFFF == 0:
        # A SHORT that is declared a LONG: in big-endian order it stands in the upper half.
        return value >> (8 * size - 16)
    return value
