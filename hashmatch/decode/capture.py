"""When and by which camera a picture was taken, as its EXIF block says.

Nothing raises, and nothing is believed: texts are short and clean, a moment that no calendar has
counts as absent. Nobody vouches for a camera's clock.

Source: EXIF 2.32 sections 4.6.4 A (0x010F, 0x0110) and 4.6.5 D, F (0x9003, 0x9291).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from hashmatch.decode.tiff import Layout, entries_of, first_directory, layout_of, value_place

_MAKE, _MODEL, _EXIF_DIRECTORY = 0x010F, 0x0110, 0x8769
_TAKEN, _TAKEN_FRACTION = 0x9003, 0x9291
_TEXT_TYPES = (1, 2, 7, 129)  # BYTE, ASCII, UNDEFINED, UTF-8
_MOST_ENTRIES = 512
_MOST_CHARACTERS = 64
_YEARS = range(1900, 2101)
_MOMENT = re.compile(
    r"(\d{4})[:/.-](\d\d)[:/.-](\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\D.*)?", re.ASCII | re.DOTALL
)
_FRACTION = re.compile(r"\d{1,6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Capture:
    """What a camera wrote.

    Attributes:
        moment: in the camera's own time, "2024-05-01T12:00:00" or "2024-05-01T12:00:00.123"; None
            where there is none, or one that can't be.
        camera: make and model, at most 129 characters without control characters; None if absent.
    """

    moment: str | None = None
    camera: str | None = None


NOTHING = Capture()


def capture_of(data: bytes) -> Capture:
    """From a TIFF structure: an EXIF block without what stands before it, or a TIFF file."""
    layout = layout_of(data)
    if layout is None:
        return NOTHING
    first = _places(data, layout, first_directory(data, layout))
    make, model = _text(data, layout, first.get(_MAKE)), _text(data, layout, first.get(_MODEL))
    within = _number(data, layout, first.get(_EXIF_DIRECTORY))
    taken = _places(data, layout, within) if within else {}
    return Capture(
        _moment(
            _text(data, layout, taken.get(_TAKEN)),
            _text(data, layout, taken.get(_TAKEN_FRACTION)),
        ),
        _camera(make, model),
    )


def _places(data: bytes, layout: Layout, directory: int) -> dict[int, int]:
    places: dict[int, int] = {}
    for tag, at in entries_of(data, layout, directory, _MOST_ENTRIES):
        places.setdefault(tag, at)
    return places


def _number(data: bytes, layout: Layout, at: int | None) -> int:
    return 0 if at is None else layout.number(data, at + 4 + layout.word, layout.word) or 0


def _text(data: bytes, layout: Layout, at: int | None) -> str:
    if at is None or layout.number(data, at + 2, 2) not in _TEXT_TYPES:
        return ""
    place = value_place(data, at, layout, 1)
    if place is None or not place[0]:
        return ""
    start, count = place
    raw = data[start : start + min(count, 4 * _MOST_CHARACTERS)].split(b"\0", 1)[0]
    text = raw.decode("utf-8", "replace")
    printable = "".join(one if one.isprintable() else " " for one in text)
    return " ".join(printable.split())[:_MOST_CHARACTERS].strip()


def _camera(make: str, model: str) -> str | None:
    if model.casefold().startswith(make.casefold()):
        return model or None  # "Canon", "Canon EOS R5"
    return f"{make} {model}".strip()


def _moment(text: str, fraction: str) -> str | None:
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    try:
        year, month, day, hour, minute, second = map(int, found.groups())
        moment = datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None
    if moment.year not in _YEARS:
        return None
    part = _FRACTION.match(fraction)
    return moment.isoformat() + (f".{part[0]}" if part else "")
