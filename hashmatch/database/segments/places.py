"""Where the segments of a database lie, and who may write there."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from hashmatch.errors import IndexFileError
from hashmatch.store import Store, read_meta

CACHE_VARIABLE = "HASHMATCH_CACHE"
"""Environment variable: the folder for segments of databases that are no files."""
_LOCK = "LOCK"


def beside(database: Path) -> Path:
    """The folder for a database that is a file."""
    return database.with_name(database.name + ".index")


def in_cache(database_id: str) -> Path:
    """The folder for a database that is a server, private to this account."""
    given = os.environ.get(CACHE_VARIABLE)
    if given:
        return Path(given) / database_id
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "hashmatch" / database_id


def folder_of(store: Store, connection: Connection) -> Path | None:
    """Where the segments of an open database lie; None: nowhere, they are kept in memory only.

    Nothing of an encrypted database is written beside it: digests and hashes are what is secret.
    """
    if store.encrypted:
        return None
    if store.path is not None:
        return beside(store.path)
    return in_cache(read_meta(connection, "database_id"))


def prepare(folder: Path) -> None:
    """Make the folder, for its owner only.

    Raises:
        IndexFileError: it can't be made, or is no folder, or belongs to another account.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat(follow_symlinks=False)
    except OSError as error:
        raise IndexFileError(f"{folder}: can't be made: {error.strerror}") from error
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        raise IndexFileError(f"{folder}: expected a folder of this account's own")
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise IndexFileError(
            f"{folder}: expected a folder that only its owner can read, got mode "
            f"{stat.S_IMODE(status.st_mode):04o}"
        )


@contextmanager
def publishing(folder: Path) -> Iterator[None]:
    """One publisher at a time; one that dies lets go.

    Raises:
        IndexFileError: the folder can't be used.
    """
    prepare(folder)
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        descriptor = os.open(folder / _LOCK, flags, 0o600)
    except OSError as error:
        raise IndexFileError(f"{folder}: can't be locked: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
