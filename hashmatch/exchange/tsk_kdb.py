"""Reads hash sets of The Sleuth Kit and Autopsy (``.kdb``): an SQLite file.

Source: The Sleuth Kit, tsk/hashdb/sqlite_hdb: tables ``hashes``, ``file_names``, ``comments`` and
``db_properties``, schema version 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hashmatch.errors import ExchangeError
from hashmatch.exchange.base import ListInfo, ReadOptions
from hashmatch.exchange.fields import FieldReader
from hashmatch.exchange.json_text import to_json
from hashmatch.exchange.one_pass import Item, OnePassReader
from hashmatch.exchange.source import Source
from hashmatch.exchange.sqlite_list import MAGIC, SqliteList, select
from hashmatch.types import Digests, HashRecord, Opinion, Reject

FORMAT = "tsk-kdb"
SCHEMA_VERSION = "1"
_COLUMNS = {"md5": "md5", "sha1": "sha1", "sha2_256": "sha256"}
_MAX_COMMENTS = 64


def looks_like_tsk_kdb(head: bytes) -> bool:
    """An SQLite file with the table ``db_properties`` and a table ``hashes``."""
    return head.startswith(MAGIC) and b"db_properties" in head and b"hashes" in head


def kdb_column(algorithm: str) -> str:
    """The column of ``hashes`` that holds a digest."""
    return next(column for column, name in _COLUMNS.items() if name == algorithm)


def kdb_digests(database: SqliteList) -> list[str]:
    """The digests that ``hashes`` has.

    Raises:
        ExchangeError: there is no such table, or it has none.
    """
    tables = database.columns()
    columns = tables.get("hashes", frozenset())
    found = [name for column, name in _COLUMNS.items() if column in columns]
    if not found or "id" not in columns:
        raise ExchangeError(
            f"{database.path}: expected a table hashes(id, md5, sha1, sha2_256), "
            f"got {', '.join(sorted(tables)[:20]) or 'no tables'}"
        )
    return found


class TskKdbReader(OnePassReader):
    """Reader of a ``.kdb``, see ``hashmatch.exchange.base.Reader``.

    ``record_key`` is the strongest digest ("sha1:…"). Comments stand in ``extra["comments"]`` as
    JSON; file names are left out and counted. The set does not say whether its files are known or
    notable, so nothing is read into it.

    Raises:
        ExchangeError: no SQLite file, or without a table ``hashes`` with digests.
    """

    def __init__(self, source: Source, options: ReadOptions) -> None:
        self._database = SqliteList.of(source)
        try:
            self._found = [kdb_column(name) for name in kdb_digests(self._database)]
            self._tables = self._database.columns()
            context = f"hashes(id, {', '.join(self._found)})"
            classifier = options.schemes.classifier(FORMAT, context, options.scheme)
            info = ListInfo(FORMAT, "hash-set", context, classifier.default_id)
            super().__init__(source, options, info)
            verdict = classifier.classify(None)
            self._opinion = Opinion(verdict.scheme, None, verdict.label)
            self._facts()
            self._done = False
        except BaseException:
            self._database.close()
            raise

    def _facts(self) -> None:
        if not {"name", "value"} <= self._tables.get("db_properties", frozenset()):
            return
        rows = "SELECT name, value FROM db_properties LIMIT 20"
        for batch in self._database.batches(rows):
            for name, value in batch:
                self.info.facts[str(name)[:100]] = str(value)[:100]
        version = self.info.facts.get("Schema Version", SCHEMA_VERSION)
        if version != SCHEMA_VERSION:
            self.warnings[f"schema version {version}"] += 1

    @property
    def bytes_read(self) -> int:
        """Nothing until the end: the rows of a hash set are read in one go."""
        return self.total_bytes if self._done else 0

    def _items(self) -> Iterator[Item]:
        digests = [f"hex({column})" for column in self._found]
        table = self._database.rows_of("hashes")
        rows = select(["id", *digests], f"{table} ORDER BY id")
        comments = self._comments()
        number = 0
        for batch in self._database.batches(rows):
            for row in batch:
                number += 1
                yield self._record(number, row, comments)
        if "hash_id" in self._tables.get("file_names", frozenset()):
            found = self._database.row("SELECT count(*) FROM file_names")
            if found is not None and found[0]:
                self.warnings["dropped file name"] += int(found[0])
        self._done = True

    def _record(
        self, number: int, row: tuple[Any, ...], comments: _Comments
    ) -> HashRecord | Reject:
        fields = FieldReader(number)
        digests = Digests(
            **{
                _COLUMNS[column]: fields.digest(column, _COLUMNS[column], value)
                for column, value in zip(self._found, row[1:], strict=True)
            }
        )
        said = comments.of(row[0])
        if not digests:
            return fields.refuse_record("no usable hash")
        return HashRecord(
            record_key=":".join(digests.items()[-1]),
            position=number,
            digests=digests,
            opinion=self._opinion,
            extra={"comments": to_json(said)} if said else {},
            rejects=tuple(fields.rejects),
        )

    def _comments(self) -> _Comments:
        if not {"comment", "hash_id"} <= self._tables.get("comments", frozenset()):
            return _Comments(iter(()))
        sql = "SELECT hash_id, comment FROM comments ORDER BY hash_id, comment"
        return _Comments(row for batch in self._database.batches(sql) for row in batch)

    def close(self) -> None:
        self._database.close()
        super().close()


class _Comments:
    """Comments in the order of the hashes, taken as the hashes come."""

    def __init__(self, rows: Iterator[tuple[Any, ...]]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def of(self, hash_id: Any) -> list[str]:
        said: list[str] = []
        while self._next is not None and _at_most(self._next[0], hash_id):
            if self._next[0] == hash_id and len(said) < _MAX_COMMENTS:
                said.append(str(self._next[1]).encode("utf-8", "replace").decode())
            self._next = next(self._rows, None)
        return said


def _at_most(value: Any, limit: Any) -> bool:
    return not isinstance(value, int) or not isinstance(limit, int) or value <= limit
