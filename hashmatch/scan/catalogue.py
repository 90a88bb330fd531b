"""The catalogue of an exhibit: one SQLite file with what every file is and what was computed."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from hashmatch.closing import Closing
from hashmatch.errors import CatalogueCorruptError, CatalogueError, InputError
from hashmatch.ledger import Ledger
from hashmatch.scan import schema
from hashmatch.scan.finding import find_item, numbers_of_digest
from hashmatch.scan.hashes import (
    PictureHashes,
    TrimHashes,
    VideoFrames,
    picture_hashes,
    trim_hashes,
    video_frames,
)
from hashmatch.scan.items import (
    CatalogueContent,
    CatalogueItem,
    read_content,
    read_contents,
    read_items,
    read_verdicts,
)
from hashmatch.scan.journal import Journal
from hashmatch.scan.recipe import Recipe
from hashmatch.scan.statuses import enter, outcome_of

FILE_NAME = "catalogue.db"


class Catalogue(Closing):
    """What is known of an exhibit. Open it with ``Catalogue.open``.

    All questions are about the last run's recipe, and about items that the last complete run over
    their root has seen; their answers are in an order that does not depend on when what was done.
    """

    def __init__(
        self, path: Path, connection: sqlite3.Connection, lock: schema.WriterLock | None
    ) -> None:
        self.path = path
        self._connection = connection
        self._lock = lock

    @classmethod
    def open(
        cls, folder: str | os.PathLike[str], *, create: bool = False, read_only: bool = False
    ) -> Self:
        """Open the catalogue in a folder.

        Args:
            folder: of the outputs; with ``create`` it is made if it is not there.
            create: make a new catalogue where there is none.
            read_only: for questions alone; may be open beside one scan that writes.

        Raises:
            CatalogueError: there is none, or the file is something else.
            CatalogueVersionError: its schema is of another version.
            CatalogueCorruptError: it is damaged.
            CatalogueBusyError: another scan is writing into it.
        """
        directory = Path(folder)
        path = directory / FILE_NAME
        lock = None
        try:
            if create and not read_only:
                directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not read_only:
                if not create and not path.exists():
                    raise CatalogueError(f"{path}: there is no such catalogue")
                lock = schema.WriterLock(path)
            connection = schema.connect(path, create=create, read_only=read_only)
        except OSError as error:
            if lock is not None:
                lock.release()
            raise CatalogueError(f"{path}: {error.strerror}") from error
        except BaseException:
            if lock is not None:
                lock.release()
            raise
        return cls(path, connection, lock)

    def begin(
        self,
        recipe: Recipe,
        roots: Sequence[bytes],
        *,
        fresh: bool = False,
        judge: str | None = None,
    ) -> Journal:
        """Begin a run; ``scan_into`` does it.

        Args:
            judge: the key of who is asked about contents.

        Raises:
            CatalogueError: it was opened for reading alone.
        """
        if self.read_only:
            raise CatalogueError(f"{self.path}: it was opened for reading alone")
        return Journal(self._connection, self.path, recipe, roots, fresh=fresh, judge=judge)

    def close(self) -> None:
        self._connection.close()
        if self._lock is not None:
            self._lock.release()

    @property
    def read_only(self) -> bool:
        return self._lock is None

    @property
    def recipe(self) -> str | None:
        """The canonical text of the last run's recipe; None before the first run."""
        row = self._one(
            "SELECT recipes.text FROM runs JOIN recipes ON recipes.id = runs.recipe "
            "ORDER BY runs.id DESC LIMIT 1"
        )
        return None if row is None else str(row[0])

    @property
    def complete(self) -> bool:
        """Whether the last run came to its end."""
        row = self._one("SELECT complete FROM runs ORDER BY id DESC LIMIT 1")
        return row is not None and bool(row[0])

    def runs(self) -> list[dict[str, Any]]:
        """Every run: start and end in UTC (None where it was killed), roots, recipe, complete."""
        with self._mapped():
            rows = self._connection.execute(
                "SELECT started, ended, roots, recipes.text, complete FROM runs "
                "JOIN recipes ON recipes.id = runs.recipe ORDER BY runs.id"
            ).fetchall()
        return [
            {
                "started": started,
                "ended": ended,
                "roots": json.loads(roots),
                "recipe": json.loads(recipe),
                "complete": bool(complete),
            }
            for started, ended, roots, recipe, complete in rows
        ]

    def items(self) -> Iterator[CatalogueItem]:
        """Every item, ordered by the bytes of root, path and member."""
        with self._mapped():
            yield from read_items(self._connection)

    def contents(self) -> Iterator[CatalogueContent]:
        """Every content that an item has, once, ordered by its SHA-256."""
        with self._mapped():
            yield from read_contents(self._connection)

    def items_of(self, number: int) -> list[CatalogueItem]:
        """The items whose content has a number, ordered as ``items``; few, but of what is copied a
        lot."""
        with self._mapped():
            return list(read_items(self._connection, number))

    def find(self, name: bytes) -> CatalogueItem | None:
        """The item that ``CatalogueItem.name`` calls so; None if there is none."""
        with self._mapped():
            return find_item(self._connection, name)

    def with_sha256(self, beginning: str, most: int) -> list[CatalogueContent]:
        """Contents, at most so many, whose SHA-256 in hex begins so; by SHA-256."""
        with self._mapped():
            numbers = numbers_of_digest(self._connection, beginning, most)
        return [self.content(number) for number in numbers]

    def content(self, number: int) -> CatalogueContent:
        """The content with a number.

        Raises:
            InputError: there is none.
        """
        with self._mapped():
            found = read_content(self._connection, number)
        if found is None:
            raise InputError(f"number: expected that of a content, got {number}")
        return found

    def verdicts(self, key: str) -> Iterator[tuple[int, bytes]]:
        """What was said of contents under a judge's key: number and verdict, by SHA-256."""
        with self._mapped():
            yield from read_verdicts(self._connection, key)

    def picture_hashes(
        self, *, dihedral: bool = False, low_information: bool = False
    ) -> PictureHashes:
        """PDQ of every picture that has one, ordered by SHA-256: 72 bytes each, 256 more dihedral.

        Args:
            dihedral: the eight orientations too.
            low_information: also of pictures that say too little to be matched.

        Raises:
            CatalogueError: dihedral hashes were not computed.
        """
        with self._mapped():
            return picture_hashes(self._connection, dihedral, low_information)

    def trim_hashes(self) -> TrimHashes:
        """PDQ of what is within borders and bars, if the recipe asked for views; by SHA-256."""
        with self._mapped():
            return trim_hashes(self._connection)

    def video_frames(self) -> Iterator[VideoFrames]:
        """Frames of every video that has some, one video in memory at a time, by SHA-256."""
        with self._mapped():
            yield from video_frames(self._connection)

    def ledger(self) -> Ledger:
        """Counts of all items; what another recipe was used for is not among them."""
        counted = Ledger()
        with self._mapped():
            rows = self._connection.execute(
                "SELECT items.status, contents.status, items.reason, contents.kind, count(*) "
                "FROM items LEFT JOIN contents ON contents.id = items.content "
                "WHERE gone = 0 AND (content IS NULL OR contents.recipe = "
                "(SELECT recipe FROM runs ORDER BY id DESC LIMIT 1)) "
                "GROUP BY 1, 2, 4, CASE WHEN items.status = 'SKIPPED' THEN items.reason END "
                "ORDER BY 1, 2, 4, 3"
            ).fetchall()
        for own, of_content, reason, kind, count in rows:
            status = own or of_content
            said = reason if own == "SKIPPED" else status
            enter(counted, outcome_of(status, kind, of_item=own is not None), said, count)
        return counted

    def gone(self) -> int:
        """Files of earlier runs that the last complete one did not find any more in its roots."""
        row = self._one(
            "SELECT count(*) FROM items WHERE gone = 1 AND member = x'' AND content IS NOT NULL"
        )
        return 0 if row is None else int(row[0])

    def pending(self) -> int:
        """Items whose content was examined by another recipe alone: a run was interrupted."""
        row = self._one(
            "SELECT count(*) FROM items JOIN contents ON contents.id = items.content "
            "WHERE gone = 0 AND contents.recipe <> "
            "(SELECT recipe FROM runs ORDER BY id DESC LIMIT 1)"
        )
        return 0 if row is None else int(row[0])

    def export_lines(self) -> Iterator[str]:
        """Every item with its content as one line of JSON; bytes that depend on nothing else."""
        for item in self.items():
            yield json.dumps(item.to_dict(), sort_keys=True, ensure_ascii=True)

    def check(self) -> None:
        """Look at every page of the file.

        Raises:
            CatalogueCorruptError: it is damaged.
        """
        with self._mapped():
            trouble = self._connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if trouble != "ok":
            raise CatalogueCorruptError(f"{self.path}: the catalogue is damaged ({trouble})")

    def _one(self, statement: str) -> tuple[Any, ...] | None:
        with self._mapped():
            row: tuple[Any, ...] | None = self._connection.execute(statement).fetchone()
        return row

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        with schema.mapped_errors(self.path):
            yield
