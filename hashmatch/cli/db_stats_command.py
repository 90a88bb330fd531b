"""``hashmatch db stats``: what the national database holds, counted."""

from __future__ import annotations

import click

from hashmatch.cli.exits import Exit
from hashmatch.cli.options import database_argument, json_option
from hashmatch.cli.output import print_table, write_json
from hashmatch.database import open_database


@click.command("stats")
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
