"""From a revision of the database to a hash list in place, and the report of it."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from sqlalchemy import select

from hashmatch import exchange
from hashmatch.database.export_report import ExportReport
from hashmatch.database.exporting import ExportFilter, consolidated_records
from hashmatch.database.list_file import ListFile
from hashmatch.database.reading import SnapshotView
from hashmatch.errors import InputError
from hashmatch.exchange.formats import FAMILIES
from hashmatch.store import schema


def export_formats() -> tuple[str, ...]:
    """Names of the formats in which a database can be exported, sorted."""
    return tuple(sorted({name for family in FAMILIES for name in family.writers}))


def write_view(
    view: SnapshotView,
    path: str | PathLike[str],
    *,
    format: str,
    where: ExportFilter,
    overwrite: bool,
    options: Mapping[str, Any],
) -> ExportReport:
    """Write what ``where`` selects of one revision; see ``Database.export_file``."""
    _require_sources(view, (where.sources or frozenset()) | where.not_in)
    with _open_writer(path, format, overwrite, options) as writer:
        for record in consolidated_records(view, where):
            writer.write(record)
    try:
        written = ListFile.measure(path)
    except BaseException:
        Path(path).unlink(missing_ok=True)  # what can't be accounted for must not stay
        raise
    return ExportReport(
        path=str(Path(path)),
        format=format,
        revision=view.revision,
        media=writer.ledger.seen,
        size=written.size,
        sha256=written.sha256.hex(),
        ledger=writer.ledger,
    )


def _open_writer(
    path: str | PathLike[str], format: str, overwrite: bool, options: Mapping[str, Any]
) -> exchange.Writer:
    try:
        return exchange.open_writer(path, format=format, overwrite=overwrite, **options)
    except InputError:
        raise
    except TypeError as error:
        # A writer's own signature says which options it has.
        refused = [name for name in options if repr(name) in str(error)]
        if not refused:
            raise
        raise InputError(
            f"{refused[0]}: expected only options that {format} has, and it has none of that name"
        ) from error


def _require_sources(view: SnapshotView, names: frozenset[str]) -> None:
    known = set(view.connection.scalars(select(schema.source.c.name)))
    for name in sorted(names):
        if name not in known:
            raise InputError(f"source: expected one of {sorted(known)}, got {name!r}")
