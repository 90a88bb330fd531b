"""Makes list files that are not text: SQLite data sets, EnCase hash sets, zip archives.

The golden files of these formats were made with it, once; tests make their own variants.
"""

from __future__ import annotations

import sqlite3
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

MD5_A = "477dab6fc5dff588410cd697abd3d3e2"
MD5_B = "dc83d5a2f987ac823853e6f8ed4674f3"
SHA1_A = "e9efc060ec30f65a6c0efb4fdcfe7afe4e0817ed"
SHA1_B = "b57684e36e7e71b24e4afda623ffadfc9b51926c"
SHA256_A = "835d60ae73e768853248051934efff3f5f06207e61d8cc2bfd3be56b08593e83"
SHA256_B = "ad5bceaf0ee36d32ac6d20504c7dfff100124a05dc52fc26f35c5e5d1072c484"
EMPTY_MD5 = "d41d8cd98f00b204e9800998ecf8427e"
EMPTY_SHA1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

Row = Sequence[Any]
"""sha256, sha1, md5, file name, size, package id."""

NSRL_ROWS: tuple[Row, ...] = (
    (SHA256_A.upper(), SHA1_A.upper(), MD5_A.upper(), "icon.png", 19, 1),
    (SHA256_B.upper(), SHA1_B.upper(), MD5_B.upper(), "logo.png", 19, 2),
    (EMPTY_SHA256.upper(), EMPTY_SHA1.upper(), EMPTY_MD5.upper(), "empty", 0, 1),
    (SHA256_A.upper(), SHA1_A.upper(), MD5_A.upper(), "copy of icon.png", 19, 2),
)
_COMPANIONS = """
CREATE TABLE PKG(package_id INTEGER, name TEXT, version TEXT, operating_system_id INTEGER);
CREATE TABLE OS(operating_system_id INTEGER, name TEXT, version TEXT, manufacturer_id INTEGER);
CREATE TABLE MFG(manufacturer_id INTEGER, name TEXT);
INSERT INTO PKG VALUES (1, 'Example Office', '1.0', 1), (2, 'Example Paint', '2.0', 1);
INSERT INTO OS VALUES (1, 'Example OS', '1', 1);
INSERT INTO MFG VALUES (1, 'Example Maker');
"""
_MINIMAL = """
CREATE TABLE FILE(sha256 TEXT, sha1 TEXT, md5 TEXT, file_name TEXT, file_size INTEGER,
    package_id INTEGER);
"""
_FULL = """
CREATE TABLE METADATA(object_id INTEGER, sha256 TEXT, sha1 TEXT, md5 TEXT, file_name TEXT,
    extension TEXT, bytes INTEGER);
CREATE TABLE PACKAGE_OBJECT(package_id INTEGER, object_id INTEGER);
CREATE VIEW FILE AS
    SELECT upper(md.sha256) AS sha256, upper(md.sha1) AS sha1, upper(md.md5) AS md5,
        CASE md.extension WHEN '' THEN md.file_name
            ELSE md.file_name || '.' || md.extension END AS file_name,
        md.bytes AS file_size, po.package_id AS package_id
    FROM METADATA AS md JOIN PACKAGE_OBJECT AS po ON po.object_id = md.object_id;
"""
_KDB = """
CREATE TABLE db_properties (name TEXT NOT NULL, value TEXT);
CREATE TABLE hashes (id INTEGER PRIMARY KEY AUTOINCREMENT, md5 BINARY(16) UNIQUE, sha1 BINARY(20),
    sha2_256 BINARY(32));
CREATE TABLE file_names (name TEXT NOT NULL, hash_id INTEGER NOT NULL, PRIMARY KEY(name, hash_id));
CREATE TABLE comments (comment TEXT NOT NULL, hash_id INTEGER NOT NULL,
    PRIMARY KEY(comment, hash_id));
CREATE INDEX md5_index ON hashes(md5);
INSERT INTO db_properties VALUES ('Schema Version', '1');
"""


def make_sqlite(path: Path, *scripts: str, rows: Mapping[str, Iterable[Row]] | None = None) -> Path:
    """A database from SQL; ``rows`` are inserted by table."""
    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA page_size = 1024")
        for script in scripts:
            connection.executescript(script)
        for table, values in (rows or {}).items():
            for row in values:
                marks = ", ".join("?" * len(row))
                connection.execute(f"INSERT INTO {table} VALUES ({marks})", row)  # noqa: S608
        connection.commit()
    finally:
        connection.close()
    return path


def make_nsrl_minimal(path: Path, rows: Iterable[Row] = NSRL_ROWS) -> Path:
    return make_sqlite(path, _MINIMAL, _COMPANIONS, rows={"FILE": rows})


def make_nsrl_full(path: Path, rows: Iterable[Row] = NSRL_ROWS) -> Path:
    given = list(rows)
    metadata = [
        (n, row[0], row[1], row[2], *row[3].partition(".")[::2], row[4])
        for n, row in enumerate(given)
    ]
    objects = [(row[5], n) for n, row in enumerate(given)]
    tables = {"METADATA": metadata, "PACKAGE_OBJECT": objects}
    return make_sqlite(path, _FULL, _COMPANIONS, rows=tables)


def make_kdb(path: Path, rows: Iterable[Row], *more: str) -> Path:
    """``rows``: id, md5, sha1, sha2_256 as bytes or None."""
    return make_sqlite(path, _KDB, *more, rows={"hashes": rows})


def encase_set(*digests: str, name: str = "Example set", rest: bytes = b"\0\0") -> bytes:
    head = b"HASH\r\n\xff\x00".ljust(1032, b"\0") + name.encode("utf-16-le")
    return head.ljust(1152, b"\0") + b"".join(bytes.fromhex(d) + rest for d in digests)


def make_zip(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return path
