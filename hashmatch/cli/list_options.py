"""Options of the commands that read a hash list, and how what they refused is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from hashmatch.cli.output import console, shown
from hashmatch.exchange import load_schemes

F = TypeVar("F", bound=Callable[..., Any])

MAX_SHOWN = 12
"""Rows of one kind that a summary for people shows; JSON has all."""


def reading_options(command: F) -> F:
    """How a list is read; ``reading`` turns them into arguments of the reader."""
    options = (
        click.option(
            "--format", "list_format", default="auto", show_default=True, help="Of the list."
        ),
        click.option("--scheme", help="Category scheme to use, whatever the list says of itself."),
        click.option(
            "--schemes",
            "scheme_tables",
            type=click.Path(),
            help="TOML file or folder of category schemes in place of the built-in ones.",
        ),
        click.option(
            "--mapping",
            type=click.Path(),
            help="TOML file that describes a table or JSON list (docs/mapping.md).",
        ),
        click.option(
            "--hash-type",
            metavar="TYPE",
            help="What values of an ambiguous length are: sha256, pdq, ...",
        ),
        click.option(
            "--salvage", is_flag=True, help="Keep the whole records of a list that is cut short."
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def reading(
    list_format: str,
    scheme: str | None,
    scheme_tables: str | None,
    mapping: str | None,
    hash_type: str | None,
    salvage: bool,
) -> dict[str, Any]:
    """Arguments of ``open_reader``."""
    return {
        "format": list_format,
        "scheme": scheme,
        "schemes": None if scheme_tables is None else load_schemes(scheme_tables),
        "mapping": mapping,
        "hash_type": hash_type,
        "salvage": salvage,
    }


def vics_options(to: str, **given: str | None) -> dict[str, Any]:
    """Options that only the writer of VICS has."""
    options = {name: value for name, value in given.items() if value is not None}
    if options and not to.startswith("vics-"):
        raise click.UsageError(f"--{next(iter(options))} is for VICS, not for {to!r}")
    return options


def size_of(file: str) -> int | None:
    """Bytes of a file for a progress bar; None where opening it will give the error."""
    try:
        return Path(file).stat().st_size
    except OSError:
        return None


def print_rejects(rejects: Sequence[Mapping[str, Any]]) -> None:
    """Refused records and fields by reason, with examples."""
    out = console()
    for row in rejects[:MAX_SHOWN]:
        out.print(f"  refused: {shown(row['reason'])}: {row['count']}")
        for example in row["examples"]:
            field = "" if example["field"] is None else f" {example['field']}"
            raw = f": {example['raw']}" if example["raw"] else ""
            out.print(f"    at {example['position']}{shown(field)}{shown(raw)}")
    if len(rejects) > MAX_SHOWN:
        out.print(f"  refused: {len(rejects) - MAX_SHOWN} other reasons, see --json")


def print_warnings(warnings: Mapping[str, int]) -> None:
    for text, count in sorted(warnings.items()):
        console().print(f"  note: {shown(text)}: {count}")
