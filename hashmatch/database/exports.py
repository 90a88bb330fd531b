"""The database's face for what goes out: hash lists of its consolidated content."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

from hashmatch.database.audited import Audited
from hashmatch.database.export_report import ExportReport
from hashmatch.database.export_run import write_view
from hashmatch.database.exporting import ExportFilter
from hashmatch.errors import DatabaseError

EVERYTHING = ExportFilter()


class Exports(Audited):
    """Exports, each logged; part of ``Database``."""

    def export_file(
        self,
        path: str | PathLike[str],
        *,
        format: str = "vics-2.0",
        where: ExportFilter | None = None,
        as_of: int | None = None,
        overwrite: bool = False,
        actor: str | None = None,
        **options: Any,
    ) -> ExportReport:
        """Write the consolidated content, or a part of it, as a hash list.

        The file shows one revision. If the export can't be entered in the audit log, the file
        is removed again and the error raised.

        Args:
            path: the new file.
            format: one of ``hashmatch.database.export_formats()``.
            where: what to take; everything by default.
            as_of: the revision that the file shows; the newest by default.
            overwrite: whether an existing file may be replaced.
            actor: who exports, for the audit log.
            options: of the format's writer, such as ``region`` of VICS.

        Raises:
            ExchangeError: the file exists or can't be written, or has no place for any record.
            InputError: unknown format, an option that the format does not have or a wrong value of
                it, or ``where`` names an unknown source, or a revision that the database can't
                answer.
            DatabaseError: the database was opened read-only, so the export can't be logged.
        """
        if self.read_only:
            raise DatabaseError(
                f"{self.where}: opened read-only; an export is logged, so open it for writing"
            )
        chosen = EVERYTHING if where is None else where
        with self.snapshot(as_of=as_of) as view:
            report = write_view(
                view, path, format=format, where=chosen, overwrite=overwrite, options=options
            )
        try:
            self.record_audit(
                "export",
                {
                    **report.to_dict(),
                    "path": Path(path).name,
                    "where": chosen.to_dict(),
                    "as_of": as_of,
                },
                actor,
                revision=report.revision,
            )
        except BaseException:
            Path(path).unlink(missing_ok=True)
            raise
        return report
