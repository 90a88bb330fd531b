"""Who says it and in which edition: the rows of tables ``source`` and ``snapshot``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from hashmatch._version import __version__
from hashmatch.database.report import ImportReport
from hashmatch.store import next_id, read_revision
from hashmatch.store.schema import snapshot, source

COUNTS = ("seen", "accepted", "added", "unchanged", "merged", "rejected", "superseded", "withdrawn")
"""Counts of ``ImportReport`` that table ``snapshot`` keeps."""


def find_or_add_source(connection: Connection, name: str, *, complete: bool) -> int:
    """The source's id; its ``complete`` flag is set to what this import declares."""
    found = connection.scalar(select(source.c.id).where(source.c.name == name))
    if found is not None:
        connection.execute(update(source).where(source.c.id == found).values(complete=complete))
        return int(found)
    source_id = next_id(connection, source)
    connection.execute(
        insert(source).values(
            id=source_id,
            name=name,
            complete=complete,
            first_revision=read_revision(connection) + 1,
        )
    )
    return source_id


def open_snapshot(connection: Connection, *, source_id: int, **known: Any) -> int:
    """A row for this import, which its statements can name; the counts follow at the end."""
    snapshot_id = next_id(connection, snapshot)
    counts = dict.fromkeys(COUNTS, 0)
    connection.execute(
        insert(snapshot).values(
            id=snapshot_id,
            source_id=source_id,
            imported_at=datetime.now(UTC).isoformat(timespec="microseconds"),
            revision=0,
            tool_version=__version__,
            **counts,
            **known,
        )
    )
    return snapshot_id


def close_snapshot(connection: Connection, report: ImportReport) -> None:
    """Write the counts and the revision of a finished import."""
    connection.execute(
        update(snapshot)
        .where(snapshot.c.id == report.snapshot_id)
        .values(
            revision=report.revision,
            scheme=report.scheme,
            format=report.format,
            incomplete=report.incomplete,
            **{name: getattr(report, name) for name in COUNTS},
        )
    )
