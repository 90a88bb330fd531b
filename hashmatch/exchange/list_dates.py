"""The date texts of lists, as far as they say one thing only.

Real lists carry a dozen forms. A text is never corrected: what could be two days is unclear, what
is the zero of some clock is no date. The text itself stays in ``Opinion.updated_raw``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum

FIRST_YEAR, LAST_YEAR = 1990, 2100
_FIRST_SECOND = int(datetime(FIRST_YEAR, 1, 1, tzinfo=UTC).timestamp())
_LAST_SECOND = int(datetime(LAST_YEAR, 1, 1, tzinfo=UTC).timestamp())

_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?\s*(.*))?"
).fullmatch
_SLASHED = re.compile(
    r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})(?:\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AP]M)?\s*(.*))?",
    re.IGNORECASE,
).fullmatch
_MICROSOFT = re.compile(r"/Date\((-?\d{1,17})([+-]\d{4})?\)/").fullmatch
_SECONDS = re.compile(r"\d{9,10}(?:\.\d{1,9})?").fullmatch
_MILLISECONDS = re.compile(r"\d{12,13}").fullmatch
_OFFSET = re.compile(r"\(?(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?\)?").fullmatch
_UTC = frozenset(("Z", "UTC", "(UTC)", "GMT", "(GMT)"))


class DateKind(StrEnum):
    """How much a date text says."""

    EXACT = "exact"
    """A moment: its zone is known."""
    NO_ZONE = "no zone"
    """A day and perhaps a time, of an unknown zone; never taken for UTC."""
    UNCLEAR = "unclear"
    """More than one reading, or none."""
    IMPLAUSIBLE = "implausible"
    """The zero of a clock, or a year in which no list was written."""


@dataclass(frozen=True, slots=True)
class ListDate:
    """A date text.

    Attributes:
        kind: what it says.
        day: in UTC where exact, as written where it has no zone; None otherwise.
    """

    kind: DateKind
    day: date | None = None


_UNCLEAR = ListDate(DateKind.UNCLEAR)
_IMPLAUSIBLE = ListDate(DateKind.IMPLAUSIBLE)


def read_date(text: str) -> ListDate:
    """The meaning of a list's own date text."""
    text = text.strip()
    if len(text) > 64:
        return _UNCLEAR
    try:
        return _read(text)
    except (ValueError, OverflowError):
        return _UNCLEAR


def _read(text: str) -> ListDate:
    if found := _ISO(text):
        year, month, day, *clock, zone = found.groups()
        return _dated(int(year), int(month), int(day), clock, zone)
    if found := _SLASHED(text):
        first, second, year, *clock, half, zone = found.groups()
        one, two = int(first), int(second)
        if one <= 12 and two <= 12 and one != two:
            return _UNCLEAR  # 03/04 is March in one country and April in another
        month, day = (one, two) if one <= 12 else (two, one)
        return _dated(int(year), month, day, _in_24_hours(clock, half), zone)
    if found := _MICROSOFT(text):
        return _moment(int(found[1]) // 1000)
    if _SECONDS(text):
        return _moment(int(text.partition(".")[0]))
    if _MILLISECONDS(text):
        return _moment(int(text) // 1000)
    return _UNCLEAR


def _moment(seconds: int) -> ListDate:
    if not _FIRST_SECOND <= seconds < _LAST_SECOND:
        return _IMPLAUSIBLE
    return ListDate(DateKind.EXACT, datetime.fromtimestamp(seconds, UTC).date())


def _dated(year: int, month: int, day: int, clock: list[str | None], zone: str | None) -> ListDate:
    hour, minute, second = (int(part or 0) for part in clock)
    # A leap second is a time, though datetime has none.
    written = datetime(max(year, 1), month, day, hour, minute, min(second, 59))
    if not FIRST_YEAR <= year < LAST_YEAR:
        return _IMPLAUSIBLE
    if not zone:
        return ListDate(DateKind.NO_ZONE, written.date())
    offset = _offset(zone.strip().upper())
    if offset is None:
        return _UNCLEAR
    return ListDate(DateKind.EXACT, written.replace(tzinfo=offset).astimezone(UTC).date())


def _offset(zone: str) -> timezone | None:
    if zone in _UTC:
        return UTC
    found = _OFFSET(zone)
    if found is None:
        return None
    hours, minutes = int(found[2]), int(found[3] or 0)
    if hours > 14 or minutes > 59:
        return None
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if found[1] == "-" else offset)


def _in_24_hours(clock: list[str | None], half: str | None) -> list[str | None]:
    if half is None or clock[0] is None:
        return clock
    hour = int(clock[0])
    if not 1 <= hour <= 12:
        raise ValueError("no hour of a clock with two halves")
    return [str(hour % 12 + (12 if half.upper() == "PM" else 0)), *clock[1:]]
