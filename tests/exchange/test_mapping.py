"""Lists that a mapping file describes: every key, on tables, documents and JSON lines."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from list_files import EMPTY_MD5, MD5_A, MD5_B, SHA1_A, SHA256_A

from hashmatch.errors import ExchangeError, InputError
from hashmatch.types import Digests, HashValue, Label, MediaKind

PDQ = "0109111921293139414951596169717981899199a1a9b1b9c1c9d1d9e1e9f1f9"
DNA = bytes(range(144))
CSV = '[list]\ntitle = "T"\nlayout = "csv"\n'
JSON = '[list]\ntitle = "T"\nlayout = "json"\n'
MD5 = '[[hash]]\nfrom = "h"\ntype = "md5"\n'

Mapped = Callable[..., Any]


@pytest.fixture
def mapped(read: Any, tmp_path: Path) -> Mapped:
    """mapped(mapping, list, **options): both as text; the list also as a JSON value or bytes."""

    def read_mapped(mapping: str, what: Any, **options: Any) -> Any:
        path = tmp_path / "mapping.toml"
        path.write_text(mapping, encoding="utf-8")
        return read(what, mapping=path, **options)

    return read_mapped


def test_a_mapping_and_another_format(mapped: Mapped, read: Any) -> None:
    with pytest.raises(InputError, match=r"format: expected mapped-csv, which .* describes"):
        mapped(CSV + MD5, f"h\n{MD5_A}\n", format="mapped-json")
    with pytest.raises(InputError, match="mapping: expected a mapping file for this format"):
        read(f"h\n{MD5_A}\n", format="mapped-csv")
    assert mapped(CSV + MD5, f"h\n{MD5_A}\n", format="mapped").info.format == "mapped-csv"


def test_a_column_that_is_not_there(mapped: Mapped) -> None:
    for mapping, key in (
        (CSV + MD5.replace('"h"', '"x"'), r"hash\[1\]\.from"),
        (CSV + MD5 + '[fields]\nsize = "x"\n', r"fields\.size"),
        (CSV + MD5 + '[key]\nfrom = ["x"]\n', r"key\.from"),
    ):
        with pytest.raises(ExchangeError, match=rf"{key}: expected a column 'x', got 'h;i'"):
            mapped(mapping + '[csv]\ndelimiter = ";"\n', f"h;i\n{MD5_A};\n")


@pytest.mark.parametrize(
    ("delimiter", "mark"),
    [(";", ";"), ("tab", "\t"), ("\\t", "\t"), ("pipe", "|"), (",", ",")],
)
def test_delimiters(mapped: Mapped, delimiter: str, mark: str) -> None:
    text = f"i{mark} H \n1{mark}{MD5_A}\n"
    record = mapped(f'{CSV}{MD5}[csv]\ndelimiter = "{delimiter}"\n', text).records[0]
    assert record.digests == Digests(md5=MD5_A)
    assert record.extra == {"i": "1"}
    assert record.position == 2


def test_no_header_and_lines_before(mapped: Mapped) -> None:
    layout = '[csv]\nheader = false\ncolumns = ["i", "h"]\nskip_lines = 2\n'
    found = mapped(CSV + MD5 + layout, f"made by x\non a day\n1,{MD5_A}\n2,{MD5_B}\n")
    assert [(r.extra["i"], r.digests.md5) for r in found.records] == [("1", MD5_A), ("2", MD5_B)]


@pytest.mark.parametrize("encoding", ["windows-1252", "shift_jis", "utf-8", "utf-16"])
def test_encodings_of_a_table(mapped: Mapped, encoding: str) -> None:
    word = "表" if encoding == "shift_jis" else "Grün"
    mapping = CSV.replace("layout", f'encoding = "{encoding}"\nlayout') + MD5
    found = mapped(mapping, f"h,w\n{MD5_A},{word}\n".encode(encoding))
    assert found.records[0].extra == {"w": word}


def test_bytes_that_are_not_of_the_encoding(mapped: Mapped) -> None:
    mapping = CSV.replace("layout", 'encoding = "shift_jis"\nlayout') + MD5
    found = mapped(mapping, f"h,w\n{MD5_A},".encode() + b"\xff\n")
    assert found.records[0].digests.md5 == MD5_A
    assert found.warnings["characters that are not shift_jis"] == 1


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [
        ('type = "md5"', MD5_A, Digests(md5=MD5_A)),
        ('type = "md5"\nencoding = "base64"', base64.b64encode(bytes.fromhex(MD5_A)).decode(), 0),
        ('type = "sha1"\nencoding = "base32"', base64.b32encode(bytes.fromhex(SHA1_A)).decode(), 0),
        ('type = "sha256"', SHA256_A, Digests(sha256=SHA256_A)),
        ('type = "sha256"', base64.b64encode(bytes.fromhex(SHA256_A)).decode(), 0),
        ("", MD5_A, Digests(md5=MD5_A)),
        ('type = "pdq"', PDQ, PDQ),
        ('type = "pdq"', base64.b64encode(bytes.fromhex(PDQ)).decode(), PDQ),
        ('type = "photodna"', DNA.hex().upper(), DNA.hex()),
        ('type = "photodna"', base64.b64encode(DNA).decode(), DNA.hex()),
        ('type = "photodna"', ",".join(map(str, DNA)), DNA.hex()),
        ('type = "photodna"\nencoding = "integers"', ", ".join(map(str, DNA)), DNA.hex()),
        ('type = "phash"', "0123456789abcdef", "0123456789abcdef"),
    ],
)
def test_hashes_and_their_encodings(mapped: Mapped, rule: str, text: str, expected: Any) -> None:
    record = mapped(f'{CSV}[[hash]]\nfrom = "h"\n{rule}\n', f'h,x\n"{text}",1\n').records[0]
    if isinstance(expected, str):
        assert [item.hex for item in record.hashes] == [expected]
        assert record.record_key == f"{record.hashes[0].algorithm}:{expected}"
    else:
        digests = record.digests
        assert expected in (0, digests)
        assert digests.items()[0][1] in (MD5_A, SHA1_A, SHA256_A)


@pytest.mark.parametrize(
    ("rule", "text", "reason"),
    [
        ('type = "md5"', MD5_A[1:], "md5 too short, opened in a spreadsheet?"),
        ('type = "md5"', "1.23E+30", "md5 damaged by a spreadsheet"),
        ('type = "md5"', EMPTY_MD5, "md5 of empty input"),
        ('type = "md5"', "0" * 32, "md5 all zero"),
        ('type = "md5"\nencoding = "base64"', "####", "md5 characters"),
        ('type = "sha1"\nencoding = "base32"', "7" * 31, "sha1 characters"),
        ('type = "phash"', "300,1,1,1,1,1,1,1", "phash characters"),
        ('type = "pdq"', "F" * 64, "pdq all F"),
        ("", PDQ, "sha256 or pdq, type not declared"),
        ("", "zz", "no hash"),
    ],
)
def test_refused_hashes(mapped: Mapped, rule: str, text: str, reason: str) -> None:
    found = mapped(f'{CSV}[[hash]]\nfrom = "h"\n{rule}\n', f'h,x\n"{text}",1\n')
    assert not found.records
    assert found.rejects[0].position == 2
    assert f"({reason})" in found.rejects[0].raw


FIELDS = """
[fields]
category = "grade"
size = "bytes"
submissions = "votes"
kind = { from = "what", values = { P = "image", V = "video" } }
mime = "mime"
updated = { from = "day", format = "%d.%m.%Y" }
victim_identified = { from = "victim", values = { J = true, N = false } }
baseline = "base"
series = "series"
tags = { from = "tags", separator = "|" }

