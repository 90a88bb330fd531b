"""Lists of fingerprints: what is written reads back; what is garbage is refused line by line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import photograph

from hashmatch.errors import RecordError
from hashmatch.fingerprinting import (
    CSV_COLUMNS,
    LEDGER_SCHEMA,
    SCHEMA,
    Fingerprint,
    FingerprintStatus,
    ImageFingerprint,
    bounded_lines,
    csv_line,
    hash_image,
    read_listing,
    to_row,
)
from hashmatch.types import Digests, HashValue, MediaKind

HEADER = csv_line(CSV_COLUMNS)
MADE = hash_image(photograph(41), dihedral=True)
HEX = MADE.hashes["pdq"].hex


def only(items: Iterable[Fingerprint | RecordError]) -> ImageFingerprint:
    (item,) = items
    assert isinstance(item, ImageFingerprint), item
    return item


def errors(lines: Iterable[str]) -> list[RecordError]:
    found = list(read_listing(lines))
    assert all(isinstance(item, RecordError) for item in found), found
    return [item for item in found if isinstance(item, RecordError)]


# What a file system gives: any bytes but NUL, those that are no UTF-8 as surrogates.
NAMES = st.binary(min_size=1, max_size=40).map(
    lambda name: name.replace(b"\0", b"_").decode("utf-8", "surrogateescape")
)
COUNTS = st.none() | st.integers(0, 2**63)
HASHES = st.binary(min_size=32, max_size=32)


def digest(n_bytes: int) -> st.SearchStrategy[str | None]:
    return st.none() | st.binary(min_size=n_bytes, max_size=n_bytes).map(bytes.hex)


@st.composite
def fingerprints(draw: st.DrawFn) -> ImageFingerprint:
    status = draw(st.sampled_from(FingerprintStatus))
    hashes: dict[str, HashValue] = {}
    dihedral: dict[str, tuple[HashValue, ...]] = {}
    if status in (FingerprintStatus.OK, FingerprintStatus.LOW_INFORMATION):
        quality = draw(st.none() | st.integers(0, 100))
        hashes["pdq"] = HashValue("pdq", draw(HASHES), quality)
        if draw(st.booleans()):
            others = [HashValue("pdq", draw(HASHES), quality) for _ in range(7)]
            dihedral["pdq"] = (hashes["pdq"], *others)
    return ImageFingerprint(
        status=status,
        reason=draw(st.none() | st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)),
        name=draw(st.none() | NAMES),
        size=draw(COUNTS),
        digests=Digests(md5=draw(digest(16)), sha1=draw(digest(20)), sha256=draw(digest(32))),
        kind=draw(st.sampled_from(MediaKind)),
        mime=draw(st.sampled_from([None, "image/png", "video/mp4"])),
        width=draw(COUNTS),
        height=draw(COUNTS),
        stored_mode=draw(st.sampled_from([None, "RGB", "I;16"])),
        orientation=draw(st.none() | st.integers(1, 8)),
        frames=draw(st.none() | st.integers(0, 1000)),
        decode=draw(st.sampled_from([None, "exact"])),
        hashes=hashes,
        dihedral=dihedral,
        made_with={"hashmatch": "1"},
    )


@given(st.lists(fingerprints(), max_size=5))
def test_json_reads_back_whole(made: list[ImageFingerprint]) -> None:
    lines = [json.dumps({"schema": SCHEMA, **each.to_dict()}) + "\n" for each in made]
    lines.append(json.dumps({"schema": LEDGER_SCHEMA, "ledger": {}}) + "\n")
    assert list(read_listing(lines)) == made


CSV_FIELDS = (
    *("name", "status", "digests", "mime", "size", "width", "height", "hashes", "dihedral"),
    "reason",
)


@given(st.lists(fingerprints(), max_size=5))
def test_csv_reads_back_what_it_carries(made: list[ImageFingerprint]) -> None:
    text = HEADER + "".join(csv_line(to_row(each)) for each in made)
    found = list(read_listing(bounded_lines(io.StringIO(text, newline=""))))
    assert len(found) == len(made)
    for read, written in zip(found, made, strict=True):
        for field in CSV_FIELDS:
            assert getattr(read, field) == getattr(written, field), field


@given(st.lists(fingerprints(), min_size=1, max_size=3))
def test_csv_is_what_python_reads_too(made: list[ImageFingerprint]) -> None:
    text = HEADER + "".join(csv_line(to_row(each)) for each in made)
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert rows == [list(CSV_COLUMNS), *map(to_row, made)]


GARBAGE = st.text(st.characters(), max_size=80) | st.sampled_from(
    [
        "{",
        "{}",
        "[]",
        '{"schema": "hashmatch.hash/1"}',
        '"',
        '""',
        HEX,
        f"{HEX},",
        f"{HEX},101",
        "#",
    ]
)


@given(st.lists(GARBAGE, max_size=6), st.booleans())
def test_garbage_gives_record_errors_only(lines: list[str], with_header: bool) -> None:
    given_lines = [HEADER, *lines] if with_header else lines
    for item in read_listing(line + "\n" for line in given_lines):
        if isinstance(item, RecordError):
            assert 1 <= item.position <= len(given_lines)
            assert str(item).startswith(f"line {item.position}: ")
        else:
            assert isinstance(item, ImageFingerprint)
            assert item.hashes


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 300) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


@given(st.sampled_from(sorted(MADE.to_dict())), VALUES)
def test_json_with_one_wrong_value(key: str, value: Any) -> None:
    """What is accepted is usable: no later step meets a value of another type."""
    line = json.dumps({"schema": SCHEMA, **MADE.to_dict(), key: value})
    for item in read_listing([line]):
        if isinstance(item, ImageFingerprint):
            assert json.loads(json.dumps(item.to_dict())) == {**MADE.to_dict(), key: value}
            assert len(to_row(item)) == len(CSV_COLUMNS)


@pytest.mark.parametrize("key", sorted(MADE.to_dict()))
def test_json_with_a_key_missing(key: str) -> None:
    values = {"schema": SCHEMA, **MADE.to_dict()}
    del values[key]
    (error,) = errors([json.dumps(values)])
    assert key in str(error)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (HEX[:-1], "64 hex digits, got 63"),
        (HEX + "0", "64 hex digits, got 65"),
        ("0x" + HEX[2:], "'x' at position 1"),
        (" " + HEX, "' ' at position 0"),
        (HEX + " ", "position 64"),
        ("\uff11" * 64, "position 0"),
        (HEX + ",101", "0..100"),
        (HEX + ",-1", "whole number"),
        (HEX + ",9 9", "whole number"),
        (HEX + ",\u0665", "whole number"),
        ("{" + "[" * 20000, ""),
        ('{"schema": "other"}', "hashmatch.hash/1"),
        ("a" * 70000, "at most 65536"),
        (f"{HEX}\r{HEX}", "one record, got 2"),
    ],
)
def test_refused_lines(line: str, message: str) -> None:
    """S03, S04: one refused, and the good ones around it stand."""
    found = list(read_listing([HEX + "\n", line + "\n", HEX + "\n"]))
    assert [isinstance(item, RecordError) for item in found] == [False, True, False]
    assert isinstance(found[1], RecordError)
    assert found[1].position == 2
    assert message in str(found[1])


def test_bare_hashes() -> None:
    lines = ["# PDQ\n", "\n", f"{HEX.upper()}\r\n", f"{HEX},77\n", f"{HEX},,a,b.jpg\n", HEX]
    found = [only([item]) for item in read_listing(lines)]
    assert [item.hashes["pdq"].hex for item in found] == [HEX] * 4
    assert [item.hashes["pdq"].quality for item in found] == [None, 77, None, None]
    assert [item.name for item in found] == [None, None, "a,b.jpg", None]


def test_byte_order_mark() -> None:
    assert only(read_listing(["\ufeff" + HEX])).hashes["pdq"].hex == HEX
    named = ImageFingerprint(FingerprintStatus.EMPTY, name="a")
    assert only(read_listing(["\ufeff" + HEADER, csv_line(to_row(named))])).name == "a"


@pytest.mark.parametrize(
    "name", ["#1.jpg", "{a}.jpg", '"quoted".jpg', "path", "a\nb", "a\rb", "\n"]
)
def test_names_that_look_like_another_form(name: str) -> None:
    """A file called "#1.jpg" is no comment: it would never be checked."""
    made = ImageFingerprint(FingerprintStatus.OK, name=name, hashes=MADE.hashes)
    text = HEADER + csv_line(to_row(made)) * 2
    found = list(read_listing(bounded_lines(io.StringIO(text, newline=""))))
    assert [only([item]).name for item in found] == [name, name]


def test_concatenated_lists() -> None:
    row = csv_line(to_row(MADE))
    found = list(read_listing([HEX + "\n", HEADER, row, HEADER, row]))
    assert [only([item]).hashes["pdq"].hex for item in found] == [HEX] * 3
    mixed = [HEADER, row, json.dumps({"schema": SCHEMA, **MADE.to_dict()}) + "\n"]
    assert [type(item) for item in read_listing(mixed)] == [ImageFingerprint, RecordError]


def test_a_stray_quote_swallows_nothing() -> None:
    rows = [
        csv_line(to_row(ImageFingerprint(FingerprintStatus.OK, name=f"{n}", hashes=MADE.hashes)))
        for n in range(100)
    ]
    broken = f'"5,OK,{HEX}\n'
    found = list(read_listing([HEADER, *rows[:5], broken, *rows[6:]]))
    names = [item.name for item in found if isinstance(item, ImageFingerprint)]
    assert names == [str(n) for n in range(100) if n != 5]
    (error,) = [item for item in found if isinstance(item, RecordError)]
    assert error.position == 7
    assert str(errors([HEADER, broken])[0]) == "line 2: a quote is never closed"


def test_an_open_quote_is_bounded() -> None:
    row = csv_line(to_row(MADE))
    found = list(read_listing([HEADER, '"a\n', *[row] * 200]))
    assert [type(item) for item in found] == [RecordError] + [ImageFingerprint] * 200
    assert "65536" in str(found[0])


@pytest.mark.parametrize("status", ["OK", "LOW_INFORMATION"])
def test_a_hash_that_is_missing_without_a_reason(status: str) -> None:
    """Such a row would be answered NO_MATCH though nothing was compared."""
    empty = ImageFingerprint(FingerprintStatus(status), name="a.jpg")
    for line in (csv_line(to_row(empty)), json.dumps({"schema": SCHEMA, **empty.to_dict()})):
        lines = [line] if line.startswith("{") else [HEADER, line]
        (error,) = errors(lines)
        assert "expected a hash" in str(error)


def test_orientations_must_be_of_the_hash() -> None:
    row = to_row(MADE)
    column = CSV_COLUMNS.index("pdq_orientations")
    for changed in (row[column].rsplit(" ", 1)[0], row[column] + " " + HEX, HEX):
        bad = [*row[:column], changed, *row[column + 1 :]]
        (error,) = errors([HEADER, csv_line(bad)])
        assert "orientations" in str(error)
    values = {"schema": SCHEMA, **MADE.to_dict()}
    values["dihedral"] = {"pdq": ["0" * 64, *values["dihedral"]["pdq"][1:]]}
    assert "orientations" in str(errors([json.dumps(values)])[0])


def test_rows_of_another_width() -> None:
    row = to_row(MADE)
    for bad in (row[:-1], [*row, ""]):
        assert "14 cells" in str(errors([HEADER, csv_line(bad)])[0])


def test_lines_are_bounded() -> None:
    text = "x" * 1_000_000 + "\nshort\n" + "y" * 200_000
    lines = list(bounded_lines(io.StringIO(text, newline="")))
    assert [line[0] for line in lines] == ["x", "s", "y"]
    assert max(map(len, lines)) < 70_000
