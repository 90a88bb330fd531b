"""What decides which of some copies is looked at: sizes, times and places, as arrays."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from hashmatch.scan import Catalogue

Ids = NDArray[np.int64]

LOSSLESS = frozenset(
    {
        "image/png",
        "image/apng",
        "image/bmp",
        "image/x-ms-bmp",
        "image/tiff",
        "image/vnd.adobe.photoshop",
        "image/x-tga",
        "image/x-portable-pixmap",
        "image/x-portable-graymap",
        "image/x-portable-bitmap",
        "image/x-portable-anymap",
        "image/qoi",
    }
)
"""MIME types whose pictures are stored as they are."""

NEVER = np.iinfo(np.int64).max
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """Of some contents, a row each.

    Attributes:
        widths, heights: int64 (n,), as shown; 0 where unknown.
        areas: int64 (n,), pixels that show something: less than all where there are borders.
        sizes: int64 (n,), bytes.
        lossless: bool (n,), stored without loss.
        cut: bool (n,), cut off or broken in part.
        bordered: bool (n,), within borders or bars, as far as that was looked for.
        durations: int64 (n,), milliseconds of a video; 0 of others.
        captured: moment of capture of each, as the catalogue has it, or None.
        earliest: int64 (n,), nanoseconds since 1970: of capture where it is known, else the time of
            the last change of the earliest file; ``NEVER`` where no file is there.
        places: int64 (n,), among all items in the order of their paths, where its first file is.
    """

    widths: Ids
    heights: Ids
    areas: Ids
    sizes: Ids
    lossless: NDArray[np.bool_]
    cut: NDArray[np.bool_]
    bordered: NDArray[np.bool_]
    durations: Ids
    captured: list[str | None]
    earliest: Ids
    places: Ids

    def part(self, begin: int, end: int) -> Facts:
        """Some rows that follow each other."""
        columns = {item.name: getattr(self, item.name)[begin:end] for item in fields(self)}
        return Facts(**columns)


def read_facts(catalogue: Catalogue, numbers: Ids) -> Facts:
    """Facts of contents, in one pass over all items.

    Args:
        numbers: int64 (n,), ``CatalogueContent.number`` of each, none of them twice.
    """
    n = len(numbers)
    rows = np.full(int(numbers.max(initial=0)) + 1, -1)
    rows[numbers] = np.arange(n)
    widths, heights, sizes, durations = (np.zeros(n, np.int64) for _ in range(4))
    earliest, places = (np.full(n, NEVER) for _ in range(2))
    lossless, cut = np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    captured: list[str | None] = [None] * n
    for place, item in enumerate(catalogue.items() if n else ()):
        content = item.content
        if content is None or content.number >= len(rows) or rows[content.number] < 0:
            continue
        row = rows[content.number]
        if places[row] == NEVER:
            places[row] = place
            widths[row], heights[row] = content.width or 0, content.height or 0
            sizes[row], durations[row] = content.size, content.duration_ms or 0
            lossless[row] = content.mime in LOSSLESS
            cut[row] = content.status != "OK"
            captured[row] = getattr(content, "captured", None)
            moment = captured[row]
            if moment is not None:
                earliest[row] = nanoseconds(moment)
        if captured[row] is None:
            earliest[row] = min(int(earliest[row]), _whole(item.mtime_ns))
    return Facts(
        widths=widths,
        heights=heights,
        areas=widths * heights,
        sizes=sizes,
        lossless=lossless,
        cut=cut,
        bordered=np.zeros(n, np.bool_),
        durations=durations,
        captured=captured,
        earliest=earliest,
        places=places,
    )


def nanoseconds(moment: str) -> int:
    """A moment of capture as nanoseconds since 1970, as if a camera's clock were in UTC; ``NEVER``
    for what is no moment."""
    try:
        whole = datetime.fromisoformat(moment[:19]).replace(tzinfo=UTC)
    except ValueError:
        return int(NEVER)
    fraction = moment[20:29]
    part = int(fraction.ljust(9, "0")) if fraction.isascii() and fraction.isdigit() else 0
    return int((whole - _EPOCH).total_seconds()) * 10**9 + part


def time_of(nanoseconds_utc: int) -> str:
    """For a person, to the second."""
    moment = datetime.fromtimestamp(nanoseconds_utc // 10**9, UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _whole(text: str) -> int:
    """Nanoseconds that a file system may state, within what an array holds."""
    return max(-int(NEVER), min(int(NEVER), int(text)))
