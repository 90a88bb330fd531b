"""A progress bar with the time that is left, on stderr, if that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from hashmatch.cli.output import console, shown

Advance = Callable[[int], None]


def wanted(*, beside_results: bool = False) -> bool:
    """Whether anybody sees a bar.

    Args:
        beside_results: results are printed meanwhile; on the same terminal they are the progress.
    """
    return sys.stderr.isatty() and not (beside_results and sys.stdout.isatty())


@contextmanager
def progress(what: str, total: int | None, *, beside_results: bool = False) -> Iterator[Advance]:
    """Gives a function that sets how many of ``total`` are done."""
    if not wanted(beside_results=beside_results):
        yield lambda done: None
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    # redirect_stdout would send results, which are for a file or a pipe, to the terminal.
    with Progress(
        *columns, console=console(stderr=True), redirect_stdout=False, redirect_stderr=False
    ) as bar:
        task = bar.add_task(shown(what), total=total)
        yield lambda done: bar.update(task, completed=done)
