"""What one run writes into a catalogue, committed every few seconds."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hashmatch.errors import CatalogueError
from hashmatch.fingerprinting import Fingerprint, VideoFingerprint
from hashmatch.scan.known import Earlier, Known
from hashmatch.scan.listing import Entry
from hashmatch.scan.lookups import Lookups
from hashmatch.scan.recipe import Recipe
from hashmatch.scan.rows import INSERTS, content_row, storable, trim_rows, video_row
from hashmatch.scan.schema import mapped_errors
from hashmatch.scan.statuses import ItemStatus

COMMIT_SECONDS = 2.0
COMMIT_ITEMS = 1000
"""A run that is killed loses what it did since the last commit."""


class Journal:
    """The writing side of a run; what it is asked includes what was not yet committed.

    Args:
        path: of the catalogue, for messages.
        judge: the key of who is asked about contents.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: Path,
        recipe: Recipe,
        roots: Sequence[bytes],
        *,
        fresh: bool,
        judge: str | None,
    ) -> None:
        self._connection = connection
        self._path = path
        self._uncommitted = 0
        self._committed_at = time.monotonic()
        self._waiting: dict[str, list[tuple[Any, ...]]] = {name: [] for name in INSERTS}
        self._new: dict[bytes, Known] = {}
        self._new_sizes: set[int] = set()
        with mapped_errors(path):
            if connection.in_transaction:  # a run before this one could not write its end
                connection.execute("ROLLBACK")
            connection.execute("BEGIN IMMEDIATE")
            if fresh:
                for table in ("items", "verdicts", "judges", "videos", "trims", "contents"):
                    connection.execute(f"DELETE FROM {table}")  # noqa: S608 - a constant
            self._asked = self._began(recipe, roots, judge)
            connection.execute("COMMIT")
            connection.execute("BEGIN IMMEDIATE")
            last = connection.execute("SELECT max(id) FROM contents").fetchone()[0]
        # There is one writer, so numbers can be given before rows are written.
        self._next_content = (last or 0) + 1

    def _began(self, recipe: Recipe, roots: Sequence[bytes], judge: str | None) -> Lookups:
        numbers = {root: self._number_of("roots", "path", root) for root in roots}
        met = "SELECT 1 FROM items WHERE root = ? LIMIT 1"
        blank = [n for n in numbers.values() if not self._connection.execute(met, (n,)).fetchone()]
        recipe_number = self._number_of("recipes", "digest", recipe.digest, text=recipe.text)
        run = self._inserted(
            "INSERT INTO runs (recipe, roots, started) VALUES (?, ?, ?)",
            (recipe_number, json.dumps([storable(os.fsdecode(r)) for r in roots]), _now()),
        )
        return Lookups(
            self._connection,
            self._path,
            run,
            recipe_number,
            None if judge is None else self._number_of("judges", "key", judge),
            numbers,
            frozenset(blank),
        )

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
        return self._asked.earlier(entry)

    def twin(self, entry: Entry) -> Known | None:
        """The content of another name of the same file, seen unchanged in this run."""
        self._flush()
        return self._asked.twin(entry)

    def has_size(self, size: int) -> bool:
        """Whether a content of so many bytes is known: a file of that size may be a copy."""
        return size in self._new_sizes or self._asked.has_size(size)

    def of_sizes(self, sizes: Iterable[int], most: int) -> dict[bytes, Known]:
        """The contents of these sizes by their SHA-256; of a size with more than ``most``, none."""
        asked = set(sizes)
        if not asked.isdisjoint(self._new_sizes):
            self._flush()
        found: dict[bytes, Known] = {}
        for size in asked:
            found.update(self._asked.of_size(size, most))
        return found

    def find(self, sha256: bytes) -> Known | None:
        """The content with a digest."""
        return self._new.get(sha256) or self._asked.find(sha256)

    def add_content(self, made: Fingerprint, verdict: bytes | None = None) -> Known:
        """Keep a fingerprint; the one that is there already stays.

        Args:
            made: with digests.
            verdict: of the run's judge, if there is one; the one that is there already stays.
        """
        row = content_row(made, self._asked.recipe)
        known = self.find(row[0])
        if known is not None:
            if verdict is not None and not known.judged:
                self._waiting["verdicts"].append((known.number, self._asked.judge, verdict))
                known = self._new[row[0]] = Known(known.number, known.kind)
            return known
        number = self._next_content
        self._next_content += 1
        self._waiting["contents"].append((number, *row))
        if isinstance(made, VideoFingerprint):
            self._waiting["videos"].append((number, *video_row(made)))
        elif made.views:
            self._waiting["trims"] += [(number, *trim) for trim in trim_rows(made)]
        if verdict is not None:
            self._waiting["verdicts"].append((number, self._asked.judge, verdict))
        known = self._new[row[0]] = Known(number, made.kind.value)
        if made.size is not None:
            self._new_sizes.add(made.size)
        return known

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
        self._waiting["items"].append(
            (
                self._asked.roots[entry.root],
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
                self._asked.run,
            )
        )
        self._count()

    def seen(self, entry: Entry, *, members: bool) -> None:
        """The file is as it was, and with ``members`` so are those within it."""
        where = "" if members else " AND member = x''"
        with mapped_errors(self._path):
            self._connection.execute(
                "UPDATE items SET run = ?, gone = 0, links = ? "  # noqa: S608 - constants
                f"WHERE root = ? AND path = ?{where}",
                (self._asked.run, entry.links, self._asked.roots[entry.root], entry.path),
            )
        self._count()

    def unlisted(self, entry: Entry) -> None:
        """What is below a folder that could not be listed is not known to be gone."""
        everything = "UPDATE items SET run = ? WHERE root = ? AND gone = 0"
        values = (self._asked.run, self._asked.roots[entry.root])
        with mapped_errors(self._path):
            if entry.path:
                first, after = entry.path + b"/", entry.path + b"0"  # "0" follows "/"
                below = f"{everything} AND path >= ? AND path < ?"
                self._connection.execute(below, (*values, first, after))
            else:
                self._connection.execute(everything, values)

    def finish(self) -> int:
        """The run saw everything; number of items of its roots that are not there any more."""
        self._flush()
        with mapped_errors(self._path):
            roots = list(self._asked.roots.values())
            marks = ", ".join("?" * len(roots))
            self._connection.execute(
                "UPDATE items SET gone = CASE WHEN root IN "  # noqa: S608 - marks
                f"({marks}) THEN 1 ELSE 2 END WHERE run <> ?",
                (*roots, self._asked.run),
            )
            query = (
                "SELECT count(*) FROM items WHERE gone = 1 AND member = x'' AND content IS NOT NULL"
            )
            gone = self._connection.execute(query).fetchone()[0]
            done = "UPDATE runs SET complete = 1 WHERE id = ?"
            self._connection.execute(done, (self._asked.run,))
        return int(gone)

    def close(self) -> None:
        """Commit everything; the run has ended, wherever it was."""
        with mapped_errors(self._path):
            if not self._connection.in_transaction:
                self._connection.execute("BEGIN IMMEDIATE")
            self._flush()
            ended = "UPDATE runs SET ended = ? WHERE id = ?"
            self._connection.execute(ended, (_now(), self._asked.run))
            self._connection.execute("COMMIT")
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def _count(self) -> None:
        self._uncommitted += 1
        late = time.monotonic() - self._committed_at > COMMIT_SECONDS
        if late or self._uncommitted >= COMMIT_ITEMS:
            self.commit()

    def commit(self) -> None:
        """Make sure that what was written until now is not lost."""
        self._flush()
        with mapped_errors(self._path):
            self._connection.execute("COMMIT")
            self._connection.execute("BEGIN IMMEDIATE")
        self._uncommitted = 0
        self._committed_at = time.monotonic()

    def _flush(self) -> None:
        """Write the rows that wait; what can't be written is given up.

        An interrupt may come between any two lines: to write rows again changes nothing.
        """
        try:
            with mapped_errors(self._path):
                for table, rows in self._waiting.items():
                    if rows:
                        self._connection.executemany(INSERTS[table], rows)
        except CatalogueError:
            self._forget()
            raise
        self._forget()

    def _forget(self) -> None:
        self._waiting = {name: [] for name in INSERTS}
        self._new.clear()
        self._new_sizes.clear()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
