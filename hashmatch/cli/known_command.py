"""``hashmatch known``: sets of known, harmless files, by which a check can ignore a file."""

from __future__ import annotations

import click

from hashmatch.cli.exits import Exit
from hashmatch.cli.options import database_argument, json_option
from hashmatch.cli.output import console, print_error, shown, write_json
from hashmatch.database import KnownSet, open_database

_files = click.argument("files", nargs=-1, required=True, type=click.Path())
_format = click.option(
    "--format", "list_format", default="auto", show_default=True, help="Format of the lists."
)


@click.group("known")
def known_group() -> None:
    """Known files (NSRL, NIST, an agency's own software): ignored unless a list says otherwise."""


@known_group.command("add")
@database_argument
@click.argument("name")
@_files
@_format
@click.option("--replace", is_flag=True, help="Take the place of the set of this NAME.")
@json_option
def add_command(
    database: str,
    name: str,
    files: tuple[str, ...],
    list_format: str,
    replace: bool,
    as_json: bool,
) -> int:
    """Make the known set NAME of the digests in FILES, beside DATABASE.

    Any list of digests is read: NSRL RDS v2 and v3, NIST CAID, md5sum, and all that inspect knows.
    Refused rows give exit code 2; the rest is in.
    """
    with open_database(database) as db:
        added = db.add_known_set(name, files, format=list_format, replace=replace)
    _show(added, "hashmatch.known.add/1", None, as_json=as_json)
    # Rows that lack one kind of digest but have another are no failure.
    refused = [why for why in added.refused if not why.endswith("no such digest")]
    return Exit.FAILED if refused else Exit.DONE


@known_group.command("list")
@database_argument
@click.option("--verify", is_flag=True, help="Read all files and compare their SHA-256.")
@json_option
def list_command(database: str, verify: bool, as_json: bool) -> int:
    """The known sets of DATABASE; how many media of each a list calls illegal.

    Exit code 2 if --verify finds a file that is missing or damaged.
    """
    with open_database(database, read_only=True) as db:
        known = db.known_sets()
        problems = db.check_known_sets() if verify else {}
    for one in known:
        _show(one, "hashmatch.known.list/1", problems.get(one.name), as_json=as_json)
    return Exit.FAILED if any(problems.values()) else Exit.DONE


@known_group.command("remove")
@database_argument
@click.argument("name")
@json_option
def remove_command(database: str, name: str, as_json: bool) -> int:
    """Forget the known set NAME and delete its files."""
    with open_database(database) as db:
        removed = db.remove_known_set(name)
    _show(removed, "hashmatch.known.remove/1", None, as_json=as_json)
    return Exit.DONE


@known_group.command("restore")
@database_argument
@click.argument("name")
@_files
@_format
@json_option
def restore_command(
    database: str, name: str, files: tuple[str, ...], list_format: str, as_json: bool
) -> int:
    """Make the files of the set NAME again from the lists that it was made from.

    On each further machine that uses a database on a server, and where files were lost.
    """
    with open_database(database) as db:
        restored = db.restore_known_set(name, files, format=list_format)
    _show(restored, "hashmatch.known.restore/1", None, as_json=as_json)
    return Exit.DONE


def _show(known: KnownSet, schema: str, problem: str | None, *, as_json: bool) -> None:
    if as_json:
        write_json({"schema": schema, **known.to_dict(), "problem": problem})
    else:
        counts = ", ".join(f"{file.entries} {digest}" for digest, file in known.files.items())
        out = console()
        out.print(f"{shown(known.name)}: {counts}; of {shown(known.list_name)}, {known.added_at}")
        out.print(f"  {known.overlap} media are illegal to a list: that counts")
        for reason, count in sorted(known.refused.items()):
            out.print(f"  refused: {shown(reason)}: {count}")
    if problem is not None:
        print_error("IndexFileError", problem, as_json=False)
