"""ICSE tables: header-driven, defects refused by field or by row, the rest goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hashmatch.errors import ExchangeError
from hashmatch.exchange.icse_header import COLUMNS
from hashmatch.types import Digests, HashRecord, HashValue, Label, MediaKind, Opinion

MD5 = "477dab6fc5dff588410cd697abd3d3e2"
SHA1 = "e9efc060ec30f65a6c0efb4fdcfe7afe4e0817ed"
MD5_2 = "dc83d5a2f987ac823853e6f8ed4674f3"
PHOTODNA = bytes(range(0x90))
HEADER = ";".join(COLUMNS)


def row(delimiter: str = ";", **cells: str) -> str:
    """A row by column names, blanks as underscores; other cells are empty."""
    values = {name.replace("_", " "): text for name, text in cells.items()}
    assert set(values) <= set(COLUMNS)
    return delimiter.join(values.get(name, "") for name in COLUMNS)


def table(*lines: str, header: str = HEADER) -> str:
    return "\n".join([header, *lines, ""])


def test_golden(read: Any, golden: Path) -> None:
    found = read(golden / "icse_2022.csv")
    assert (found.info.format, found.info.document) == ("icse-csv", "table")
    assert (found.info.scheme, found.info.context) == ("icse-baseline", HEADER)
    first, second, third = found.items
    assert first == HashRecord(
        record_key="IMG-0001",
        position=2,
        digests=Digests(MD5, SHA1),
        opinion=Opinion(
            scheme="icse-baseline",
            raw_category="Yes",
            label=Label.CSAM,
            baseline=True,
            victim_identified=False,
            offender_identified=False,
            distributed=True,
            file_available=True,
            submissions=3,
            series=("SERIES-A",),
        ),
        kind=MediaKind.IMAGE,
        hashes=(HashValue("photodna", PHOTODNA),),
        extra={"ZZ40": "00112233445566778899AABBCCDDEEFF", "Agency": "Example Agency"},
    )
    assert second.kind is MediaKind.VIDEO
    assert second.opinion.label is Label.UNCATEGORIZED
    assert second.opinion.baseline is False
    assert second.opinion.raw_category == "No"
    assert third.digests.md5 is None
    assert third.digests.sha1 is not None
    assert third.opinion.baseline is None
    assert [(r.position, r.field, r.reason, r.raw) for r in third.rejects] == [
        (4, "MD5", "md5 length", MD5 + "0")
    ]
    assert found.warnings == {}


def test_photodna_in_hex_and_in_base64_are_the_same_bytes(read: Any, golden: Path) -> None:
    table_hash = read(golden / "icse_2022.csv").records[0].hashes
    assert table_hash == read(golden / "vics_2_0_full.json").records[0].hashes
    assert table_hash[0].value == PHOTODNA


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_delimiters_line_ends_byte_order_mark(
    read: Any, golden: Path, delimiter: str, end: str, mark: str
) -> None:
    text = (golden / "icse_2022.csv").read_text()
    other = mark + text.replace(";", delimiter).replace("\n", end)
    assert read(other).items == read(text).items


def test_columns_in_any_order_and_case_and_unknown_ones(read: Any) -> None:
    text = "baseline;IMAGE ID;Future;sha1;mD5;;Future\nYES;one;x;" + SHA1 + f";{MD5};;y\n"
    (record,) = read(text).records
    assert record.record_key == "one"
    assert record.digests == Digests(MD5, SHA1)
    assert record.opinion.baseline is True
    assert record.extra == {"Future": "x", "Future (7)": "y"}


def test_separator_line(read: Any) -> None:
    found = read("sep=;\r\n" + table(row(MD5=MD5)))
    assert [r.position for r in found.records] == [3]


@pytest.mark.parametrize(
    ("text", "answer"),
    [(t, True) for t in ("Y", "yes", "T", "True", "1")]
    + [(t, False) for t in ("N", "no", "F", "False", "0")]
    + [("", None), ("  ", None)],
)
def test_every_boolean_word_in_every_column(read: Any, text: str, answer: bool | None) -> None:
    names = ("Is_distributed", "Victim_identified", "Offender_identified", "File_Available")
    cells = dict.fromkeys((*names, "Baseline"), text)
    (record,) = read(table(row(MD5=MD5, **cells))).records
    opinion = record.opinion
    assert opinion.distributed is opinion.victim_identified is answer
    assert opinion.offender_identified is opinion.file_available is answer
    assert opinion.baseline is answer
    assert opinion.label is (Label.CSAM if answer else Label.UNCATEGORIZED)
    assert record.rejects == ()


def test_bad_cells_are_refused_and_the_record_stands(read: Any) -> None:
    line = row(
        MD5="1,23457E+30",
        SHA1=SHA1,
        PhotoDNA="00",
        Is_distributed="perhaps",
        Number_of_submissions="many",
        Baseline="Maybe",
        Media_Type="Hologram",
    )
    (record,) = read(table(line)).records
    assert record.record_key == f"sha1:{SHA1}"
    assert record.kind is MediaKind.OTHER
    assert record.opinion.label is Label.UNCATEGORIZED
    assert (record.opinion.baseline, record.opinion.raw_category) == (None, "Maybe")
    assert {(r.field, r.reason) for r in record.rejects} == {
        ("MD5", "md5 damaged by a spreadsheet"),
        ("PhotoDNA", "photodna length"),
        ("Is distributed", "flag value"),
        ("Number of submissions", "number value"),
        ("Baseline", "flag value"),
    }


def test_keys_without_an_image_id(read: Any) -> None:
    lines = [row(MD5=MD5, SHA1=SHA1), row(MD5=MD5), row(PhotoDNA=PHOTODNA.hex())]
    keys = [r.record_key for r in read(table(*lines)).records]
    assert keys == [f"sha1:{SHA1}", f"md5:{MD5}", f"photodna:{PHOTODNA.hex()}"]


def test_bad_rows_are_listed_with_their_lines_and_the_rest_goes_on(read: Any) -> None:
    found = read(
        table(
            row(MD5=MD5, Image_ID="a"),
            "",
            row(Image_ID="nothing"),
            row(MD5="0" * 32, Image_ID="zeros"),
            HEADER,
            ";" * 16,
            row(MD5=MD5, Image_ID="b") + ";;surplus",
            "no row at all",
            f"{MD5};{SHA1}",
            row(MD5=MD5, Image_ID="c") + ";",
        )
    )
    assert [(r.record_key, r.position) for r in found.records] == [
        ("a", 2),
        (f"sha1:{SHA1}", 10),
        ("c", 11),
    ]
    assert [(r.position, r.reason, r.whole_record) for r in found.rejects] == [
        (4, "no usable hash", True),
        (5, "no usable hash", True),
        (8, "more cells than columns", True),
        (9, "no usable hash", True),
    ]
    assert found.warnings == {"repeated header line": 1, "empty row": 1}


def test_quoted_cells(read: Any) -> None:
    found = read(
        table(
            row(MD5=f'"{MD5}"', Series_name='"a; ""b"" c"', Image_ID="1"),
            row(MD5=MD5_2, Series_name='"two\nlines; and a ""third\n"" here"', Image_ID="2"),
            row(MD5=MD5, Series_name='5" disk', Image_ID="3"),
            row(MD5=MD5, Series_name='"an "inner" quote"', Image_ID="4"),
        )
    )
    assert [r.opinion.series for r in found.records] == [
        ('a; "b" c',),
        ('two\nlines; and a "third\n" here',),
        ('5" disk',),
        ('an inner" quote"',),
    ]
    assert [r.position for r in found.records] == [2, 3, 6, 7]
    assert found.warnings == {"stray quote in a cell": 1}


def test_stray_quotes_in_the_same_column_do_not_swallow_the_rows_between(read: Any) -> None:
    lines = [row(MD5=MD5, Image_ID=str(n), Agency="x") for n in range(20)]
    lines[5] = row(MD5=MD5, Image_ID="5", Agency='"x')
    lines[15] = row(MD5=MD5, Image_ID="15", Agency='x"')
    found = read(table(*lines))
    assert [r.record_key for r in found.items] == [str(n) for n in range(20)]
    assert [r.extra["Agency"] for r in found.records if '"' in r.extra["Agency"]] == ['"x', 'x"']
    assert found.warnings == {"stray quote in a cell": 1}


def test_quote_that_never_closes_at_the_end_of_the_file(read: Any) -> None:
    found = read(table(row(MD5=MD5, Image_ID="a"), f'{MD5_2};;;"x', "and more"))
    assert [r.record_key for r in found.records] == ["a"]
    assert [(r.position, r.reason) for r in found.rejects] == [
        (3, "quotes"),
        (4, "no usable hash"),
    ]


def test_bytes_that_are_no_utf8_and_nul(read: Any) -> None:
    good = table(row(MD5=MD5, Series_name="caf\u00e9"), row(MD5=MD5_2, Agency="a\0b"))
    found = read(good.encode("iso-8859-1"))
    assert found.records[0].opinion.series == ("caf\u00e9",)
    assert found.records[1].extra == {"Agency": "ab"}
    assert found.warnings == {
        "line is not UTF-8, read as ISO-8859-1": 1,
        "NUL characters left out": 1,
    }


def test_line_over_the_limit_is_one_reject(read: Any) -> None:
    found = read(table("x" * 3_000_000, row(MD5=MD5)))
    assert [(r.position, r.reason) for r in found.rejects] == [(2, "line too long")]
    assert [r.position for r in found.records] == [3]


def test_header_errors(read: Any) -> None:
    with pytest.raises(ExchangeError, match="expected a header line with MD5"):
        read("a;b;c\n1;2;3\n", format="icse")
    with pytest.raises(ExchangeError, match="expected a header line, got none"):
        read("\n\n", format="icse")
    with pytest.raises(ExchangeError, match="'MD5' once"):
        read(f"MD5;md5;Image ID;Baseline\n{MD5};{MD5_2};1;Yes\n", format="icse-csv")


def test_shuffled_rows_give_the_same_content(read: Any, golden: Path) -> None:
    header, *rows = (golden / "icse_2022.csv").read_text().splitlines()
    forward, backward = read(table(*rows)).records, read(table(*rows[::-1])).records
    assert {(r.record_key, r.digests, r.opinion) for r in forward} == {
        (r.record_key, r.digests, r.opinion) for r in backward
    }
    assert header == HEADER
