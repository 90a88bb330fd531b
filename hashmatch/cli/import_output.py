"""What ``hashmatch db import`` tells: the report for people, and where what it refused stands."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from hashmatch.cli.list_options import print_warnings
from hashmatch.cli.output import console, shown
from hashmatch.database import Database, ImportReport, IndexReport

_NAME_BYTES = 80


def default_rejects_path(db: Database, file: str) -> Path | None:
    """Beside the database, or in the working directory if that is on a server.

    Never beside the list, which may lie among evidence, and nowhere if the database is encrypted:
    what is refused quotes the list. Named after the list and the moment, so that no import meets
    the file of another one.
    """
    if db.encrypted:
        return None
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    name = os.fsdecode(os.fsencode(Path(file).name)[:_NAME_BYTES])
    folder = Path() if db.path is None else db.path.parent
    return folder / f"{name}.{moment}.rejects.jsonl"


@contextmanager
def told_if_it_fails(rejects: Path | None) -> Iterator[None]:
    """Where what was refused until an import failed can be read."""
    if rejects is None:
        yield
        return
    was_there = os.path.lexists(rejects)
    try:
        yield
    except BaseException:
        if not was_there and os.path.lexists(rejects):
            console(stderr=True).print(f"refused until then: {shown(rejects)}")
        raise


def print_import(report: ImportReport) -> None:
    out = console()
    out.print(
        f"{shown(report.source)}: {report.format}, scheme {shown(report.scheme)}, "
        f"revision {report.revision}"
    )
    counts = (
        *("added", "unchanged", "merged", "superseded", "withdrawn", "sightings"),
        "field_rejects",
    )
    out.print("  " + ", ".join(f"{getattr(report, name)} {name}" for name in counts))
    if report.incomplete is not None:
        out.print("  the list was read only in part: nothing was replaced or withdrawn")
    for reason, count in sorted(report.reject_reasons.items()):
        out.print(f"  refused: {shown(reason)}: {count}")
    if report.rejects_file is not None:
        out.print(f"  everything refused is in {shown(report.rejects_file)}")
    if report.known_conflicts:
        out.print(
            f"  known software to one list, illegal to another: {report.known_conflicts} media, "
            "which count as illegal"
        )
    if report.md5_conflicts:
        out.print(f"  one MD5, different files: {report.md5_conflicts} MD5 values")
    for reason, count in sorted(report.not_matchable_reasons.items()):
        out.print(f"  kept but never matched: {shown(reason)}: {count}")
    print_warnings(report.warnings)


def print_index(index: IndexReport) -> None:
    """Whether checks find what was imported in files, or each has to read it first."""
    if index.state == "unusable":
        why = shown(index.reason or "can't be written")
        console(stderr=True).print(f"index: {why}; checks are answered all the same, from memory")
    elif index.state != "unchanged":
        console().print(f"  index: {index.state} in {index.seconds:.1f} s")
    crowded = sum(index.crowded.values())
    if crowded:
        console().print(
            f"  too many media near them, never matched: {crowded} hashes (hashmatch index crowded)"
        )
