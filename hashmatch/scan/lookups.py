"""What a run asks its catalogue before it reads a file."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hashmatch.scan.evidence import Identity
from hashmatch.scan.known import Earlier, Known
from hashmatch.scan.listing import Entry
from hashmatch.scan.schema import mapped_error, mapped_errors

_KNOWN = (
    "contents.id, kind, ?1 IS NULL OR EXISTS "
    "(SELECT 1 FROM verdicts WHERE verdicts.content = contents.id AND judge = ?1)"
)
_FIND = f"SELECT {_KNOWN} FROM contents WHERE sha256 = ?2 AND recipe = ?3"  # noqa: S608 - constants
_OF_SIZE = (
    f"SELECT {_KNOWN}, sha256 FROM contents "  # noqa: S608 - constants
    "WHERE contents.size = ?2 AND recipe = ?3 LIMIT ?4"
)
_TWIN = (
    f"SELECT {_KNOWN} FROM items JOIN contents ON contents.id = items.content "  # noqa: S608
    "WHERE inode = ?2 AND device = ?3 AND links > 1 AND items.size = ?4 AND mtime_ns = ?5 "
    "AND run = ?6 AND member = x'' AND recipe = ?7 LIMIT 1"
)
_EARLIER = (
    "SELECT device, inode, items.size, mtime_ns, items.status, opened, content, sha256, gone "
    "FROM items LEFT JOIN contents ON contents.id = content "
    "WHERE root = ? AND path = ? AND member = x''"
)


@dataclass(frozen=True, slots=True)
class Lookups:
    """Questions about what is written, by the numbers of one run's rows.

    Attributes:
        path: of the catalogue, for messages.
        run, recipe: numbers of their rows.
        judge: likewise; None where nobody is asked.
        roots: number of each root's row.
        blank: numbers of the roots that no run before this one has met.
    """

    connection: sqlite3.Connection
    path: Path
    run: int
    recipe: int
    judge: int | None
    roots: Mapping[bytes, int]
    blank: frozenset[int]

    def earlier(self, entry: Entry) -> Earlier | None:
        """What is known of the file at an entry's path."""
        root = self.roots[entry.root]
        if root in self.blank:
            return None
        row = self._row(_EARLIER, (root, entry.path))
        if row is None:
            return None
        device, inode, size, mtime_ns, status, opened, content, sha256, gone = row
        identity = Identity(int(device), int(inode), size, int(mtime_ns))
        return Earlier(identity, status, opened, content, sha256, bool(gone))

    def twin(self, entry: Entry) -> Known | None:
        """The content of another name of the same file, seen unchanged in this run."""
        inode, device = str(entry.identity.inode), str(entry.identity.device)
        size, mtime_ns = entry.identity.size, str(entry.identity.mtime_ns)
        values = (self.judge, inode, device, size, mtime_ns, self.run, self.recipe)
        return self._known(_TWIN, values)

    def has_size(self, size: int) -> bool:
        """Whether a content of so many bytes is known: a file of that size may be a copy."""
        query = "SELECT 1 FROM contents WHERE size = ? AND recipe = ? LIMIT 1"
        return self._row(query, (size, self.recipe)) is not None

    def of_size(self, size: int, most: int) -> dict[bytes, Known]:
        """The contents of so many bytes by their SHA-256; none if there are more than ``most``."""
        values = (self.judge, size, self.recipe, most + 1)
        with mapped_errors(self.path):
            rows = self.connection.execute(_OF_SIZE, values).fetchall()
        if len(rows) > most:
            return {}
        return {row[3]: Known(int(row[0]), str(row[1]), bool(row[2])) for row in rows}

    def find(self, sha256: bytes) -> Known | None:
        """The content with a digest."""
        return self._known(_FIND, (self.judge, sha256, self.recipe))

    def _known(self, query: str, values: Sequence[Any]) -> Known | None:
        row = self._row(query, values)
        return None if row is None else Known(int(row[0]), str(row[1]), bool(row[2]))

    def _row(self, query: str, values: Sequence[Any]) -> tuple[Any, ...] | None:
        try:  # not a context manager: it would cost as much as the question
            row: tuple[Any, ...] | None = self.connection.execute(query, values).fetchone()
        except sqlite3.DatabaseError as error:
            raise mapped_error(self.path, error) from error
        return row
