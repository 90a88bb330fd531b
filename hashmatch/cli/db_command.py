"""``hashmatch db``: make the national database, fill it, export it, count it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from hashmatch.cli.exits import Exit
from hashmatch.cli.import_output import default_rejects_path, print_import, told_if_it_fails
from hashmatch.cli.interrupts import stop_if_asked
from hashmatch.cli.list_options import reading, reading_options, size_of, vics_options
from hashmatch.cli.options import json_option
from hashmatch.cli.output import (
    console,
    print_error,
    print_ledger,
    print_table,
    shown,
    write_json,
)
from hashmatch.cli.progress import progress
from hashmatch.database import (
    ExportFilter,
    ImportProgress,
    export_formats,
    open_database,
)
from hashmatch.types import Label

database_argument = click.argument("database", type=click.Path())


@click.group("db")
def db_group() -> None:
    """The national database: one SQLite file that only its owner can read."""


@db_group.command("init")
@database_argument
@json_option
def init_command(database: str, as_json: bool) -> int:
    """Create DATABASE. An existing file is left as it is (exit code 2)."""
    with open_database(database, create=True, exist_ok=False) as db:
        revision = db.revision
    if as_json:
        write_json({"schema": "hashmatch.db.init/1", "database": database, "revision": revision})
    else:
        console().print(f"created {shown(database)} at revision {revision}")
    return Exit.DONE


@db_group.command("import")
@database_argument
@click.argument("file", type=click.Path())
@click.option("--source", required=True, help='Who says it: "INTERPOL ICSE", "National list".')
@reading_options
@click.option(
    "--complete",
    is_flag=True,
    help="The list is all that the source says: withdraw what it no longer contains.",
)
@click.option("--max-rejects", type=click.IntRange(min=0), help="Give up beyond so many.")
@click.option(
    "--rejects",
    "rejects_path",
    type=click.Path(),
    help="New file for what is refused; by default beside DATABASE, named after FILE and the time.",
)
@json_option
def import_command(
    database: str,
    file: str,
    source: str,
    complete: bool,
    max_rejects: int | None,
    rejects_path: str | None,
    as_json: bool,
    **how: Any,
) -> int:
    """Import the hash list FILE into DATABASE, all of it or nothing.

    Refused records and fields are counted and written, one JSON object a line, to the file that
    --rejects names. Refused records, or a list that --salvage read only in part, give exit code 2;
    the rest is in.
    """
    options = reading(**how)
    with (
        open_database(database) as db,
        progress(f"importing {Path(file).name}", size_of(file)) as advance,
    ):
        rejects = Path(rejects_path) if rejects_path else default_rejects_path(db.path, file)

        def on_progress(state: ImportProgress) -> None:
            advance(state.bytes_read or 0)
            stop_if_asked()

        with told_if_it_fails(rejects):
            report = db.import_file(
                file,
                source=source,
                complete=complete,
                max_rejects=max_rejects,
                rejects_path=rejects,
                on_progress=on_progress,
                **options,
            )
    if as_json:
        write_json({"schema": "hashmatch.db.import/1", **report.to_dict()})
    else:
        print_import(report)
    print_ledger(report.ledger, what="import")
    if report.incomplete is not None:
        print_error("ExchangeError", report.incomplete, as_json=False)
    whole = report.incomplete is None and not report.rejected
    return Exit.DONE if whole else Exit.FAILED


@db_group.command("export")
@database_argument
@click.argument("file", type=click.Path())
@click.option(
    "--format",
    "list_format",
    default="vics-2.0",
    show_default=True,
    type=click.Choice(export_formats()),
)
@click.option("--region", help="VICS region token.")
@click.option("--source", "sources", multiple=True, help="Only what this source says.")
@click.option("--label", "labels", multiple=True, type=click.Choice([x.value for x in Label]))
@click.option("--baseline/--not-baseline", default=None, help="Only media with this Baseline.")
@click.option("--not-in", multiple=True, help="Leave out media that this source lists.")
@click.option("--overwrite", is_flag=True, help="Replace FILE if it is there.")
@json_option
def export_command(
    database: str,
    file: str,
    list_format: str,
    region: str | None,
    sources: tuple[str, ...],
    labels: tuple[str, ...],
    baseline: bool | None,
    not_in: tuple[str, ...],
    overwrite: bool,
    as_json: bool,
) -> int:
    """Export DATABASE to the hash list FILE, sorted: the same content gives the same bytes."""
    chosen = ExportFilter(
        sources=frozenset(sources) or None,
        labels=frozenset(map(Label, labels)) or None,
        baseline=baseline,
        not_in=frozenset(not_in),
    )
    with open_database(database) as db:
        report = db.export_file(
            file,
            format=list_format,
            where=chosen,
            overwrite=overwrite,
            **vics_options(list_format, region=region),
        )
    if as_json:
        write_json({"schema": "hashmatch.db.export/1", **report.to_dict()})
    else:
        console().print(f"wrote {shown(file)} from revision {report.revision}")
    print_ledger(report.ledger, what="export")
    return Exit.FAILED if report.ledger.rejected or report.ledger.failed else Exit.DONE


@db_group.command("stats")
@database_argument
@json_option
def stats_command(database: str, as_json: bool) -> int:
    """Count what DATABASE holds."""
    with open_database(database, read_only=True) as db:
        stats = db.stats()
    values = stats.to_dict()
    if as_json:
        write_json({"schema": "hashmatch.db.stats/1", **values})
        return Exit.DONE
    rows: list[tuple[str, object]] = []
    for name, value in values.items():
        if isinstance(value, dict):
            rows += [(f"{name}: {key}", _flat(inner)) for key, inner in value.items()]
        else:
            rows.append((name, value))
    print_table(database, ("what", "count"), rows)
    return Exit.DONE


def _flat(value: object) -> object:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_flat(inner)}" for key, inner in value.items())
    return value
