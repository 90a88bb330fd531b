"""``hashmatch db roles``: who may do what in a database on a server."""

from __future__ import annotations

import click

from hashmatch.cli.exits import Exit
from hashmatch.cli.options import json_option
from hashmatch.cli.output import console, shown, write_json
from hashmatch.database import ROLES, apply_roles, roles_script


@click.command("roles")
@click.argument("database", type=click.Path(), required=False)
@click.option("--apply", is_flag=True, help="Run it in DATABASE instead of printing it.")
@json_option
def roles_command(database: str | None, apply: bool, as_json: bool) -> int:
    """Print the SQL that makes the roles of a PostgreSQL database, or apply it to DATABASE.

    hashmatch_reader checks, hashmatch_importer imports, withdraws and exports and can change no
    entry of the audit log, hashmatch_admin may do everything. Logins are yours to create.
    """
    if apply != (database is not None):
        raise click.UsageError("expected DATABASE and --apply together, or neither")
    if database is None:
        script = roles_script()
        if as_json:
            write_json({"schema": "hashmatch.db.roles/1", "roles": [*ROLES], "sql": script})
        else:
            click.echo(script, nl=False)
        return Exit.DONE
    where = apply_roles(database)
    if as_json:
        write_json({"schema": "hashmatch.db.roles/1", "roles": [*ROLES], "database": where})
    else:
        console().print(f"{shown(where)}: {', '.join(ROLES)} have the rights they need")
    return Exit.DONE
