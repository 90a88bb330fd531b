"""Hash sets of forensic tools: The Sleuth Kit, EnCase, HashKeeper, and the index of C4P."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from list_files import (
    EMPTY_MD5,
    MD5_A,
    MD5_B,
    SHA1_A,
    SHA256_B,
    encase_set,
    make_kdb,
    make_nsrl_minimal,
    make_sqlite,
)

from hashmatch.errors import ExchangeError, UnknownFormatError
from hashmatch.exchange import open_reader
from hashmatch.exchange.base import INCOMPLETE
from hashmatch.types import Digests, Label

A, B, C = bytes.fromhex(MD5_A), bytes.fromhex(MD5_B), bytes.fromhex(EMPTY_MD5)


def test_kdb(read: Any, golden: Path) -> None:
    found = read(golden / "tsk/set.kdb")
    first, second = found.records
    assert first.digests == Digests(md5=MD5_A, sha1=SHA1_A)
    assert second.digests == Digests(md5=MD5_B, sha256=SHA256_B)
    assert json.loads(first.extra["comments"]) == ["first", "second"]
    assert json.loads(second.extra["comments"]) == ["third"]
    assert found.rejects[0].raw == f"md5={EMPTY_MD5.upper()} (md5 of empty input)"
    assert found.warnings["dropped file name"] == 2
    assert "jpg" not in repr(found.items)
    assert found.info.facts["Schema Version"] == "1"


def test_kdb_of_another_shape(read: Any, tmp_path: Path) -> None:
    rows = [(5, A, None, None), (9, b"short", b"\0" * 20, None), (2, None, None, "text")]
    more = """
        INSERT INTO comments VALUES ('of nobody', 1), ('late', 9), ('of nobody', 77);
        UPDATE db_properties SET value = '9';"""
    found = read(make_kdb(tmp_path / "x.kdb", rows, more))
    assert [record.position for record in found.records] == [2]
    assert [(r.position, r.reason) for r in found.rejects] == [
        (1, "no usable hash"),
        (3, "no usable hash"),
    ]
    assert found.records[0].extra == {}
    assert found.warnings["schema version 9"] == 1


def test_kdb_without_its_tables(tmp_path: Path) -> None:
    path = make_sqlite(tmp_path / "x", "CREATE TABLE db_properties(a); CREATE TABLE hashes2(a)")
    with pytest.raises(ExchangeError, match=r"expected a table hashes\(id, md5, .*got db_prop"):
        open_reader(path)


def test_an_sqlite_file_of_something_else(tmp_path: Path) -> None:
    path = make_sqlite(tmp_path / "x", "CREATE TABLE places(url)")
    with pytest.raises(UnknownFormatError):
        open_reader(path)


def test_encase(read: Any) -> None:
    found = read(encase_set(MD5_A, EMPTY_MD5, MD5_B, rest=b"\x01\x02"))
    assert [record.digests.md5 for record in found.records] == [MD5_A, MD5_B]
    assert [record.position for record in found.records] == [1, 3]
    assert found.info.facts["name"] == "Example set"
    assert found.records[0].extra == {"encase": "0102"}
    assert [reject.position for reject in found.rejects] == [2]


def test_encase_over_many_reads(read: Any) -> None:
    digests = [f"{n:032x}" for n in range(1, 9000)]
    assert [r.digests.md5 for r in read(encase_set(*digests)).records] == digests


def test_encase_cut_short(read: Any) -> None:
    data = encase_set(MD5_A, MD5_B)[:-1]
    with pytest.raises(ExchangeError, match="cut short: expected records of 18 bytes, got 17"):
        read(data)
    found = read(data, salvage=True)
    assert [record.digests.md5 for record in found.records] == [MD5_A]
    assert "cut short" in found.info.facts[INCOMPLETE]
    with pytest.raises(ExchangeError, match="expected the header of an EnCase hash set"):
        read(data[:1000])


HASHKEEPER = (
    '"file_id","hashset_id","file_name","directory","hash","file_size","date_modified",'
    '"time_modified","time_zone","comments","date_accessed","time_accessed"'
)


@pytest.mark.parametrize("quotes", [True, False])
def test_hashkeeper(read: Any, quotes: bool) -> None:
    head = HASHKEEPER if quotes else HASHKEEPER.replace('"', "")
    found = read(f'{head}\r\n1,7,"a, b.jpg","C:\\x","{MD5_A.upper()}",19,,,,"said",,\r\n')
    assert found.info.format == "hashkeeper"
    record = found.records[0]
    assert record.record_key == "7:1"
    assert record.digests == Digests(md5=MD5_A)
    assert record.size == 19
    assert record.extra == {"file_id": "1", "hashset_id": "7", "comments": "said"}
    assert found.warnings["dropped file name"] == 1


def test_hashkeeper_rows_that_are_none(read: Any) -> None:
    text = f"{HASHKEEPER}\n1,7,x,y,{MD5_A[1:]},19,,,,,,\n2,7,x,y,{MD5_B},1,,,,,,,extra\n,,,,,,\n"
    found = read(text)
    assert [(r.position, r.reason) for r in found.rejects] == [
        (2, "no usable hash"),
        (3, "more cells than columns"),
    ]
    assert not found.records


INDEX = "0" * 41 + "|{kind}\n" + "0" * 40 + "1|any name\n"


@pytest.mark.parametrize(
    ("kind", "label"),
    [("nsrl", Label.KNOWN_IGNORABLE), ("md5sum", Label.UNCATEGORIZED)],
)
def test_index(read: Any, kind: str, label: Label) -> None:
    text = INDEX.format(kind=kind) + f"{MD5_A.upper()}|0000000000000001\n{SHA1_A}|17\n"
    found = read(text + f"broken\n{MD5_B}|\n{EMPTY_MD5}|1\n")
    assert found.info.format == "tsk-index"
    assert [record.digests for record in found.records] == [
        Digests(md5=MD5_A),
        Digests(sha1=SHA1_A),
    ]
    assert {record.opinion.label for record in found.records} == {label}
    assert [(r.position, r.reason) for r in found.rejects] == [
        (5, "no entry of an index"),
        (6, "no entry of an index"),
        (7, "no usable hash"),
    ]
    assert found.info.facts == {"database kind": kind, "database name": "any name"}


@pytest.mark.parametrize("kind", ["", "nsrl"])
@pytest.mark.parametrize("name", ["", "x", "7"])
def test_index_whose_head_says_little(read: Any, kind: str, name: str) -> None:
    found = read("0" * 41 + f"|{kind}\n" + "0" * 40 + f"1|{name}\n{MD5_A}|1\n")
    assert found.info.facts == {"database kind": kind, "database name": name}
    assert [record.position for record in found.records] == [3]


def image(md5: str, category: str = "1", more: str = "") -> str:
    return f"<Image><hash>{md5}</hash><category>{category}</category>{more}</Image>"


def c4p(*images: str, declaration: str = '<?xml version="1.0" encoding="utf-16"?>') -> str:
    return f"{declaration}\n<ReportIndex>{''.join(images)}</ReportIndex>"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252", "utf-16"])
def test_c4p_in_the_encoding_that_it_is_in(read: Any, encoding: str) -> None:
    text = c4p(image(MD5_A, more="<notes>Grün</notes><path>C:\\x.jpg</path>"))
    found = read(text.encode(encoding))
    assert found.info.format == "c4p-index"
    assert found.records[0].extra == {"notes": "Grün"}
    assert found.warnings["dropped path"] == 1


def test_c4p_codes_mean_nothing_until_forced(read: Any) -> None:
    text = c4p(image(MD5_A, "1"), image(MD5_B, "0"))
    found = read(text)
    assert {record.opinion.label for record in found.records} == {Label.UNCATEGORIZED}
    assert [record.opinion.raw_category for record in found.records] == ["1", "0"]
    forced = read(text, scheme="vics-us-legacy")
    assert [record.opinion.label for record in forced.records] == [
        Label.CSAM,
        Label.UNCATEGORIZED,
    ]


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE x [<!ENTITY a "b">]><ReportIndex>&a;</ReportIndex>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd"><ReportIndex></ReportIndex>',
        f"<ReportIndex>{'<a>' * 100}",
        c4p(image(MD5_A))[:-20],
        "<ReportIndex><Image>&unknown;</Image></ReportIndex>",
    ],
)
def test_c4p_that_is_hostile_or_broken(read: Any, text: str) -> None:
    with pytest.raises(ExchangeError):
        read(text, format="c4p-index")


def test_c4p_salvaged(read: Any) -> None:
    found = read(c4p(image(MD5_A), image(MD5_B))[:-20], salvage=True)
    assert [record.digests.md5 for record in found.records] == [MD5_A]
    assert INCOMPLETE in found.info.facts


def test_digests_that_are_never_given_out(read: Any, tmp_path: Path) -> None:
    """In every one of these formats."""
    zeros, all_f = "0" * 32, "f" * 32
    for bad in (zeros, all_f, EMPTY_MD5):
        files = [
            encase_set(bad, MD5_A),
            f"{HASHKEEPER}\n1,1,,,{bad},,,,,,,\n1,1,,,{MD5_A},,,,,,,\n".encode(),
            (INDEX.format(kind="nsrl") + f"{bad}|1\n{MD5_A}|1\n").encode(),
            c4p(image(bad), image(MD5_A)).encode(),
            make_kdb(
                tmp_path / f"{bad}.kdb", [(1, bytes.fromhex(bad), None, None), (2, A, None, None)]
            ).read_bytes(),
        ]
        for data in files:
            found = read(data)
            assert [record.digests.md5 for record in found.records] == [MD5_A]
            assert len(found.rejects) == 1


@pytest.mark.parametrize("name", ["../../etc/passwd", "..\\..\\x", "C:\\x", "/x", "a.jpg:zone"])
def test_no_path_of_a_list_comes_out(read: Any, tmp_path: Path, name: str) -> None:
    """Nobody can join to a folder what no record holds."""
    files = [
        f"{MD5_A}  {name}\n".encode(),
        f"{HASHKEEPER}\n1,1,{name},{name},{MD5_A},,,,,,,\n".encode(),
        c4p(image(MD5_A, more=f"<path>{name}</path><fullpath>{name}</fullpath>")).encode(),
        f"MD5;filename;path\n{MD5_A};{name};{name}\n".encode(),
        make_kdb(
            tmp_path / "x",
            [(1, A, None, None)],
            f"INSERT INTO file_names VALUES ('{name}', 1);",  # noqa: S608
        ).read_bytes(),
        make_nsrl_minimal(tmp_path / "y", [(None, None, MD5_A, name, 1, 1)]).read_bytes(),
    ]
    for data in files:
        found = read(data)
        assert [record.digests.md5 for record in found.records] == [MD5_A]
        for text in (name, repr(name)[1:-1]):
            assert text not in repr(found.items)
