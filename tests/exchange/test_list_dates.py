"""Date texts of real lists: one meaning, or none."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.exchange.list_dates import DateKind, ListDate, read_date

EXACT = [
    ("2020-01-02T03:04:05Z", date(2020, 1, 2)),
    ("2023-06-07T02:31:49.8300Z", date(2023, 6, 7)),
    ("2023-06-07T02:31:49.0000830Z", date(2023, 6, 7)),
    ("2020-01-02T23:30:00-01:00", date(2020, 1, 3)),
    ("2020-01-02T00:30:00+01:00", date(2020, 1, 1)),
    ("2020-01-02 03:04:05 +0100", date(2020, 1, 2)),
    ("2020-01-02 23:04:05 (UTC-5)", date(2020, 1, 3)),
    ("01/13/2020 11:30:00 PM (UTC-5)", date(2020, 1, 14)),
    ("/Date(1577934245000)/", date(2020, 1, 2)),
    ("/Date(1577934245000+0200)/", date(2020, 1, 2)),
    ("1577934245", date(2020, 1, 2)),
    ("1577934245.5", date(2020, 1, 2)),
    ("1577934245000", date(2020, 1, 2)),
    ("2016-12-31T23:59:60Z", date(2016, 12, 31)),
]
NO_ZONE = [
    ("2020-01-02T03:04:05", date(2020, 1, 2)),
    ("2020-01-02 23:59", date(2020, 1, 2)),
    ("2020-01-02", date(2020, 1, 2)),
    ("01/31/2020 12:00:01 AM", date(2020, 1, 31)),
    ("31/01/2020 23:59:01", date(2020, 1, 31)),
    ("31.01.2020", date(2020, 1, 31)),
    ("03/03/2020", date(2020, 3, 3)),
    ("  2020-01-02 ", date(2020, 1, 2)),
]
UNCLEAR = [
    "03/04/2020 10:00:00 AM",
    "2020-01-02T03:04:05+01:00Z",
    "2020-02-30",
    "2020-13-01",
    "2020-01-02T25:00:00Z",
    "13/13/2020",
    "01/31/2020 13:00 PM",
    "2020-01-02T03:04:05+15:00",
    "2020-01-02T03:04:05 CEST",
    "yesterday",
    "",
    "20200102",
    "0000-00-00",
    "2020-01-02" + " " * 80 + "x",
    "²020-01-02",
]
IMPLAUSIBLE = [
    "0001-01-01T00:00:00",
    "1601-01-01T00:00:00Z",
    "1899-12-30",
    "9999-12-31T23:59:59Z",
    "/Date(-62135596800000)/",
    "/Date(0)/",
]


@pytest.mark.parametrize(("text", "day"), EXACT)
def test_moments(text: str, day: date) -> None:
    assert read_date(text) == ListDate(DateKind.EXACT, day)


@pytest.mark.parametrize(("text", "day"), NO_ZONE)
def test_without_a_zone(text: str, day: date) -> None:
    assert read_date(text) == ListDate(DateKind.NO_ZONE, day)


@pytest.mark.parametrize("text", UNCLEAR)
def test_unclear(text: str) -> None:
    assert read_date(text) == ListDate(DateKind.UNCLEAR)


@pytest.mark.parametrize("text", IMPLAUSIBLE)
def test_implausible(text: str) -> None:
    assert read_date(text) == ListDate(DateKind.IMPLAUSIBLE)


@given(st.text(alphabet="0123456789-/:T Z.+()UTCAPMDate,", max_size=40) | st.text(max_size=70))
def test_any_text_ends_in_an_answer(text: str) -> None:
    found = read_date(text)
    assert (found.day is None) == (found.kind in (DateKind.UNCLEAR, DateKind.IMPLAUSIBLE))
    assert found.day is None or 1989 <= found.day.year <= 2100
