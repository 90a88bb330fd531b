"""From a folder to segments that may be answered from, or the reason why they may not."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from hashmatch.database.segments import files
from hashmatch.database.segments.manifest import MANIFEST, Manifest, read_manifest
from hashmatch.database.segments.narrow_rows import identity_of, marks_after, marks_now, stamp_of
from hashmatch.errors import IndexFileError

Opened = TypeVar("Opened")
REOPENED_FROM = 200_000
"""Rows that are new: rather than read them, a lookup maps a newer publication, if there is one."""
_TRIES = 5


class SegmentsWarning(UserWarning):
    """Segments on the disk are not used: they are of something else, or damaged."""


def why_not(manifest: Manifest, connection: Connection) -> str | None:
    """Why a manifest does not belong to what this transaction sees; None where it does."""
    database_id, revision = identity_of(connection)
    if manifest.database_id != database_id:
        return f"made from database {manifest.database_id}, this one is {database_id}"
    if manifest.revision > revision:
        return (
            f"made at revision {manifest.revision}, the database is at {revision}: "
            "an older copy of it was put in place"
        )
    if manifest.stamp != stamp_of(connection, manifest.revision):
        return (
            f"revision {manifest.revision} was made at another time than in this database: "
            "an older copy of it was put in place and went on differently"
        )
    return None


def open_if_usable(
    folder: Path | None,
    connection: Connection,
    take: Callable[[Path, Manifest], Opened],
) -> Opened | None:
    """What ``take`` makes of the folder's manifest and files.

    A publisher may replace them meanwhile; then the newer ones are read. Files that are of another
    database or revision, or damaged, are never answered from: a ``SegmentsWarning`` says which and
    why.

    Args:
        folder: of the segments; None: there are none.
        connection: a read transaction of the database.
        take: opens files; what it raises of IndexFileError means that they are no good.

    Returns:
        None where there are no segments, or none that can be used.
    """
    if folder is None or not (folder / MANIFEST).exists():
        return None
    seen = -1
    for _ in range(_TRIES):
        try:
            manifest = read_manifest(folder)
            if manifest.generation == seen:
                break
            seen, reason = manifest.generation, why_not(manifest, connection)
            if reason is None:
                files.require(folder, manifest)
                return take(folder, manifest)
            break
        except IndexFileError as error:
            reason = str(error)
    warnings.warn(
        f"{folder}: not used, {reason}; what it should hold is read from the database. "
        "`hashmatch index build` makes it anew",
        SegmentsWarning,
        stacklevel=2,
    )
    return None


def is_worth_opening(folder: Path | None, connection: Connection, revision: int) -> bool:
    """Whether much came since a revision and a later publication has it."""
    new, end = marks_after(connection, revision), marks_now(connection)
    if end.next_opinion_id - new.next_opinion_id < REOPENED_FROM or folder is None:
        return False
    try:
        return read_manifest(folder).revision > revision
    except IndexFileError:
        return False
