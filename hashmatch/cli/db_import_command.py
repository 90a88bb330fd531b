"""``hashmatch db import``: a hash list into the national database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from hashmatch.cli.exits import Exit
from hashmatch.cli.import_output import (
    default_rejects_path,
    print_import,
    print_index,
    told_if_it_fails,
)
from hashmatch.cli.interrupts import stop_if_asked
from hashmatch.cli.list_options import reading, reading_options, size_of
from hashmatch.cli.options import database_argument, json_option
from hashmatch.cli.output import print_error, print_ledger, write_json
from hashmatch.cli.progress import progress
from hashmatch.database import MAX_WITHDRAWN_SHARE, ImportProgress, open_database, publish


@click.command("import")
@database_argument
@click.argument("file", type=click.Path())
@click.option("--source", required=True, help='Who says it: "INTERPOL ICSE", "National list".')
@reading_options
@click.option(
    "--complete",
    is_flag=True,
    help="The list is all that the source says: withdraw what it no longer contains.",
)
@click.option(
    "--max-withdrawn",
    type=click.IntRange(0, 100),
    metavar="PERCENT",
    default=round(100 * MAX_WITHDRAWN_SHARE),
    show_default=True,
    help="Stop where a complete list lacks more of what its source said.",
)
@click.option(
    "--confirm-withdrawals", is_flag=True, help="Withdraw whatever a complete list lacks."
)
@click.option("--max-rejects", type=click.IntRange(min=0), help="Give up beyond so many.")
@click.option(
    "--rejects",
    "rejects_path",
    type=click.Path(),
    help="New file for what is refused; by default beside DATABASE, named after FILE and the time "
    "(none by default if DATABASE is encrypted: the file would not be).",
)
@json_option
def import_command(
    database: str,
    file: str,
    source: str,
    complete: bool,
    max_withdrawn: int,
    confirm_withdrawals: bool,
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
        rejects = Path(rejects_path) if rejects_path else default_rejects_path(db, file)

        def on_progress(state: ImportProgress) -> None:
            advance(state.bytes_read or 0)
            stop_if_asked()

        with told_if_it_fails(rejects):
            report = db.import_file(
                file,
                source=source,
                complete=complete,
                max_withdrawn_share=1.0 if confirm_withdrawals else max_withdrawn / 100,
                max_rejects=max_rejects,
                rejects_path=rejects,
                on_progress=on_progress,
                **options,
            )
        index = publish(db)
    if as_json:
        said = {"schema": "hashmatch.db.import/1", **report.to_dict(), "index": index.to_dict()}
        write_json(said)
    else:
        print_import(report)
        print_index(index)
    print_ledger(report.ledger, what="import")
    if report.incomplete is not None:
        print_error("ExchangeError", report.incomplete, as_json=False)
    whole = report.incomplete is None and not report.rejected
    return Exit.DONE if whole else Exit.FAILED
