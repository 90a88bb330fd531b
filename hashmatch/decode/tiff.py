"""Directories of a TIFF structure, read by hand: EXIF blocks and TIFF files.

Nothing raises: what lies outside of the bytes counts as absent.

Source: TIFF 6.0 section 2, BigTIFF (magic 43).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_PREFIX_BYTES = 64  # how far a header may stand from the start: "Exif\0\0", offsets of some writers
_HEADERS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
_BIG = (b"II+\x00", b"MM\x00+")


@dataclass(frozen=True, slots=True)
class Layout:
    """How a TIFF structure writes its numbers.

    Attributes:
        order: of bytes.
        big: BigTIFF, with 8 bytes where others have 4.
    """

    order: Literal["little", "big"]
    big: bool

    @property
    def word(self) -> int:
        """Bytes of an offset."""
        return 8 if self.big else 4

    @property
    def entry(self) -> int:
        """Bytes of a directory's entry."""
        return 20 if self.big else 12

    @property
    def count(self) -> int:
        """Bytes of a directory's number of entries."""
        return 8 if self.big else 2

    def number(self, data: bytes, at: int, size: int) -> int | None:
        """The number at a place, None beyond the bytes."""
        if at < 0 or at + size > len(data):
            return None
        return int.from_bytes(data[at : at + size], self.order)

    def bytes_of(self, value: int, size: int) -> bytes:
        """A number as it is written."""
        return value.to_bytes(size, self.order)


def tiff_within(block: bytes) -> bytes:
    """The TIFF structure in an EXIF block, with or without "Exif" before it; empty if none."""
    for start in range(min(_PREFIX_BYTES, max(len(block) - 7, 0))):
        if block[start : start + 4] in _HEADERS:
            return block[start:] if start else block
    return b""


def layout_of(data: bytes) -> Layout | None:
    """How its numbers are written; None of what is no TIFF structure."""
    header = data[:4]
    if header not in _HEADERS:
        return None
    return Layout("little" if header[:1] == b"I" else "big", header in _BIG)


def first_directory(data: bytes, layout: Layout) -> int:
    """Where it stands; 0 if nowhere."""
    return layout.number(data, 8 if layout.big else 4, layout.word) or 0


def entries_of(
    data: bytes, layout: Layout, directory: int, at_most: int = 0xFFFF
) -> Iterator[tuple[int, int]]:
    """Tag and place of each entry of a directory, cut off at the data's end."""
    count = layout.number(data, directory, layout.count)
    if not directory or count is None:
        return
    first = directory + layout.count
    whole = max(0, (len(data) - first) // layout.entry)
    for index in range(min(count, whole, at_most)):
        at = first + index * layout.entry
        yield layout.number(data, at, 2) or 0, at


def value_place(data: bytes, at: int, layout: Layout, size: int) -> tuple[int, int] | None:
    """Where the values of the entry at ``at`` stand, and how many they are.

    Args:
        size: bytes of one.
    """
    count = layout.number(data, at + 4, layout.word)
    if count is None:
        return None
    where = at + 4 + layout.word
    if size * count > layout.word:
        where = layout.number(data, where, layout.word) or 0
    return where, count
