"""``hashmatch decide``: what a person saw, kept beside a catalogue and respected by later runs."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click

from hashmatch.cli.exits import Exit
from hashmatch.cli.options import json_option
from hashmatch.cli.output import console, shown, write_json
from hashmatch.scan import Catalogue
from hashmatch.triage import Decision, Decisions, named_contents, shown_group, write_decisions
from hashmatch.types import Label

F = TypeVar("F", bound=Callable[..., Any])

_SCHEMA = "hashmatch.decide/1"
_folder = click.argument("folder", metavar="OUT", type=click.Path())
_files = click.argument("files", nargs=-1, required=True)


def _signed(command: F) -> F:
    for option in (
        click.option("--note", default="", help="Why, in your words."),
        click.option("--examiner", help="Who decides; the account's name by default."),
    ):
        command = option(command)
    return command


@click.group("decide")
def decide_group() -> None:
    """Say what you saw: OUT is the folder of a `scan` or `dedupe`.

    A file is named by its path, as the report has it, or by its SHA-256 or the beginning of it.
    Decisions are kept for good, each with its time and examiner; of two that contradict each
    other the later counts. They hold from the next run on, which reads nothing again.
    """


@decide_group.command("category")
@_folder
@click.argument("label", type=click.Choice([label.value for label in Label]))
@_files
@click.option("--group", is_flag=True, help="Of everything in the groups of FILES too.")
@_signed
@json_option
def category_command(
    folder: str,
    label: str,
    files: tuple[str, ...],
    group: bool,
    note: str,
    examiner: str | None,
    as_json: bool,
) -> int:
    """The contents of FILES are of category LABEL; their exact copies with them."""
    contents = _contents(folder, files, group=group)
    made = Decisions.open(folder).add_category(
        Label(label),
        contents,
        examiner=_name(examiner),
        note=note,
        paths=contents,
        group=group,
    )
    return _said(made, as_json=as_json)


@decide_group.command("same")
@_folder
@_files
@_signed
@json_option
def same_command(
    folder: str, files: tuple[str, ...], note: str, examiner: str | None, as_json: bool
) -> int:
    """FILES are copies of each other: one group, however far apart their hashes are."""
    add = Decisions.open(folder).add_same
    return _bound(add, _contents(folder, files), note, examiner, as_json=as_json)


@decide_group.command("not-same")
@_folder
@_files
@_signed
@json_option
def not_same_command(
    folder: str, files: tuple[str, ...], note: str, examiner: str | None, as_json: bool
) -> int:
    """Two FILES are no copies of each other, however near their hashes are."""
    add = Decisions.open(folder).add_not_same
    return _bound(add, _contents(folder, files), note, examiner, as_json=as_json)


@decide_group.command("withdraw")
@_folder
@click.argument("number", type=click.IntRange(min=1))
@_signed
@json_option
def withdraw_command(
    folder: str, number: int, note: str, examiner: str | None, as_json: bool
) -> int:
    """Decision NUMBER holds no more; it stays in the file. What it had replaced holds again."""
    made = Decisions.open(folder).withdraw(number, examiner=_name(examiner), note=note)
    return _said(made, as_json=as_json)


@decide_group.command("list")
@_folder
@json_option
def list_command(folder: str, as_json: bool) -> int:
    """Every decision, and whether it holds."""
    decisions = Decisions.open(folder)
    for decision in decisions:
        holds = decisions.state.counts(decision)
        if as_json:
            write_json({**_row(decision), "holds": holds})
        else:
            console().print(_words(decision) + ("" if holds else "  (holds no more)"))
    return Exit.DONE


@decide_group.command("export")
@_folder
@click.argument("file", type=click.Path())
@click.option("--overwrite", is_flag=True, help="Replace FILE if it is there.")
@json_option
def export_command(folder: str, file: str, overwrite: bool, as_json: bool) -> int:
    """Write all decisions to FILE, for a colleague's `decide import` or other tools.

    JSON lines, or CSV where FILE ends in .csv.
    """
    count = write_decisions(Decisions.open(folder), file, overwrite=overwrite)
    if as_json:
        write_json({"schema": "hashmatch.decide.export/1", "file": file, "decisions": count})
    else:
        console().print(f"wrote {count} decisions to {shown(file)}")
    return Exit.DONE


@decide_group.command("import")
@_folder
@click.argument("file", type=click.Path())
@json_option
def import_command(folder: str, file: str, as_json: bool) -> int:
    """Take over the decisions in FILE, as `decide export` wrote them; examiners and times stay."""
    merged = Decisions.open(folder).merge(file)
    if as_json:
        said = {"added": merged.added, "there": merged.there}
        write_json({"schema": "hashmatch.decide.import/1", "file": file, **said})
    else:
        console().print(f"{merged.added} decisions added, {merged.there} were there already")
    return Exit.DONE


def _contents(folder: str, files: Iterable[str], *, group: bool = False) -> dict[str, str]:
    """Path by SHA-256 of what was named, and of what is in its groups."""
    with Catalogue.open(folder, read_only=True) as catalogue:
        found = named_contents(catalogue, files)
    if group:
        for content in tuple(found):
            found = {**shown_group(folder, content), **found}
    return found


def _bound(
    add: Callable[..., Decision],
    contents: dict[str, str],
    note: str,
    examiner: str | None,
    *,
    as_json: bool,
) -> int:
    made = add(contents, examiner=_name(examiner), note=note, paths=contents)
    return _said(made, as_json=as_json)


def _name(examiner: str | None) -> str:
    return getpass.getuser() if examiner is None else examiner


def _said(decision: Decision, *, as_json: bool) -> int:
    if as_json:
        write_json(_row(decision))
    else:
        out = console()
        out.print(_words(decision))
        out.print("it holds from the next scan or dedupe on")
    return Exit.DONE


def _row(decision: Decision) -> dict[str, Any]:
    return {**decision.to_dict(), "schema": _SCHEMA}


def _words(decision: Decision) -> str:
    what = decision.kind.value.replace("_", " ")
    if decision.label is not None:
        what += f" {decision.label.value}"
    if decision.withdraws is not None:
        what += f" of {decision.withdraws}"
    named = decision.paths or decision.contents
    files = ", ".join(map(shown, named[:3])) + (f" and {len(named) - 3} more" if named[3:] else "")
    note = f": {shown(decision.note)}" if decision.note else ""
    when = decision.at.isoformat(timespec="seconds")
    return f"{decision.number}. {when} {shown(decision.examiner)}: {what} {files}{note}"
