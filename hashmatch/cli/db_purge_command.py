"""``hashmatch db purge``: delete what was withdrawn, under a rule of retention."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click

from hashmatch.cli.exits import Exit
from hashmatch.cli.options import database_argument, json_option
from hashmatch.cli.output import console, print_error, shown, write_json
from hashmatch.database import PurgeReport, open_database

PURGE_SCHEMA = "hashmatch.db.purge/1"


@click.command("purge")
@database_argument
@click.option(
    "--withdrawn-before",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    help="Delete what was withdrawn before this day or time (UTC).",
)
@click.option(
    "--older-than", type=click.IntRange(min=0), metavar="DAYS", help="... before so many days."
)
@click.option("--dry-run", is_flag=True, help="Delete nothing; tell what would go.")
@click.option("--confirm", is_flag=True, help="Really delete: nothing brings it back.")
@click.option(
    "--vacuum/--no-vacuum",
    default=True,
    help="Whether to write the file anew, so that nothing of it stays there.",
)
@json_option
def purge_command(
    database: str,
    withdrawn_before: datetime | None,
    older_than: int | None,
    dry_run: bool,
    confirm: bool,
    vacuum: bool,
    as_json: bool,
) -> int:
    """Delete from DATABASE what was withdrawn before a time; what it says stays the same.

    Statements with their hashes and sightings, media that nothing refers to any more, refused
    records of old imports. docs/history.md says what can't be asked for afterwards.
    """
    before = _moment(withdrawn_before, older_than)
    if dry_run == confirm:
        given = "both" if dry_run else "neither"
        raise click.UsageError(f"--dry-run or --confirm: expected one of them, got {given}")
    with open_database(database) as db:
        report = db.purge(withdrawn_before=before, dry_run=dry_run, vacuum=vacuum)
    if as_json:
        write_json({"schema": PURGE_SCHEMA, **report.to_dict()})
    else:
        _print(report)
    if report.not_compacted is None:
        return Exit.DONE
    print_error("DatabaseError", f"purged, but {report.not_compacted}", as_json=False)
    return Exit.FAILED


def _moment(withdrawn_before: datetime | None, older_than: int | None) -> datetime:
    if withdrawn_before is not None and older_than is None:
        return withdrawn_before.replace(tzinfo=UTC)
    if older_than is not None and withdrawn_before is None:
        try:
            return datetime.now(UTC) - timedelta(days=older_than)
        except OverflowError as error:
            raise click.UsageError(
                f"--older-than: expected a number of days since the year 1, got {older_than}"
            ) from error
    given = "neither" if older_than is None else "both"
    raise click.UsageError(f"--withdrawn-before or --older-than: expected one, got {given}")


def _print(report: PurgeReport) -> None:
    out = console()
    verb = "would delete" if report.dry_run else "deleted"
    out.print(f"{verb} what was withdrawn before {report.withdrawn_before}:")
    out.print(
        f"  {report.opinions} statements, {report.hashes} hashes, {report.sightings} sightings, "
        f"{report.media} media, {report.rejects} refused records of old imports"
    )
    for name, count in report.by_source.items():
        out.print(f"  {shown(name)}: {count} statements")
    out.print(
        f"  history can be asked for from revision {report.history_from}; the newest is "
        f"{report.revision}, content digest {report.content_digest}"
    )
