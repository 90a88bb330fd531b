"""``hashmatch db export``: a hash list of the national database's content."""

from __future__ import annotations

import click

from hashmatch.cli.exits import Exit
from hashmatch.cli.list_options import vics_options
from hashmatch.cli.options import database_argument, json_option
from hashmatch.cli.output import console, print_ledger, shown, write_json
from hashmatch.database import ExportFilter, export_formats, open_database
from hashmatch.types import Label


@click.command("export")
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
@click.option(
    "--only-new-since",
    type=int,
    metavar="R",
    help="Only media that the sources (of --source, or all) said nothing about at revision R.",
)
@click.option("--as-of", type=int, metavar="R", help="What the database said at revision R.")
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
    only_new_since: int | None,
    as_of: int | None,
    overwrite: bool,
    as_json: bool,
) -> int:
    """Export DATABASE to the hash list FILE, sorted: the same content gives the same bytes."""
    chosen = ExportFilter(
        sources=frozenset(sources) or None,
        labels=frozenset(map(Label, labels)) or None,
        baseline=baseline,
        not_in=frozenset(not_in),
        only_new_since=only_new_since,
    )
    with open_database(database) as db:
        report = db.export_file(
            file,
            format=list_format,
            where=chosen,
            as_of=as_of,
            overwrite=overwrite,
            **vics_options(list_format, region=region),
        )
    if as_json:
        write_json({"schema": "hashmatch.db.export/1", **report.to_dict()})
    else:
        console().print(f"wrote {shown(file)} from revision {report.revision}")
    print_ledger(report.ledger, what="export")
    return Exit.FAILED if report.ledger.rejected or report.ledger.failed else Exit.DONE
