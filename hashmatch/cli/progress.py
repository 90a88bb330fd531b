"""A progress bar with the time that is left, on stderr, if that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from hashmatch.cli.output import console

Advance = Callable[[int], None]


def wanted() -> bool:
    """Whether anybody sees a bar."""
    return sys.stderr.isatty()


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Advance]:
    """Gives a function that sets how many of ``total`` are done."""
    if not wanted():
        yield lambda done: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console(stderr=True)) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)
