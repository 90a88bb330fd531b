"""The tables of a catalogue, and opening its file."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hashmatch.errors import (
    CatalogueBusyError,
    CatalogueCorruptError,
    CatalogueError,
    CatalogueVersionError,
)

APPLICATION_ID = 0x484D4354
"""``PRAGMA application_id`` of a catalogue: "HMCT"."""
VERSION = 2
_MAGIC = b"SQLite format 3\x00"

_TABLES = """
CREATE TABLE recipes (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    text TEXT NOT NULL
);
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    recipe INTEGER NOT NULL REFERENCES recipes,
    roots TEXT NOT NULL,
    started TEXT NOT NULL,
    ended TEXT,
    complete INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE roots (
    id INTEGER PRIMARY KEY,
    path BLOB NOT NULL UNIQUE
);
CREATE TABLE contents (
    id INTEGER PRIMARY KEY,
    sha256 BLOB NOT NULL,
    recipe INTEGER NOT NULL REFERENCES recipes,
    status TEXT NOT NULL,
    reason TEXT,
    kind TEXT NOT NULL,
    mime TEXT,
    size INTEGER NOT NULL,
    md5 BLOB NOT NULL,
    sha1 BLOB NOT NULL,
    width INTEGER,
    height INTEGER,
    stored_mode TEXT,
    orientation TEXT,
    frames INTEGER,
    fraction REAL,
    decode TEXT,
    pdq BLOB,
    quality INTEGER,
    dihedral BLOB,
    captured TEXT,
    camera TEXT,
    UNIQUE (sha256, recipe)
);
CREATE INDEX contents_size ON contents (size, recipe);
CREATE TABLE videos (
    content INTEGER PRIMARY KEY REFERENCES contents,
    container TEXT,
    codec TEXT,
    duration_ms INTEGER,
    frame_rate REAL,
    n_broken INTEGER NOT NULL,
    cover_art TEXT,
    interval_s REAL,
    n_sampled INTEGER NOT NULL,
    prune_distance INTEGER,
    trim TEXT,
    n INTEGER NOT NULL,
    times_ms BLOB NOT NULL,
    numbers BLOB NOT NULL,
    spans_ms BLOB NOT NULL,
    qualities BLOB NOT NULL,
    hashes BLOB NOT NULL,
    dihedral BLOB,
    trimmed BLOB
);
CREATE TABLE trims (
    content INTEGER NOT NULL REFERENCES contents,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    box_left INTEGER NOT NULL,
    box_top INTEGER NOT NULL,
    box_right INTEGER NOT NULL,
    box_bottom INTEGER NOT NULL,
    quality INTEGER,
    dihedral BLOB NOT NULL,
    PRIMARY KEY (content, position)
) WITHOUT ROWID;
CREATE TABLE judges (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE
);
CREATE TABLE verdicts (
    content INTEGER NOT NULL REFERENCES contents,
    judge INTEGER NOT NULL REFERENCES judges,
    verdict BLOB NOT NULL,
    PRIMARY KEY (content, judge)
) WITHOUT ROWID;
CREATE TABLE items (
    root INTEGER NOT NULL REFERENCES roots,
    path BLOB NOT NULL,
    member BLOB NOT NULL DEFAULT x'',
    device TEXT NOT NULL,
    inode TEXT NOT NULL,
    size INTEGER NOT NULL,
    mtime_ns TEXT NOT NULL,
    links INTEGER NOT NULL,
    status TEXT,
    reason TEXT,
    opened TEXT,
    content INTEGER REFERENCES contents,
    run INTEGER NOT NULL REFERENCES runs,
    gone INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (root, path, member)
) WITHOUT ROWID;
CREATE INDEX items_content ON items (content);
CREATE INDEX items_links ON items (inode, device) WHERE links > 1;
"""


@contextmanager
def mapped_errors(path: Path) -> Iterator[None]:
    """SQLite's errors as those of ``hashmatch.errors``."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise mapped_error(path, error) from error


