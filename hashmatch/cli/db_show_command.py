"""``hashmatch db show``: everything that the database has on one medium, on one page."""

from __future__ import annotations

from collections.abc import Iterator

import click

from hashmatch.cli.exits import Exit
from hashmatch.cli.options import database_argument, json_option
from hashmatch.cli.output import console, print_error, shown, write_json
from hashmatch.cli.show_output import page
from hashmatch.database import Dossier, open_database
from hashmatch.types import DIGEST_BYTES, Digests

SHOW_SCHEMA = "hashmatch.db.show/1"
_NAMES = {2 * size: name for name, size in DIGEST_BYTES.items()}


@click.command("show")
@database_argument
@click.argument("digest", required=False)
@click.option(
    "--media", "media_id", type=int, metavar="ID", help="By id, as every answer names it."
)
@json_option
def show_command(database: str, digest: str | None, media_id: int | None, as_json: bool) -> int:
    """Show all that DATABASE has on the media with an MD5, SHA-1 or SHA-256 DIGEST (hex).

    Digests, who says what and since when, every statement (withdrawn ones too), hashes, sightings,
    history. Nothing found gives exit code 2.
    """
    if (digest is None) is (media_id is None):
        given = "neither" if digest is None else "both"
        raise click.UsageError(f"DIGEST or --media: expected one of them, got {given}")
    digests = None if digest is None else _digests(digest)
    with open_database(database, read_only=True) as db:
        count = _print(db.show(digests, media_id=media_id), as_json=as_json)
    if count:
        return Exit.DONE
    message = f"DIGEST: expected one that the database knows or knew, got {digest}"
    print_error("InputError", message, as_json=as_json)
    return Exit.FAILED


def _print(found: Iterator[Dossier], *, as_json: bool) -> int:
    out = console()
    count = 0
    for count, dossier in enumerate(found, start=1):
        if as_json:
            write_json({"schema": SHOW_SCHEMA, **dossier.to_dict()})
            continue
        if count > 1:
            out.print()
        for line in page(dossier):
            out.print(shown(line))
    return count


def _digests(text: str) -> Digests:
    name = _NAMES.get(len(text))
    if name is None:
        raise click.UsageError(
            f"DIGEST: expected {', '.join(map(str, sorted(_NAMES)))} hex digits, got {len(text)} "
            "characters"
        )
    return Digests.parse(**{name: text})
