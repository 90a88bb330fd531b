"""``hashmatch db verify``: whether a database is whole."""

from __future__ import annotations

import click

from hashmatch.cli.exits import Exit
from hashmatch.cli.options import database_argument, json_option
from hashmatch.cli.output import console, shown, write_json
from hashmatch.database import open_database


@click.command("verify")
@database_argument
@json_option
def verify_command(database: str, as_json: bool) -> int:
    """Check DATABASE: its file, its rows against each other, its audit log.

    Exit code 2 if anything is wrong; everything that is wrong is named. Nothing is changed.
    """
    with open_database(database, read_only=True) as db:
        report, where = db.check_integrity(), db.where
    if as_json:
        write_json({"schema": "hashmatch.db.verify/1", "database": where, **report.to_dict()})
    elif report.sound:
        console().print(
            f"{shown(where)}: whole at revision {report.revision}; "
            f"{len(report.checks)} checks, {report.audit_entries} entries of the audit log"
        )
    for problem in report.problems:
        console(stderr=True).print(shown(problem))
    return Exit.DONE if report.sound else Exit.FAILED
