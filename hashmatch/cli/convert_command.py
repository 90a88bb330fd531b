"""``hashmatch convert``: one list to another format, file to file, without a database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from hashmatch.cli.exits import Exit
from hashmatch.cli.interrupts import stop_if_asked
from hashmatch.cli.list_options import (
    MAX_SHOWN,
    print_rejects,
    print_warnings,
    reading,
    reading_options,
    size_of,
    vics_options,
)
from hashmatch.cli.options import json_option
from hashmatch.cli.output import console, print_error, print_ledger, shown, write_json
from hashmatch.cli.progress import progress
from hashmatch.exchange import ConvertReport, convert_list
from hashmatch.types import Deletion, HashRecord, Reject


@click.command("convert")
@click.argument("source", metavar="IN", type=click.Path())
@click.argument("target", metavar="OUT", type=click.Path())
@click.option("--to", required=True, metavar="FORMAT", help="Of OUT: vics-2.0, jsonl, md5sum, ...")
@click.option("--region", help="VICS region token of OUT.")
@click.option("--case", metavar="NUMBER", help="Write a VICS case of that number, not a hash set.")
@click.option("--max-rejects", type=click.IntRange(min=0), help="Give up beyond so many.")
@click.option("--rejects", type=click.Path(), help="New file (JSON lines) for all refusals.")
@click.option("--no-read-back", is_flag=True, help="Do not read OUT to see what it carries.")
@click.option("--overwrite", is_flag=True, help="Replace OUT if it is there.")
@reading_options
@json_option
def convert_command(
    source: str,
    target: str,
    to: str,
    region: str | None,
    case: str | None,
    max_rejects: int | None,
    rejects: str | None,
    no_read_back: bool,
    overwrite: bool,
    as_json: bool,
    **how: Any,
) -> int:
    """Write the hash list IN as OUT, in another format, sorted where that format asks for it.

    Memory stays bounded (about 100 MB) however long the list is. What OUT can't carry is told.
    Records that were refused or could not be written, or a list that is not complete, give exit
    code 2; the rest is in OUT.
    """
    writing = {"overwrite": overwrite, **vics_options(to, region=region, case=case)}
    with progress(f"converting {Path(source).name}", size_of(source)) as advance:

        def on_item(item: HashRecord | Reject | Deletion) -> None:
            stop_if_asked()

        report = convert_list(
            source,
            target,
            to=to,
            writing=writing,
            max_rejects=max_rejects,
            rejects_path=rejects,
            read_back=not no_read_back,
            on_item=on_item,
            on_progress=lambda done, total: advance(done),
            **reading(**how),
        )
    if as_json:
        write_json({"schema": "hashmatch.convert/1", **report.to_dict()})
    else:
        _print(report)
    print_ledger(report.ledger, what="convert")
    if report.problem is not None:
        print_error("ExchangeError", report.problem, as_json=False)
    whole = report.problem is None and not report.ledger.rejected and not report.ledger.failed
    return Exit.DONE if whole else Exit.FAILED


def _print(report: ConvertReport) -> None:
    out = console()
    out.print(f"{shown(report.source)}: {shown(report.title)}, scheme {shown(report.info.scheme)}")
    out.print(f"  wrote {shown(report.target)} as {report.to}")
    lost = [row for row in report.fields if row.written is not None and row.written < row.read]
    for row in lost[:MAX_SHOWN]:
        out.print(f"  not all carried: {shown(row.field)}: {row.written} of {row.read} records")
    if len(lost) > MAX_SHOWN:
        out.print(f"  not all carried: {len(lost) - MAX_SHOWN} other fields, see --json")
    for row in report.fields:
        if row.field.startswith("label: ") and (row.written or 0) > row.read:
            out.print(f"  changed: {shown(row.field)}: {row.written} records, {row.read} before")
    print_rejects(report.rejects)
    print_warnings(report.warnings)