def mapped_error(path: Path, error: sqlite3.DatabaseError) -> CatalogueError:
    """An error of SQLite as one of ``hashmatch.errors``."""
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return CatalogueCorruptError(
            f"{path}: the catalogue is damaged ({error}); put it aside and start over"
        )
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return CatalogueBusyError(f"{path}: another program holds the catalogue")
    return CatalogueError(f"{path}: {error}")


def connect(path: Path, *, create: bool, read_only: bool) -> sqlite3.Connection:
    """Open a catalogue's file; a new one gets mode 0600.

    Raises:
        CatalogueError: it is missing, may not be read or written, or is no catalogue.
        CatalogueVersionError: its schema is of another version.
        CatalogueCorruptError: it is damaged.
    """
    if create and not read_only:
        _create_file(path)
    _require_sqlite(path, may_be_empty=create)
    mode = "ro" if read_only else "rw"
    with mapped_errors(path):
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=10.0,
            isolation_level=None,
        )
        try:
            connection.execute("PRAGMA foreign_keys = OFF")
            if path.stat().st_size == 0 or _is_blank(connection):
                _initialise(connection)
            _check(connection, path)
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA cache_size = -65536")
        except BaseException:
            connection.close()
            raise
    return connection


def _create_file(path: Path) -> None:
    try:
        # The mode must be right before the first byte is in the file.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise CatalogueError(f"{path}: can't create the catalogue: {error.strerror}") from error


def _require_sqlite(path: Path, *, may_be_empty: bool) -> None:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise CatalogueError(f"{path}: expected a file, got something else")
        with path.open("rb") as file:
            head = file.read(len(_MAGIC))
    except FileNotFoundError as error:
        raise CatalogueError(f"{path}: there is no such catalogue") from error
    except OSError as error:
        raise CatalogueError(f"{path}: can't read the catalogue: {error.strerror}") from error
    if head != _MAGIC and not (may_be_empty and not head):
        raise CatalogueError(f"{path}: expected a catalogue, got another kind of file")


def _is_blank(connection: sqlite3.Connection) -> bool:
    """Whether nothing is in it yet: its creation was interrupted."""
    objects = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    return bool(objects == 0 and connection.execute("PRAGMA application_id").fetchone()[0] == 0)


def _initialise(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA page_size = 8192")
    connection.execute("PRAGMA journal_mode = WAL")
    script = (
        f"BEGIN IMMEDIATE; {_TABLES} PRAGMA application_id = {APPLICATION_ID}; "
        f"PRAGMA user_version = {VERSION}; COMMIT;"
    )
    connection.executescript(script)


def _check(connection: sqlite3.Connection, path: Path) -> None:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    if application != APPLICATION_ID:
        raise CatalogueError(
            f"{path}: expected a catalogue, got a SQLite file of application id {application:#x}"
        )
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version != VERSION:
        raise CatalogueVersionError(
            f"{path}: expected schema version {VERSION}, got {version}: made by "
            f"{'a newer' if version > VERSION else 'an older'} hashmatch; start in a new folder"
        )
    # Of a file whose end is missing, or whose first pages are damaged, this tells at once.
    trouble = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if trouble != "ok":
        raise CatalogueCorruptError(
            f"{path}: the catalogue is damaged ({trouble}); put it aside and start over"
        )


class WriterLock:
    """One writer a catalogue, across processes; ends with the process, however it ends."""

    def __init__(self, path: Path) -> None:
        """Take it.

        Raises:
            CatalogueBusyError: another process, or another ``Catalogue`` of this one, has it.
        """
        self._handle: int | None = os.open(
            path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
        )
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self.release()
            raise CatalogueBusyError(f"{path}: another scan is writing into it") from error

    def release(self) -> None:
        """Give it back; may be called twice."""
        handle, self._handle = self._handle, None
        if handle is not None:
            with contextlib.suppress(OSError):
                os.close(handle)
