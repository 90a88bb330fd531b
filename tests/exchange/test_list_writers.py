"""Writers of plain lists, md5sum files, .kdb hash sets and ThreatExchange's simple table."""

from __future__ import annotations

import csv
import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from list_files import MD5_A, MD5_B, SHA1_A, SHA1_B, SHA256_A
from list_strategies import records

from hashmatch.errors import ExchangeError, InputError
from hashmatch.exchange import sort_key, write_list
from hashmatch.types import Digests, HashRecord, HashValue, Label, Opinion

PDQ = "0109111921293139414951596169717981899199a1a9b1b9c1c9d1d9e1e9f1f9"


def record(
    digests: Digests, label: Label = Label.CSAM, key: str = "k", **opinion: Any
) -> HashRecord:
    hashes = () if digests else (HashValue.from_hex("pdq", PDQ),)
    return HashRecord(key, 1, digests, Opinion("s", None, label, **opinion), hashes=hashes)


RECORDS = sorted(
    [
        record(Digests(md5=MD5_A, sha1=SHA1_A)),
        record(Digests(md5=MD5_A, sha1=SHA1_A), Label.CGI, "l"),
        record(Digests(md5=MD5_A, sha1=SHA1_B)),
        record(Digests(md5=MD5_B), Label.KNOWN_IGNORABLE),
        record(Digests(sha256=SHA256_A)),
        record(Digests()),
    ],
    key=sort_key,
)


@pytest.mark.parametrize(
    ("format", "lines", "rejected"),
    [
        ("md5-list", [MD5_A, MD5_A, MD5_B], {"no md5": 2}),
        ("sha1-list", [SHA1_B, SHA1_A], {"no sha1": 3}),
        ("sha256-list", [SHA256_A], {"no sha256": 5}),
        (
            "md5sum",
            [
                f"{MD5_A}  csam",
                f"{MD5_A}  csam",
                f"{MD5_A}  cgi",
                f"{MD5_B}  known_ignorable",
            ],
            {"no md5": 2},
        ),
    ],
)
def test_lines(tmp_path: Path, format: str, lines: list[str], rejected: dict[str, int]) -> None:
    ledger = write_list(RECORDS, tmp_path / "list", format=format)
    written = (tmp_path / "list").read_text().splitlines()
    assert sorted(set(written)) == sorted(set(lines))
    assert {r: n for (o, r), n in ledger.reasons.items() if o == "rejected"} == rejected
    assert ledger.seen == len(RECORDS)


def test_what_a_list_cannot_carry_is_told(tmp_path: Path) -> None:
    ledger = write_list(RECORDS, tmp_path / "list", format="md5-list")
    assert ledger.reasons["done", "only the digest is in this format"] == 4


def test_kdb(tmp_path: Path) -> None:
    ledger = write_list(RECORDS, tmp_path / "set.kdb", format="tsk-kdb")
    connection = sqlite3.connect(tmp_path / "set.kdb")
    rows = connection.execute("SELECT hex(md5), hex(sha1), hex(sha2_256) FROM hashes").fetchall()
    first = next(r for r in RECORDS if r.digests.md5 == MD5_A)
    assert rows == [
        (MD5_A.upper(), str(first.digests.sha1).upper(), ""),
        (MD5_B.upper(), "", ""),
    ]
    comments = connection.execute("SELECT hash_id, comment FROM comments ORDER BY 1, 2").fetchall()
    assert connection.execute("SELECT * FROM db_properties").fetchall() == [("Schema Version", "1")]
    connection.close()
    assert (2, "known_ignorable") in comments
    assert {r: n for (o, r), n in ledger.reasons.items() if o == "rejected"} == {
        "no md5, by which the set is looked up": 2,
        "the same md5 with other digests is in the set already": 2,
    }
    assert [path.name for path in tmp_path.iterdir()] == ["set.kdb"]


