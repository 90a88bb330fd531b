"""``hashmatch db diff``: what became different from one revision to another."""

from __future__ import annotations

import click

from hashmatch.cli.csv_output import write_csv
from hashmatch.cli.exits import Exit
from hashmatch.cli.interrupts import stop_if_asked
from hashmatch.cli.options import csv_option, database_argument, json_option, one_form
from hashmatch.cli.output import console, shown, write_json
from hashmatch.database import CHANGE_COLUMNS, Change, ChangeKind, RevisionDiff, open_database
from hashmatch.types import Label

CHANGE_SCHEMA = "hashmatch.db.diff.change/1"
DIFF_SCHEMA = "hashmatch.db.diff/1"
_OTHER = {
    ChangeKind.MERGED: "is part of",
    ChangeKind.SEPARATED: "was part of",
    ChangeKind.REPLACED: "is now",
    ChangeKind.REGROUPED: "gave statements to",
}


@click.command("diff")
@database_argument
@click.option("--from", "earlier", required=True, type=int, help="Revision to start from.")
@click.option("--to", "later", type=int, help="Later revision; the newest by default.")
@click.option("--source", help="Only what this source says, and media as it alone shows them.")
@json_option
@csv_option
def diff_command(
    database: str, earlier: int, later: int | None, source: str | None, as_json: bool, as_csv: bool
) -> int:
    """Tell what became different in DATABASE: statements added and withdrawn, then media.

    One change a line; counts follow (on stderr with --csv). docs/history.md says what each word
    means.
    """
    one_form(as_json, as_csv)
    with open_database(database, read_only=True) as db:
        newest = db.revision if later is None else later
        with db.diff(earlier, newest, source=source) as diff:
            _print_changes(diff, as_json=as_json, as_csv=as_csv)
    if as_json:
        write_json({"schema": DIFF_SCHEMA, **diff.to_dict()})
    else:
        _print_counts(diff, stderr=as_csv)
    return Exit.DONE


def _print_changes(diff: RevisionDiff, *, as_json: bool, as_csv: bool) -> None:
    out = console()
    if as_csv:
        write_csv(CHANGE_COLUMNS)
    for change in diff:
        stop_if_asked()
        values = change.to_dict()
        if as_json:
            write_json({"schema": CHANGE_SCHEMA, **values})
        elif as_csv:
            write_csv(values.values())
        else:
            out.print(_line(change))


def _line(change: Change) -> str:
    digests = ", ".join(f"{name} {value}" for name, value in change.digests.items())
    media = f"media {change.media_id}{f' ({digests})' if digests else ''}"
    if change.source is not None:
        label = "" if change.label is None else change.label.value
        reason = f", {change.reason}" if change.reason else ""
        said = f"{shown(change.source)}: {shown(change.record_key)}"
        return f"{change.what}: {said}, {label}, {media}{reason}, revision {change.revision}"
    if change.other_media_id is not None:
        return f"{change.what}: {media} {_OTHER[change.what]} media {change.other_media_id}"
    if change.what in (ChangeKind.LABEL, ChangeKind.BASELINE):
        before, after = _word(change.before), _word(change.after)
        return f"{change.what}: {media}: {before} became {after}"
    return f"{change.what}: {media}"


def _word(value: Label | bool | None) -> str:
    if value is None:
        return "unknown"
    return value.value if isinstance(value, Label) else "yes" if value else "no"


def _print_counts(diff: RevisionDiff, *, stderr: bool) -> None:
    out = console(stderr=stderr)
    counts = diff.counts.to_dict()
    of = "" if diff.source is None else f" of {shown(diff.source)}"
    out.print(f"revision {diff.earlier} to {diff.later}{of}:")
    for kind, count in counts["changes"].items():
        if count:
            reasons = ""
            if kind == ChangeKind.WITHDRAWN:
                parts = [f"{name}: {n}" for name, n in counts["withdrawn_reasons"].items()]
                reasons = f" ({', '.join(parts)})"
            out.print(f"  {kind}: {count}{reasons}")
    for name, kinds in counts["by_source"].items():
        out.print(f"  {shown(name)}: {kinds['added']} added, {kinds['withdrawn']} withdrawn")
    if not any(counts["changes"].values()):
        out.print("  no difference")
