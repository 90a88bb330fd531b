"""``hashmatch db``: make the national database, fill it, ask it, export it."""

from __future__ import annotations

import click

from hashmatch.cli.db_diff_command import diff_command
from hashmatch.cli.db_export_command import export_command
from hashmatch.cli.db_import_command import import_command
from hashmatch.cli.db_low_information_command import low_information_command
from hashmatch.cli.db_purge_command import purge_command
from hashmatch.cli.db_rekey_command import rekey_command
from hashmatch.cli.db_roles_command import roles_command
from hashmatch.cli.db_show_command import show_command
from hashmatch.cli.db_stats_command import stats_command
from hashmatch.cli.db_verify_command import verify_command
from hashmatch.cli.exits import Exit
from hashmatch.cli.options import database_argument, json_option
from hashmatch.cli.output import console, shown, write_json
from hashmatch.database import open_database


@click.group("db")
def db_group() -> None:
    """The national database: a SQLite file, an encrypted one, or a PostgreSQL database."""


@db_group.command("init")
@database_argument
@json_option
def init_command(database: str, as_json: bool) -> int:
    """Create DATABASE. An existing file is left as it is (exit code 2)."""
    with open_database(database, create=True, exist_ok=False) as db:
        revision, where = db.revision, db.where
    if as_json:
        write_json({"schema": "hashmatch.db.init/1", "database": where, "revision": revision})
    else:
        console().print(f"created {shown(where)} at revision {revision}")
    return Exit.DONE


for _command in (
    import_command,
    export_command,
    stats_command,
    roles_command,
    diff_command,
    purge_command,
    show_command,
    low_information_command,
    verify_command,
    rekey_command,
):
    db_group.add_command(_command)
