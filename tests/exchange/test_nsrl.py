"""NIST's reference data set, text and SQLite: known software and never anything else."""

from __future__ import annotations

import sqlite3
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from list_files import (
    MD5_A,
    MD5_B,
    NSRL_ROWS,
    SHA1_A,
    SHA1_B,
    SHA256_A,
    make_nsrl_full,
    make_nsrl_minimal,
    make_sqlite,
    make_zip,
)

from hashmatch.errors import ExchangeError
from hashmatch.exchange import open_reader
from hashmatch.exchange.sqlite_list import SqliteList
from hashmatch.types import Label

HEAD = '"SHA-1","MD5","CRC32","FileName","FileSize","ProductCode","OpSystemCode","SpecialCode"\r\n'
ROW = f'"{SHA1_A.upper()}","{MD5_A.upper()}","0A1B2C3D","icon.png",19,1,"WIN",""\r\n'


def test_minimal_and_full_say_the_same(read: Any, golden: Path) -> None:
    minimal, full = read(golden / "nsrl/minimal.db"), read(golden / "nsrl/full.db")
    assert minimal.items == full.items
    assert [r.digests.md5 for r in minimal.records] == [MD5_A, MD5_B, MD5_A]
    assert [r.opinion.tags for r in minimal.records] == [
        ("Example Office",),
        ("Example Paint",),
        ("Example Paint",),
    ]
    assert minimal.records[0].record_key == f"1:sha256:{SHA256_A}"
    assert minimal.records[0].size == 19
    assert "icon" not in repr(minimal.items)
    assert "full" in full.info.context
    assert "minimal" in minimal.info.context


@pytest.mark.parametrize("name", ["nsrl/minimal.db", "nsrl/full.db", "nsrl/rds2.txt"])
def test_known_software_under_any_scheme(read: Any, golden: Path, name: str) -> None:
    for scheme in (None, "vics-us-current", "icse-baseline"):
        found = read(golden / name, scheme=scheme)
        assert {record.opinion.label for record in found.records} == {Label.KNOWN_IGNORABLE}
        assert {record.opinion.scheme for record in found.records} == {"nsrl-known"}
        told = "the scheme that was asked for has no effect: this list has no categories"
        assert found.warnings[told] == (scheme is not None)


def test_both_orders_of_columns(read: Any, golden: Path) -> None:
    old, new = read(golden / "nsrl/rds1.txt"), read(golden / "nsrl/rds2.txt")
    assert old.records[0].digests == new.records[0].digests
    assert old.records[0].size == new.records[0].size == 19
    assert old.records[0].extra["MD4"] == "31D6CFE0D16AE931B73C59D7E0C089C1"
    assert new.records[1].extra["SpecialCode"] == "M"
    assert "logo" not in repr(new.items)


def test_columns_in_any_order_and_case(read: Any) -> None:
    text = f'"productcode","md5","filename","SHA-1"\n7,"{MD5_B}","x","{SHA1_B}"\n'
    record = read(text).records[0]
    assert (record.digests.md5, record.digests.sha1) == (MD5_B, SHA1_B)
    assert record.record_key == f"7:sha1:{SHA1_B}"


def test_a_broken_digest_leaves_the_other(read: Any) -> None:
    record = read(HEAD + ROW.replace(MD5_A.upper(), MD5_A[1:])).records[0]
    assert record.digests.sha1 == SHA1_A
    assert [r.reason for r in record.rejects] == ["md5 too short, opened in a spreadsheet?"]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("first", ["NSRLFile.txt", "NSRLProd.txt"])
def test_zip_of_several_tables(read: Any, tmp_path: Path, method: int, first: str) -> None:
    members = {
        "NSRLFile.txt": (HEAD + ROW).encode(),
        "NSRLProd.txt": b'"ProductCode","ProductName"\r\n1,"x"\r\n',
    }
    ordered = {first: members[first], **members}
    found = read(make_zip(tmp_path / "set.zip", ordered, method))
    assert found.info.format == "nsrl-rds2"
    assert [record.digests.sha1 for record in found.records] == [SHA1_A]


