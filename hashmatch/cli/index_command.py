"""``hashmatch index``: the files that checks are answered from."""

from __future__ import annotations

import click

from hashmatch.cli.exits import Exit
from hashmatch.cli.options import database_argument, json_option
from hashmatch.cli.output import console, print_error, print_table, shown, write_json
from hashmatch.database import IndexReport, open_database


@click.group("index")
def index_group() -> None:
    """The lookup segments of a database: derived files, beside it or in a private cache."""


@index_group.command("build")
@database_argument
@click.option("--whole", is_flag=True, help="Build everything anew.")
@json_option
def build_command(database: str, whole: bool, as_json: bool) -> int:
    """Bring the segments of DATABASE to its newest revision, and merge small ones."""
    with open_database(database, read_only=True) as db:
        report = db.publish_index(whole=whole)
    _show(report, "hashmatch.index.build/1", as_json=as_json)
    return Exit.DONE


@index_group.command("status")
@database_argument
@json_option
def status_command(database: str, as_json: bool) -> int:
    """What the segments of DATABASE hold. Exit code 2 if they can't be used."""
    with open_database(database, read_only=True) as db:
        report = db.index_status()
    _show(report, "hashmatch.index.status/1", as_json=as_json)
    return Exit.FAILED if report.state == "unusable" else Exit.DONE


@index_group.command("verify")
@database_argument
@json_option
def verify_command(database: str, as_json: bool) -> int:
    """Compare the segments with DATABASE, entry by entry. Exit code 2 at the first difference."""
    with open_database(database, read_only=True) as db:
        found = db.verify_index()
    if as_json:
        write_json(
            {
                "schema": "hashmatch.index.verify/1",
                "revision": found.revision,
                "entries": found.entries,
                "purged": found.purged,
                "difference": found.difference,
            }
        )
    elif found.difference is None:
        entries = ", ".join(f"{count} {name}" for name, count in found.entries.items() if count)
        console().print(f"agrees at revision {found.revision}: {entries or 'nothing'}")
        if found.purged:
            console().print(f"{found.purged} entries of rows that were purged since: never matched")
    if found.difference is not None:
        print_error("IndexCorruptError", found.difference, as_json=False)
    return Exit.DONE if found.difference is None else Exit.FAILED


@index_group.command("crowded")
@database_argument
@json_option
def crowded_command(database: str, as_json: bool) -> int:
    """List hashes that are stored but not matched: too many media have one near them."""
    with open_database(database, read_only=True) as db:
        for one in db.crowded_hashes():
            if as_json:
                write_json(
                    {
                        "schema": "hashmatch.index.crowded/1",
                        "algorithm": one.algorithm,
                        "hash_id": one.hash_id,
                        "media_id": one.media_id,
                        "hex": one.hex,
                        "neighbours": one.neighbours,
                    }
                )
            else:
                console().print(
                    f"{one.algorithm} {one.hex} media {one.media_id}: near hashes of "
                    f"{one.neighbours} other media"
                )
    return Exit.DONE


def _show(report: IndexReport, schema: str, *, as_json: bool) -> None:
    values = report.to_dict()
    if as_json:
        write_json({"schema": schema, **values})
        return
    rows: list[tuple[str, object]] = []
    for name, value in values.items():
        if isinstance(value, dict):
            rows += [(f"{name}: {key}", inner) for key, inner in value.items()]
        elif value is not None:
            rows.append((name, value))
    print_table("index" if report.folder is None else shown(report.folder), ("what", "is"), rows)