def test_kdb_round_trip_over_many_batches(tmp_path: Path, read: Any) -> None:
    given_records = [
        record(Digests(md5=hashlib.md5(b"%d" % n).hexdigest()), key=f"{n}") for n in range(5000)
    ]
    given_records.sort(key=sort_key)
    write_list(given_records, tmp_path / "set.kdb", format="tsk-kdb")
    found = read(tmp_path / "set.kdb")
    assert [r.digests for r in found.records] == [r.digests for r in given_records]


def test_kdb_that_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[HashRecord]:
        yield RECORDS[-1]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_list(broken(), tmp_path / "x", format="tsk-kdb")
    with pytest.raises(InputError, match="in the order of sort_key"):
        write_list(RECORDS[::-1], tmp_path / "x", format="tsk-kdb")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "x").write_bytes(b"mine")
    with pytest.raises(ExchangeError, match="the file exists"):
        write_list(RECORDS, tmp_path / "x", format="tsk-kdb")
    assert (tmp_path / "x").read_bytes() == b"mine"


@pytest.mark.parametrize("hash_type", ["md5", "sha1", "sha256", "pdq"])
def test_simple_csv(tmp_path: Path, hash_type: str) -> None:
    path = tmp_path / "simple.te"
    tagged = record(Digests(md5=MD5_A), key="7", tags=("a b", "c"), updated_raw="2024-01-01")
    ordered = sorted([*RECORDS, tagged], key=sort_key)
    ledger = write_list(ordered, path, format="threatexchange-simple", hash_type=hash_type)
    rows = list(csv.reader(path.read_text().splitlines()))
    assert {len(row) for row in rows} == {4}
    assert ledger.done >= 1
    if hash_type == "md5":
        assert [MD5_A, "7", "2024-01-01", "a_b c"] in rows
    with pytest.raises(InputError, match="hash_type"):
        write_list([], tmp_path / "y", format="threatexchange-simple", hash_type="x")


@given(records())
def test_no_cell_of_simple_csv_runs(
    tmp_path_factory: pytest.TempPathFactory, given_record: HashRecord
) -> None:
    path = tmp_path_factory.getbasetemp() / "simple.te"
    write_list([given_record], path, format="threatexchange-simple", overwrite=True)
    for row in csv.reader(path.read_text(errors="replace").splitlines()):
        assert len(row) == 4
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


@pytest.mark.parametrize("key", ["=1+1", "+1", "-1", "@x", '"=1"', "a;b", 'a"b', " =1"])
def test_formulas(tmp_path: Path, key: str) -> None:
    write_list(
        [record(Digests(md5=MD5_A), key=key)], tmp_path / "x", format="threatexchange-simple"
    )
    (row,) = csv.reader((tmp_path / "x").read_text().splitlines())
    assert row[1] == (f"'{key}" if key[0] in "=+-@" else key)


def test_lists_say_nothing_of_people(tmp_path: Path) -> None:
    given_record = HashRecord(
        "k",
        1,
        Digests(md5=MD5_A),
        Opinion("s", None, Label.CSAM),
        extra={"ContactName": "Somebody", "Miniature": "AAAA"},
    )
    for format in ("md5-list", "md5sum", "tsk-kdb", "threatexchange-simple"):
        write_list([given_record], tmp_path / format, format=format)
        data = (tmp_path / format).read_bytes()
        assert b"Somebody" not in data
        assert b"AAAA" not in data


@given(st.lists(records(), max_size=5))
def test_ledgers_add_up(
    tmp_path_factory: pytest.TempPathFactory, given_records: list[HashRecord]
) -> None:
    path = tmp_path_factory.getbasetemp() / "one column"
    for digest in ("md5", "sha1", "sha256"):
        ledger = write_list(
            sorted(given_records, key=sort_key), path, format=f"{digest}-list", overwrite=True
        )
        has = [dict(r.digests.items()).get(digest) for r in given_records]
        assert ledger.done == sum(value is not None for value in has)
        assert set(path.read_text().split()) == {value for value in has if value is not None}
