"""What one run writes into a catalogue, committed every few seconds."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hashmatch.fingerprinting import Fingerprint, VideoFingerprint
from hashmatch.scan.evidence import Identity
from hashmatch.scan.known import Earlier, Known
from hashmatch.scan.listing import Entry
from hashmatch.scan.recipe import Recipe
from hashmatch.scan.rows import (
    CONTENT_COLUMNS,
    VIDEO_COLUMNS,
    content_row,
    storable,
    trim_rows,
    video_row,
)
from hashmatch.scan.schema import mapped_errors
from hashmatch.scan.statuses import ItemStatus

COMMIT_SECONDS = 2.0
COMMIT_ITEMS = 1000
"""A run that is killed loses what it did since the last commit."""

_ITEM = (
    "INSERT INTO items (root, path, member, device, inode, size, mtime_ns, links, status, reason, "
    "opened, content, run) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (root, path, member) DO UPDATE SET device = excluded.device, "
    "inode = excluded.inode, size = excluded.size, mtime_ns = excluded.mtime_ns, "
    "links = excluded.links, status = excluded.status, reason = excluded.reason, "
    "opened = excluded.opened, content = excluded.content, run = excluded.run, gone = 0"
)
_CONTENT = (
    f"INSERT INTO contents ({', '.join(CONTENT_COLUMNS)}) "  # noqa: S608 - constants
    f"VALUES ({', '.join('?' * len(CONTENT_COLUMNS))})"
)
_VIDEO = (
    f"INSERT INTO videos (content, {', '.join(VIDEO_COLUMNS)}) "  # noqa: S608 - constants
    f"VALUES (?, {', '.join('?' * len(VIDEO_COLUMNS))})"
)


class Journal:
    """The writing side of a run.

    Args:
        path: of the catalogue, for messages.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: Path,
        recipe: Recipe,
        roots: Sequence[bytes],
        *,
        fresh: bool,
    ) -> None:
        self._connection = connection
        self._path = path
        self._uncommitted = 0
        self._committed_at = time.monotonic()
        with mapped_errors(path):
            if connection.in_transaction:  # a run before this one could not write its end
                connection.execute("ROLLBACK")
            connection.execute("BEGIN IMMEDIATE")
            if fresh:
                for table in ("items", "videos", "trims", "contents"):
                    connection.execute(f"DELETE FROM {table}")  # noqa: S608 - a constant
            self._recipe = self._number_of("recipes", "digest", recipe.digest, text=recipe.text)
            self._roots = {root: self._number_of("roots", "path", root) for root in roots}
            self._run = self._inserted(
                "INSERT INTO runs (recipe, roots, started) VALUES (?, ?, ?)",
                (self._recipe, json.dumps([storable(os.fsdecode(r)) for r in roots]), _now()),
            )
            connection.execute("COMMIT")
            connection.execute("BEGIN IMMEDIATE")

    def _number_of(self, table: str, column: str, value: object, **more: object) -> int:
        query = f"SELECT id FROM {table} WHERE {column} = ?"  # noqa: S608 - constants
        row = self._connection.execute(query, (value,)).fetchone()
        if row is not None:
            return int(row[0])
        columns = ", ".join((column, *more))
        marks = ", ".join("?" * (1 + len(more)))
        insert = f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608 - constants
        return self._inserted(insert, (value, *more.values()))

    def _inserted(self, statement: str, values: Sequence[Any]) -> int:
        return int(self._connection.execute(statement, values).lastrowid or 0)

    def earlier(self, entry: Entry) -> Earlier | None:
        """What is known of the file at an entry's path."""
        row = self._row(
            "SELECT device, inode, items.size, mtime_ns, items.status, opened, content, sha256, "
            "gone FROM items LEFT JOIN contents ON contents.id = content "
            "WHERE root = ? AND path = ? AND member = x''",
            (self._roots[entry.root], entry.path),
        )
        if row is None:
            return None
        device, inode, size, mtime_ns, status, opened, content, sha256, gone = row
        identity = Identity(int(device), int(inode), size, int(mtime_ns))
        return Earlier(identity, status, opened, content, sha256, bool(gone))

    def twin(self, entry: Entry) -> Known | None:
        """The content of another name of the same file, seen unchanged in this run."""
        identity = entry.identity
        return self._known(
            "SELECT contents.id, kind FROM items JOIN contents ON contents.id = content "
            "WHERE inode = ? AND device = ? AND links > 1 AND items.size = ? AND mtime_ns = ? "
            "AND run = ? AND member = x'' AND recipe = ? LIMIT 1",
            (
                str(identity.inode),
                str(identity.device),
                identity.size,
                str(identity.mtime_ns),
                self._run,
                self._recipe,
            ),
        )

    def has_size(self, size: int) -> bool:
        """Whether a content of so many bytes is known: a file of that size may be a copy."""
        query = "SELECT 1 FROM contents WHERE size = ? AND recipe = ? LIMIT 1"
        return self._row(query, (size, self._recipe)) is not None

    def find(self, sha256: bytes) -> Known | None:
        """The content with a digest."""
        return self._known(
            "SELECT id, kind FROM contents WHERE sha256 = ? AND recipe = ?", (sha256, self._recipe)
        )

    def add_content(self, made: Fingerprint) -> Known:
        """Keep a fingerprint; the one that is there already stays.

        Args:
            made: with digests.
        """
        row = content_row(made, self._recipe)
        known = self.find(row[0])
        if known is not None:
            return known
        with mapped_errors(self._path):
            number = self._inserted(_CONTENT, row)
            if isinstance(made, VideoFingerprint):
                self._connection.execute(_VIDEO, (number, *video_row(made)))
            else:
                self._connection.executemany(
                    "INSERT INTO trims VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    [(number, *trim) for trim in trim_rows(made)],
                )
        return Known(number, made.kind.value)

    def add_item(
        self,
        entry: Entry,
        *,
        content: int | None = None,
        status: ItemStatus | None = None,
        reason: str | None = None,
        opened: str | None = None,
        member: bytes = b"",
        size: int | None = None,
    ) -> None:
        """Keep what became of an item.

        Args:
            content: number of its content.
            status, reason: of the item itself, where its content does not say all.
            opened: under which rules for archives it was looked into; None: not at all.
            member: its name within the file at the entry's path.
            size: of the member.
        """
        identity = entry.identity
        with mapped_errors(self._path):
            self._connection.execute(
                _ITEM,
                (
                    self._roots[entry.root],
                    entry.path,
                    member,
                    str(identity.device),
                    str(identity.inode),
                    identity.size if size is None else size,
                    str(identity.mtime_ns),
                    entry.links,
                    None if status is None else status.value,
                    storable(reason),
                    opened,
                    content,
                    self._run,
                ),
            )
        self._count()

    def seen(self, entry: Entry, *, members: bool) -> None:
        """The file is as it was, and with ``members`` so are those within it."""
        where = "" if members else " AND member = x''"
        with mapped_errors(self._path):
            self._connection.execute(
                "UPDATE items SET run = ?, gone = 0, links = ? "  # noqa: S608 - constants
                f"WHERE root = ? AND path = ?{where}",
                (self._run, entry.links, self._roots[entry.root], entry.path),
            )
        self._count()

    def unlisted(self, entry: Entry) -> None:
        """What is below a folder that could not be listed is not known to be gone."""
        everything = "UPDATE items SET run = ? WHERE root = ? AND gone = 0"
        values = (self._run, self._roots[entry.root])
        with mapped_errors(self._path):
            if entry.path:
                first, after = entry.path + b"/", entry.path + b"0"  # "0" follows "/"
                below = f"{everything} AND path >= ? AND path < ?"
                self._connection.execute(below, (*values, first, after))
            else:
                self._connection.execute(everything, values)

    def finish(self) -> int:
        """The run saw everything; number of items of its roots that are not there any more."""
        with mapped_errors(self._path):
            roots = list(self._roots.values())
            marks = ", ".join("?" * len(roots))
            self._connection.execute(
                "UPDATE items SET gone = CASE WHEN root IN "  # noqa: S608 - marks
                f"({marks}) THEN 1 ELSE 2 END WHERE run <> ?",
                (*roots, self._run),
            )
            query = (
                "SELECT count(*) FROM items WHERE gone = 1 AND member = x'' AND content IS NOT NULL"
            )
            gone = self._connection.execute(query).fetchone()[0]
            self._connection.execute("UPDATE runs SET complete = 1 WHERE id = ?", (self._run,))
        return int(gone)

    def close(self) -> None:
        """Commit everything; the run has ended, wherever it was."""
        with mapped_errors(self._path):
            if not self._connection.in_transaction:
                self._connection.execute("BEGIN IMMEDIATE")
            self._connection.execute("UPDATE runs SET ended = ? WHERE id = ?", (_now(), self._run))
            self._connection.execute("COMMIT")
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def _count(self) -> None:
        self._uncommitted += 1
        late = time.monotonic() - self._committed_at > COMMIT_SECONDS
        if late or self._uncommitted >= COMMIT_ITEMS:
            self.commit()

    def commit(self) -> None:
        """Make sure that what was written until now is not lost."""
        with mapped_errors(self._path):
            self._connection.execute("COMMIT")
            self._connection.execute("BEGIN IMMEDIATE")
        self._uncommitted = 0
        self._committed_at = time.monotonic()

    def _known(self, query: str, values: Sequence[Any]) -> Known | None:
        row = self._row(query, values)
        return None if row is None else Known(int(row[0]), str(row[1]))

    def _row(self, query: str, values: Sequence[Any]) -> tuple[Any, ...] | None:
        with mapped_errors(self._path):
            row: tuple[Any, ...] | None = self._connection.execute(query, values).fetchone()
        return row


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
