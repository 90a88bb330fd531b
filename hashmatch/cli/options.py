"""Options that several commands share, and the walk over their paths."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import click

from hashmatch.cli.progress import Advance, progress, wanted
from hashmatch.scan import Found, walk

F = TypeVar("F", bound=Callable[..., Any])

PATHS = click.Path(exists=False, path_type=str)


def json_option(command: F) -> F:
    return click.option(
        "--json", "as_json", is_flag=True, help="Print JSON, one object a line (docs/json.md)."
    )(command)


def paths_argument(command: F) -> F:
    return click.argument("paths", nargs=-1, type=PATHS)(command)


def walked(paths: tuple[str, ...], what: str) -> Iterator[Found]:
    """The items under the paths, with a progress bar over them if anybody sees it."""
    # Pillow warns of large pictures; here they are within the limits or refused with a reason.
    warnings.filterwarnings("ignore", module="PIL")
    total = sum(1 for _ in walk(paths)) if wanted(beside_results=True) else None
    advance: Advance
    with progress(what, total, beside_results=True) as advance:
        for done, found in enumerate(walk(paths), start=1):
            yield found
            advance(done)
