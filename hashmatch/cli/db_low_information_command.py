"""``hashmatch db low-information``: hashes that are kept and never matched."""

from __future__ import annotations

import click

from hashmatch.cli.exits import Exit
from hashmatch.cli.options import database_argument, json_option
from hashmatch.cli.output import console, shown, write_json
from hashmatch.database import open_database


@click.command("low-information")
@database_argument
@json_option
def low_information_command(database: str, as_json: bool) -> int:
    """List the hashes of DATABASE that hold too little to be matched, with the reason.

    The digests beside them are matched all the same. See also: index crowded.
    """
    with open_database(database, read_only=True) as db:
        for one in db.low_information_hashes():
            if as_json:
                write_json({"schema": "hashmatch.db.low-information/1", **one.to_dict()})
            else:
                quality = "" if one.quality is None else f", quality {one.quality}"
                console().print(
                    f"{one.algorithm} {one.hex} media {one.media_id}: {one.reason}{quality} "
                    f"({shown(one.source)}, {shown(one.record_key)})"
                )
    return Exit.DONE