def test_zip_of_one_table_and_gzip(read: Any, tmp_path: Path) -> None:
    data = (HEAD + ROW).encode()
    found = read(make_zip(tmp_path / "set.zip", {"any name": data}, zipfile.ZIP_DEFLATED))
    assert [record.digests.sha1 for record in found.records] == [SHA1_A]


def test_zip_without_the_table(tmp_path: Path) -> None:
    path = make_zip(
        tmp_path / "set.zip",
        {"NSRLProd.txt": b'"ProductCode","ProductName"\r\n', "b.txt": b"x"},
    )
    with pytest.raises(ExchangeError, match=r"expected NSRLFile\.txt, a table with .* got none"):
        open_reader(path)


def test_zip_bomb(tmp_path: Path) -> None:
    line = ROW.encode()
    members = {"a.txt": b"x", "NSRLFile.txt": HEAD.encode() + b" " * 200_000_000 + line}
    path = make_zip(tmp_path / "bomb.zip", members, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 500_000
    with (
        pytest.raises(ExchangeError, match="unpacked for one packed"),
        open_reader(path, format="nsrl-rds2") as reader,
    ):
        list(reader)


@pytest.mark.parametrize("more", [{}, {"b.txt": b"x"}])
def test_zip_member_without_a_name(read: Any, tmp_path: Path, more: dict[str, bytes]) -> None:
    path = make_zip(tmp_path / "set.zip", {"NAMELESS": (HEAD + ROW).encode(), **more})
    data = path.read_bytes()
    start = data.find(b"PK\x01\x02")
    # The directory's entry says that the name has no letters, and that they are a comment.
    changed = bytearray(data)
    changed[start + 28 : start + 34] = b"\0\0\0\0\x08\0"
    path.write_bytes(changed)
    with pytest.raises(ExchangeError):
        read(path, format="nsrl-rds2")


def test_damaged_zip_member(tmp_path: Path) -> None:
    data = (HEAD + ROW).encode()
    path = make_zip(tmp_path / "set.zip", {"NSRLFile.txt": data, "b": b"x"})
    changed = bytearray(path.read_bytes())
    changed[changed.find(b"icon.png")] ^= 1
    path.write_bytes(changed)
    with pytest.raises(ExchangeError, match="can't"), open_reader(path) as reader:
        list(reader)


def test_sqlite_without_file_table(tmp_path: Path) -> None:
    path = make_sqlite(tmp_path / "x.db", "CREATE TABLE other(a)")
    with pytest.raises(ExchangeError, match=r"expected a table or view FILE .*, got other"):
        open_reader(path, format="nsrl-rds3")


def test_sqlite_in_a_zip_is_told(tmp_path: Path) -> None:
    inner = make_nsrl_minimal(tmp_path / "x.db").read_bytes()
    path = make_zip(tmp_path / "x.zip", {"x.db": inner})
    with pytest.raises(ExchangeError, match="unpack it first"):
        open_reader(path)


def test_a_transaction_that_is_not_finished(tmp_path: Path) -> None:
    path = make_nsrl_minimal(tmp_path / "x.db")
    (tmp_path / "x.db-wal").write_bytes(b"x")
    with pytest.raises(ExchangeError, match=r"got x\.db-wal beside it"):
        open_reader(path)


def test_nothing_is_written_beside_it(read: Any, tmp_path: Path) -> None:
    path = make_nsrl_minimal(tmp_path / "x.db")
    before = path.read_bytes()
    read(path)
    assert [p.name for p in tmp_path.iterdir()] == ["x.db"]
    assert path.read_bytes() == before


def test_cut_short(tmp_path: Path) -> None:
    rows = [(f"{n:064X}", f"{n:040X}", f"{n:032X}", "f", 1, 1) for n in range(1, 500)]
    data = make_nsrl_minimal(tmp_path / "x.db", rows).read_bytes()
    path = tmp_path / "cut.db"
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(ExchangeError, match="can't read"), open_reader(path) as reader:
        list(reader)


def test_wrong_types_are_refused(read: Any, tmp_path: Path) -> None:
    rows = [
        (None, None, b"\x01" * 16, "f", 1, 1),
        (None, None, None, "f", 1, 1),
        (SHA256_A, 7, "x", "f", "big", "seven"),
        (SHA256_A, "", "", "f", -1, 1),
    ]
    found = read(make_nsrl_minimal(tmp_path / "x.db", rows))
    assert [r.position for r in found.rejects] == [1, 2]
    assert [(r.field, r.reason) for r in found.records[0].rejects] == [
        ("md5", "md5 characters"),
        ("sha1", "sha1 length"),
        ("file_size", "number value"),
        ("package_id", "number type"),
    ]
    assert found.records[0].record_key == f"sha256:{SHA256_A}"
    assert [r.reason for r in found.records[1].rejects] == ["number range"]


HOSTILE = {
    "rows out of nothing": """
        CREATE VIEW FILE AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
        SELECT printf('%064x', i) AS sha256, 1 AS package_id FROM n;""",
    "a product of tables": """
        CREATE TABLE many(i);
        INSERT INTO many WITH RECURSIVE n(i) AS
            (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) SELECT i FROM n;
        CREATE VIEW FILE AS SELECT printf('%064x', a.i) AS sha256 FROM many a, many b, many c;""",
    "a search that never ends": """
        CREATE TABLE many(i);
        INSERT INTO many WITH RECURSIVE n(i) AS
            (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) SELECT i FROM n;
        CREATE VIEW FILE AS SELECT printf('%064x', a.i) AS sha256
            FROM many a, many b, many c, many d WHERE a.i + b.i + c.i + d.i < 0;""",
    "a huge value": """
        CREATE VIEW FILE AS SELECT hex(zeroblob(1000000000)) AS sha256;""",
    "another file": """
        CREATE VIEW FILE AS SELECT readfile('/etc/passwd') AS sha256;""",
    "an extension": """
        CREATE VIEW FILE AS SELECT load_extension('x') AS sha256;""",
}


@pytest.mark.parametrize("script", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_views(tmp_path: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hashmatch.exchange.sqlite_list.PATIENCE_S", 0.5)
    path = make_sqlite(tmp_path / "x.db", script)
    start = time.monotonic()
    with pytest.raises(ExchangeError), open_reader(path, format="nsrl-rds3") as reader:
        list(reader)
    assert time.monotonic() - start < 20


def test_only_reading_is_authorized(tmp_path: Path) -> None:
    path = make_nsrl_minimal(tmp_path / "x.db")
    other = tmp_path / "other.db"
    with SqliteList(path) as database:
        for sql in (
            "DELETE FROM FILE",
            "DROP TABLE FILE",
            f"ATTACH '{other}' AS o",
            "PRAGMA writable_schema=ON",
            "CREATE TABLE x(a)",
            "VACUUM",
        ):
            with pytest.raises(ExchangeError, match="authoriz"):
                database.row(sql)
    assert not other.exists()
    assert (
        len(NSRL_ROWS) == sqlite3.connect(path).execute("SELECT count(*) FROM FILE").fetchone()[0]
    )


def test_names_of_packages_are_bounded(
    read: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hashmatch.exchange.nsrl_sqlite._MAX_PACKAGES", 1)
    monkeypatch.setattr("hashmatch.exchange.sqlite_list.BATCH", 1)
    found = read(make_nsrl_minimal(tmp_path / "x.db"))
    assert [record.opinion.tags for record in found.records] == [("Example Office",), (), ()]
    assert found.warnings["package without a name"] == 2
    assert found.warnings["more packages than are named"] == 1


def test_progress(tmp_path: Path) -> None:
    rows = [(f"{n:064X}", f"{n:040X}", f"{n:032X}", "f", 1, 1) for n in range(1, 9001)]
    for make in (make_nsrl_minimal, make_nsrl_full):
        path = make(tmp_path / f"{make.__name__}.db", rows)
        with open_reader(path) as reader:
            seen = [reader.bytes_read for _ in reader]
            assert seen == sorted(seen)
            assert 0 < seen[5000] < reader.total_bytes
            assert reader.bytes_read == reader.total_bytes
