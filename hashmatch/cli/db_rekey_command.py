"""``hashmatch db rekey``: another key for an encrypted database."""

from __future__ import annotations

import click

from hashmatch.cli.exits import Exit
from hashmatch.cli.options import json_option
from hashmatch.cli.output import console, shown, write_json
from hashmatch.database import rekey_database


@click.command("rekey")
@click.argument("database", type=click.Path())
@click.option(
    "--new-key-file", required=True, type=click.Path(), help="File with the new key, mode 0600."
)
@json_option
def rekey_command(database: str, new_key_file: str, as_json: bool) -> int:
    """Encrypt DATABASE (sqlite+cipher:///path) anew under another key.

    The present key comes from HASHMATCH_KEY_FILE or HASHMATCH_KEY. Nobody else may have the
    database open. Backups stay under the key that they were made with.
    """
    rekey_database(database, new_key_file=new_key_file)
    if as_json:
        write_json({"schema": "hashmatch.db.rekey/1", "database": database})
    else:
        console().print(f"{shown(database)} is under the new key")
    return Exit.DONE
