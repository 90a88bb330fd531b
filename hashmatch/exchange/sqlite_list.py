"""A list that is an SQLite file, opened as the hostile input that it may be.

Read-only and immutable: nothing is written beside it, no lock is taken. Only the tables that a room
names can be read, in any SQL that the file's own views hold; recursion, extensions and writes are
refused, and a query that takes too long between two rows, or gives more rows than the file has
bytes, is ended.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from hashmatch.errors import ExchangeError
from hashmatch.exchange.source import Source

MAGIC = b"SQLite format 3\0"
BATCH = 2048
"""Rows that are fetched at once."""
PATIENCE_S = 300.0
"""Seconds that the file may take until its next batch of rows."""
_MAX_VALUE = 1 << 20
_STEPS = 50_000
_ALLOWED = frozenset((sqlite3.SQLITE_SELECT, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_READ))
_SIDECARS = ("-wal", "-journal")


@contextmanager
def sqlite_errors(path: Path) -> Iterator[None]:
    """Turn what SQLite raises into ExchangeError."""
    try:
        yield
    except sqlite3.Error as error:
        raise ExchangeError(f"can't read {path}: {str(error)[:200]}") from error
    except (UnicodeError, OverflowError, ValueError) as error:
        raise ExchangeError(f"can't read {path}: {type(error).__name__}: {error}") from error


class SqliteList:
    """A connection that only reads. A context manager.

    Args:
        path: a regular file.
        texts_as_bytes: give out texts as the bytes that they are stored as, which costs less.
        patience_s: seconds until the next batch of rows, at most; ``PATIENCE_S`` by default.

    Raises:
        ExchangeError: no SQLite file, damaged, or a transaction beside it that is not finished.
    """

    def __init__(
        self, path: Path, *, texts_as_bytes: bool = False, patience_s: float | None = None
    ) -> None:
        self.path = path
        self._patience_s = PATIENCE_S if patience_s is None else patience_s
        self._deadline = 0.0
        self._as_text = bytes if texts_as_bytes else _text
        self._extend()
        for end in _SIDECARS:
            beside = path.with_name(path.name + end)
            if beside.exists() and beside.stat().st_size > 0:
                raise ExchangeError(
                    f"can't read {path}: expected a finished database, got {beside.name} beside "
                    "it, which holds changes that are not in the file"
                )
        with sqlite_errors(path):
            self._max_rows = max(path.stat().st_size, 1)
            uri = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
            self._connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
            try:
                self._restrict()
            except BaseException:
                self._connection.close()
                raise

    @classmethod
    def of(cls, source: Source, *, texts_as_bytes: bool = False) -> Self:
        """The file that a source is of.

        Raises:
            ExchangeError: it is packed; SQLite reads here and there in its file.
        """
        if source.packing is not None:
            raise ExchangeError(
                f"can't read {source.path}: expected an SQLite file that is unpacked, "
                f"got one inside a {source.packing}: unpack it first"
            )
        return cls(source.path, texts_as_bytes=texts_as_bytes)

    def _restrict(self) -> None:
        connection = self._connection
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_VALUE)
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        connection.setlimit(sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 100)
        connection.setlimit(sqlite3.SQLITE_LIMIT_VDBE_OP, 100_000)
        for pragma in ("trusted_schema=OFF", "query_only=ON", "cell_size_check=ON", "mmap_size=0"):
            connection.execute(f"PRAGMA {pragma}")
        connection.set_authorizer(_authorize)
        connection.set_progress_handler(self._is_late, _STEPS)
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()

    def columns(self) -> dict[str, frozenset[str]]:
        """The columns of every table and view, all names in lower case."""
        with sqlite_errors(self.path):
            self._extend()
            self._connection.text_factory = _text
            names = self._connection.execute(
                "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') LIMIT 1000"
            ).fetchall()
            found = {}
            for (name,) in names:
                if isinstance(name, str) and not name.lower().startswith("sqlite_"):
                    found[name.lower()] = self._columns_of(name)
            return found

    def _columns_of(self, name: str) -> frozenset[str]:
        quoted = '"' + name.replace('"', '""') + '"'
        try:
            described = self._connection.execute(select(["*"], f"{quoted} LIMIT 0")).description
        except sqlite3.Error:
            return frozenset()  # a view that can't be used, of which nobody may want anything
        return frozenset(column[0].lower() for column in described)

    def has_rowid(self, table: str) -> bool:
        """Whether it is a table whose rows have numbers: no view, not WITHOUT ROWID."""
        sql = "SELECT sql FROM sqlite_master WHERE type = 'table' AND lower(name) = ?"
        row = self.row(sql, (table.lower(),))
        return row is not None and "without" not in str(row[0]).lower()

    def rows_of(self, table: str) -> str:
        """What to put behind FROM: the rows themselves, and not an index that says other things."""
        sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND lower(name) = ?"
        is_table = self.row(sql, (table.lower(),)) is not None
        return f"{table} NOT INDEXED" if is_table else table

    def row(self, sql: str, arguments: tuple[Any, ...] = ()) -> tuple[Any, ...] | None:
        """The first row."""
        with sqlite_errors(self.path):
            self._extend()
            self._connection.text_factory = _text
            row: tuple[Any, ...] | None = self._connection.execute(sql, arguments).fetchone()
            return row

    def batches(self, sql: str) -> Iterator[list[tuple[Any, ...]]]:
        """All rows, ``BATCH`` at a time."""
        rows = 0
        with sqlite_errors(self.path):
            self._extend()
            # A text that is no UTF-8 is a value that fails its own check, not a broken file.
            self._connection.text_factory = self._as_text
            cursor = self._connection.execute(sql)
            cursor.arraysize = BATCH
            while batch := cursor.fetchmany():
                rows += len(batch)
                if rows > self._max_rows:
                    raise ExchangeError(
                        f"can't read {self.path}: expected fewer rows than bytes, got more: "
                        "its views multiply what it holds"
                    )
                yield batch
                self._extend()

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _extend(self) -> None:
        self._deadline = time.monotonic() + self._patience_s

    def _is_late(self) -> int:
        return time.monotonic() > self._deadline


def select(columns: Iterable[str], rest: str) -> str:
    """A query of our own words; nothing of a file ever becomes a part of one."""
    return f"SELECT {', '.join(columns)} FROM {rest}"  # noqa: S608


def _authorize(
    action: int, first: str | None, second: str | None, database: str | None, trigger: str | None
) -> int:
    if action not in _ALLOWED:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and str(second).lower() == "load_extension":
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