[constants]
distributed = true
tags = ["always"]
category = "C"
kind = "other"

[key]
from = ["id", "list"]

[category]
scheme = "mine"
codes = { a = "csam", 01 = "cgi" }

[extra]
drop = ["Who"]
"""


def test_every_field(mapped: Mapped) -> None:
    head = "h,grade,bytes,votes,what,mime,day,victim,base,series,tags,id,list,who,more,thumbnail"
    row = f'{MD5_A},A,12,3,p,image/png,03.04.2024,j,no,"S,1",a| b|,7,x,somebody,kept,AAAA'
    bare = f"{MD5_B},,,,,,,,,,,,,,,"
    odd = f"{MD5_B},1.0,big,-1,song,,2024-04-03,maybe,Yes,,a,7,,,,"
    found = mapped(CSV + MD5 + FIELDS, f"{head}\n{row}\n{bare}\n{odd}\n")
    first, second, third = found.records
    assert first.record_key == "7:x"
    assert (first.size, first.mime, first.kind) == (12, "image/png", MediaKind.IMAGE)
    opinion = first.opinion
    assert (opinion.scheme, opinion.raw_category, opinion.label) == ("mine", "A", Label.CSAM)
    assert (opinion.victim_identified, opinion.baseline, opinion.distributed) == (True, False, True)
    assert (opinion.series, opinion.tags) == (("S,1",), ("a", "b", "always"))
    assert (opinion.submissions, opinion.updated_raw) == (3, "03.04.2024")
    assert first.extra == {"more": "kept", "updated.iso": "2024-04-03T00:00:00"}
    assert second.record_key == f"md5:{MD5_B}"
    assert (second.kind, second.opinion.raw_category) == (MediaKind.OTHER, "C")
    assert second.opinion.label is Label.UNCATEGORIZED
    assert second.opinion.tags == ("always",)
    assert third.record_key == "7"
    assert third.opinion.label is Label.CGI
    assert third.opinion.baseline is True
    assert {(r.field, r.reason) for r in third.rejects} == {
        ("bytes", "number value"),
        ("votes", "number range"),
        ("what", "kind of media"),
        ("victim", "flag value"),
    }
    assert third.opinion.updated_raw == "2024-04-03"
    assert found.warnings["date is not of the declared format"] == 1
    assert found.warnings["dropped who"] == 1
    assert found.warnings["dropped thumbnail"] == 1
    assert "somebody" not in repr(found.items)
    assert "AAAA" not in repr(found.items)


def test_schemes(mapped: Mapped) -> None:
    text = f"h,c\n{MD5_A},1\n"
    place = '[fields]\ncategory = "c"\n'
    bare = mapped(CSV + MD5 + place, text).records[0].opinion
    assert (bare.scheme, bare.label) == ("unmapped", Label.UNCATEGORIZED)
    named = CSV + MD5 + place + '[category]\nscheme = "vics-us-current"\n'
    assert mapped(named, text).records[0].opinion.label is Label.CSAM
    forced = mapped(named, text, scheme="icse-baseline").records[0].opinion
    assert (forced.scheme, forced.label) == ("icse-baseline", Label.UNCATEGORIZED)
    with pytest.raises(InputError, match=r"scheme: expected one of .*, got 'nowhere'"):
        mapped(named.replace("vics-us-current", "nowhere"), text)


def test_nothing_is_kept_where_the_mapping_says_so(mapped: Mapped) -> None:
    mapping = CSV + MD5 + "[extra]\nkeep = false\n"
    assert mapped(mapping, f"h,a\n{MD5_A},1\n").records[0].extra == {}


def test_columns_of_one_name_and_of_none(mapped: Mapped) -> None:
    found = mapped(CSV + MD5, f"h,a,a,H,\n{MD5_A},1,2,{MD5_B},3\n")
    assert found.records[0].extra == {"a": "1", "a [3]": "2", "H [4]": MD5_B, "[5]": "3"}


def test_rows_that_are_none(mapped: Mapped) -> None:
    found = mapped(CSV + MD5, f'h,a\n{MD5_A},1,2\n\n,\nh,a\n{MD5_B}\n"{MD5_A}",x\n')
    assert [(r.position, r.reason) for r in found.rejects] == [(2, "more cells than columns")]
    assert [record.position for record in found.records] == [6, 7]
    assert found.warnings["repeated header line"] == 1


def test_two_columns_of_one_digest_that_differ(mapped: Mapped) -> None:
    second = '[[hash]]\nfrom = "i"\ntype = "md5"\n'
    found = mapped(CSV + MD5 + second, f"h,i\n{MD5_A},{MD5_B}\n{MD5_A},{MD5_A.upper()}\n")
    assert [r.digests.md5 for r in found.records] == [MD5_A, MD5_A]
    assert [r.reason for r in found.records[0].rejects] == ["second md5 of another value"]
    assert not found.records[1].rejects


NESTED = {
    "made": "2024",
    "lists": [
        {"media": [{"ids": {"h": MD5_A}, "a.b": {"c": 5}, "other": {"x": [1]}}]},
        {"media": [{"IDS": {"H": MD5_B}}, 7, {"ids": None}]},
    ],
}


def test_places_in_a_document(mapped: Mapped) -> None:
    mapping = (
        JSON
        + '[json]\nrecords = "lists.[].media"\n'
        + MD5.replace('"h"', '"ids.h"')
        + "[fields]\nsize = 'a\\.b.c'\n"
    )
    found = mapped(mapping, NESTED)
    assert [r.digests.md5 for r in found.records] == [MD5_A, MD5_B]
    assert found.records[0].size == 5
    assert json.loads(found.records[0].extra["other"]) == {"x": [1]}
    assert [(r.position, r.reason) for r in found.rejects] == [
        (3, "record is no object"),
        (4, "no usable hash"),
    ]


@pytest.mark.parametrize("document", [[{"h": MD5_A}], {"h": MD5_A}])
def test_the_root_is_an_array_or_the_record(mapped: Mapped, document: Any) -> None:
    assert mapped(JSON + MD5, document).records[0].digests.md5 == MD5_A


def test_records_that_are_not_where_they_should_be(mapped: Mapped) -> None:
    with pytest.raises(ExchangeError, match=r"expected records in items, got none"):
        mapped(JSON + '[json]\nrecords = "items"\n' + MD5, {"other": []})


def test_an_array_of_hashes(mapped: Mapped) -> None:
    rule = (
        '[[hash]]\neach = "hashes"\nfrom = "v"\ntype_from = "t"\n'
        'types = { MD5 = "md5", PDQ = "pdq" }\nquality = "q"\nframe = "f"\ntime = "s"\n'
    )
    hashes = [
        {"t": "md5", "v": MD5_A},
        {"t": "PDQ", "v": PDQ, "q": 90, "f": 3, "s": 1.5},
        {"t": "PDQ", "v": PDQ, "q": 101, "s": "soon"},
        {"t": "new", "v": "00"},
        {"t": "md5"},
        "text",
        None,
    ]
    found = mapped(JSON + rule, [{"hashes": hashes, "x": 1}])
    record = found.records[0]
    assert record.digests == Digests(md5=MD5_A)
    assert record.hashes == (
        HashValue("pdq", bytes.fromhex(PDQ), 90, 3, 1.5),
        HashValue("pdq", bytes.fromhex(PDQ)),
    )
    assert [(r.field, r.reason) for r in record.rejects] == [
        ("q", "quality over 100"),
        ("s", "time in seconds"),
        ("t", "hash type without a row in types"),
    ]
    # What was refused is not lost: the member stays as it is.
    assert json.loads(record.extra["hashes"])[3] == {"t": "new", "v": "00"}


def test_an_array_of_bare_hashes(mapped: Mapped) -> None:
    rule = '[[hash]]\neach = "md5s"\ntype = "md5"\n'
    record = mapped(JSON + rule, [{"md5s": [MD5_A, MD5_A]}]).records[0]
    assert record.digests == Digests(md5=MD5_A)
    assert record.extra == {}
    assert mapped(JSON + rule, [{"md5s": MD5_B}]).records[0].digests == Digests(md5=MD5_B)


def test_json_lines(mapped: Mapped) -> None:
    mapping = JSON.replace('"json"', '"jsonl"') + MD5
    deep = "[" * 100_000
    odd = f'{{"h":"{MD5_B}","n":1e999,"i":{"9" * 5000}}}'
    text = f'{{"h":"{MD5_A}"}}\n\n{{broken\n[1]\n{deep}\n{odd}\n'
    found = mapped(mapping, text)
    assert found.records[0].digests.md5 == MD5_A
    assert len(found.records) + len(found.rejects) == 5
    assert [(r.position, r.reason) for r in found.rejects][:3] == [
        (3, "line is no JSON"),
        (4, "record is no object"),
        (5, "line is no JSON"),
    ]


def test_hostile_documents(mapped: Mapped) -> None:
    with pytest.raises(ExchangeError):
        mapped(JSON + MD5, "[" * 100_000)
    with pytest.raises(ExchangeError):
        mapped(JSON + MD5, f'[{{"h":"{MD5_A}"}},')
    found = mapped(JSON + MD5, f'[{{"h":"{MD5_A}"}},', salvage=True)
    assert [record.digests.md5 for record in found.records] == [MD5_A]


@pytest.mark.parametrize("first", ["h", "H"])
def test_members_whose_names_differ_in_case(mapped: Mapped, first: str) -> None:
    """One is read, the other one kept."""
    document = {"h": MD5_A, "H": MD5_B} if first == "h" else {"H": MD5_B, "h": MD5_A}
    (record,) = mapped(JSON + MD5, [document]).records
    assert record.digests.md5 == MD5_A
    assert record.extra == {"H": f'"{MD5_B}"'}
    (record,) = mapped(JSON + MD5, [{"H": MD5_B}]).records
    assert record.digests.md5 == MD5_B
    assert record.extra == {}


FACTS = """
[fields]
category = "c"
age = { from = "a", values = { "0-2" = "infant", "7-10" = "prepubescent" } }
act = "act"
[constants]
nature = "real"
[category]
scheme = "own"
codes = { A = "csam", N = "non_pertinent", P = { act = "penetrative", age = "pubescent" } }
"""


@pytest.mark.parametrize(
    ("row", "label", "facts", "refused"),
    [
        ("A;7-10;", Label.CSAM, {"age": "prepubescent"}, []),
        ("N;7-10;penetrative", Label.CSAM, {"age": "prepubescent", "act": "penetrative"}, []),
        ("N;;", Label.NON_PERTINENT, {}, []),
        ("P;;", Label.CSAM, {"age": "pubescent", "act": "penetrative"}, []),
        ("P;infant;", Label.CSAM, {"age": "infant", "act": "penetrative"}, []),
        (";7-10;EXPLOITIVE", Label.EXPLOITIVE, {"age": "prepubescent", "act": "exploitive"}, []),
        (";adult;", Label.NON_PERTINENT, {"age": "adult"}, []),
        ("X;adult;", Label.UNCATEGORIZED, {"age": "adult"}, []),
        ("A;50;x", Label.CSAM, {}, [("a", "age word"), ("act", "act word")]),
    ],
)
def test_facts(
    mapped: Mapped, row: str, label: Label, facts: dict[str, str], refused: list[Any]
) -> None:
    """Columns and codes say facts; of what they mean and of the code's label the worse counts."""
    mapping = CSV + '[csv]\ndelimiter = ";"\n' + MD5 + FACTS
    (record,) = mapped(mapping, f"h;c;a;act\n{MD5_A};{row}\n").records
    assert record.opinion.label is label
    assert record.opinion.facts.to_dict() == {"nature": "real", **facts}
    assert [(r.field, r.reason) for r in record.rejects] == refused
