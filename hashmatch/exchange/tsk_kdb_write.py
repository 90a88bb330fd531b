"""Writes hash sets of The Sleuth Kit and Autopsy (``.kdb``): an SQLite file.

Source: The Sleuth Kit, tsk/hashdb/sqlite_hdb, schema version 1.
"""

from __future__ import annotations

import sqlite3
import tempfile
from os import PathLike
from pathlib import Path

from hashmatch.errors import InputError
from hashmatch.exchange.atomic import AtomicFile
from hashmatch.exchange.file_writer import FileWriter
from hashmatch.exchange.source import foreign_errors
from hashmatch.exchange.sqlite_list import sqlite_errors
from hashmatch.exchange.tsk_kdb import SCHEMA_VERSION
from hashmatch.exchange.vics_order import SortKey, sort_key
from hashmatch.ledger import Ledger
from hashmatch.types import HashRecord

_SCHEMA = """
CREATE TABLE db_properties (name TEXT NOT NULL, value TEXT);
CREATE TABLE hashes (id INTEGER PRIMARY KEY AUTOINCREMENT, md5 BINARY(16) UNIQUE, sha1 BINARY(20),
    sha2_256 BINARY(32));
CREATE TABLE file_names (name TEXT NOT NULL, hash_id INTEGER NOT NULL, PRIMARY KEY(name, hash_id));
CREATE TABLE comments (comment TEXT NOT NULL, hash_id INTEGER NOT NULL,
    PRIMARY KEY(comment, hash_id));
CREATE INDEX md5_index ON hashes(md5);
"""
_CHUNK = 1 << 20
_BATCH = 2000


class TskKdbWriter(FileWriter):
    """A set that Autopsy opens; the label of a record stands in its comment.

    One row an MD5, for the set is looked up by MD5 alone: a record without one, and a second record
    of an MD5 with other digests, are counted as rejected; the same digests again add a comment. The
    same records give the same bytes, under one version of SQLite.

    Raises:
        InputError: a record comes after one with a larger ``sort_key``.
        ExchangeError: the file exists and ``overwrite`` is not set, or can't be written.
    """

    def __init__(self, path: str | PathLike[str], *, overwrite: bool = False) -> None:
        self.ledger = Ledger()
        self._file = AtomicFile(path, overwrite=overwrite)
        self._path = Path(path)
        self._last: SortKey | None = None
        self._row: tuple[bytes, bytes | None, bytes | None] | None = None
        self._comments: set[str] = set()
        self._id = 0
        self._waiting: list[tuple[int, bytes, bytes | None, bytes | None]] = []
        self._said: list[tuple[str, int]] = []
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        try:
            with foreign_errors(f"can't write {self._path}"):
                self._folder = tempfile.TemporaryDirectory(
                    prefix=".hashmatch-", dir=self._path.absolute().parent
                )
            self._part = Path(self._folder.name) / "part.kdb"
            with sqlite_errors(self._path):
                self._connection = sqlite3.connect(self._part, isolation_level=None)
                # Beside the target until it is renamed: a crash leaves nothing that counts.
                for pragma in ("journal_mode=OFF", "synchronous=OFF", "page_size=4096"):
                    self._connection.execute(f"PRAGMA {pragma}")
                self._connection.executescript(_SCHEMA)
                self._connection.execute("BEGIN")
                self._connection.execute(
                    "INSERT INTO db_properties VALUES ('Schema Version', ?)", (SCHEMA_VERSION,)
                )
        except BaseException:
            self._discard()
            raise

    def write(self, record: HashRecord) -> None:
        """Add one record."""
        key = sort_key(record)
        if self._last is not None and key < self._last:
            raise InputError(
                f"records: expected them in the order of sort_key, got {key} after {self._last}"
            )
        self._last = key
        digests = record.digests
        if digests.md5 is None:
            self.ledger.add_rejected("no md5, by which the set is looked up")
            return
        row = (bytes.fromhex(digests.md5), _data(digests.sha1), _data(digests.sha256))
        if self._row is not None and row[0] == self._row[0]:
            if row != self._row:
                self.ledger.add_rejected("the same md5 with other digests is in the set already")
                return
        else:
            self._flush_comments()
            self._id += 1
            self._row = row
            self._waiting.append((self._id, *row))
        self._comments.add(record.opinion.label.value)
        self.ledger.add_done(note="only digests and the label are in this format")
        if len(self._waiting) >= _BATCH:
            self._flush_rows()

    def _flush_comments(self) -> None:
        self._said.extend((comment, self._id) for comment in sorted(self._comments))
        self._comments.clear()

    def _flush_rows(self) -> None:
        with sqlite_errors(self._path):
            self._connection.executemany("INSERT INTO hashes VALUES (?, ?, ?, ?)", self._waiting)
            self._connection.executemany("INSERT INTO comments VALUES (?, ?)", self._said)
        self._waiting.clear()
        self._said.clear()

    def _finish(self) -> None:
        self._flush_comments()
        self._flush_rows()
        with sqlite_errors(self._path):
            self._connection.execute("COMMIT")
            self._connection.close()
        with foreign_errors(f"can't write {self._path}"), self._part.open("rb") as part:
            while chunk := part.read(_CHUNK):
                self._file.write(chunk)
        if self._folder is not None:
            self._folder.cleanup()

    def _discard(self) -> None:
        self._file.discard()
        connection = getattr(self, "_connection", None)
        if connection is not None:
            connection.close()
        if self._folder is not None:
            self._folder.cleanup()


def _data(digest: str | None) -> bytes | None:
    return None if digest is None else bytes.fromhex(digest)
