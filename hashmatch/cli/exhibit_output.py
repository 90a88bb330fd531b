"""What ``scan`` and ``dedupe`` say while they run and at their end."""

from __future__ import annotations

import os
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from hashmatch.cli.interrupts import stop_if_asked
from hashmatch.cli.output import console, print_last_ledger, shown, write_json
from hashmatch.scan import without_secrets
from hashmatch.triage import ExhibitResult, Told

LINE_SECONDS = 60.0
"""Where nobody sees a bar, a line tells that often how far the run is: logs of long runs."""


@contextmanager
def told(what: str) -> Iterator[Told]:
    """A function that shows how far a run is: on a terminal as it goes, else a line a minute."""
    out = console(stderr=True)
    if not sys.stderr.isatty():
        due = time.monotonic() + LINE_SECONDS

        def line(stage: str, detail: str) -> None:
            nonlocal due
            stop_if_asked()
            if time.monotonic() >= due:
                due = time.monotonic() + LINE_SECONDS
                out.print(f"{what}: {stage}: {detail}")

        yield line
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(
        *columns, console=out, redirect_stdout=False, redirect_stderr=False, transient=True
    ) as bar:
        task = bar.add_task(what, total=None)

        def update(stage: str, detail: str) -> None:
            stop_if_asked()
            bar.update(task, description=shown(f"{stage}: {detail}"[: max(20, out.width - 14)]))

        yield update


def print_summary(what: str, result: ExhibitResult, *, as_json: bool) -> None:
    """What came of it, for people on stdout, or as one line of JSON; then the ledger."""
    if as_json:
        write_json({"schema": "hashmatch.exhibit/1", **result.to_dict()})
    else:
        _print_words(result)
    print_last_ledger(result.ledger, what=what, as_json=as_json)


def _print_words(result: ExhibitResult) -> None:
    print_counts(result)
    out = console()
    for note in result.notes:
        out.print(f"note: {shown(note)}")
    out.print(f"report: {shown(result.folder / 'report.html')}")
    for path in result.lists:
        out.print(f"wrote: {shown(result.folder / path)}")
    out.print(f"manifest SHA-256: {result.manifest_sha256}")


def print_counts(result: ExhibitResult) -> None:
    """How many files of which class, and what there is to look at."""
    out = console()
    run = result.summary
    out.print(
        f"{run.listed} listed: {run.examined} contents examined, {run.copies} copies of them, "
        f"{run.unchanged} unchanged since an earlier run, {run.linked} further names"
    )
    if (run.new and run.unchanged) or run.changed or run.gone:
        out.print(f"since then: {run.new} new, {run.changed} changed, {run.gone} gone")
    for count in result.classes:
        if count.files:
            out.print(f"  {count.triage.value:<11} {count.files:>9}  {_bytes(count.size)}")
    out.print(
        f"{result.n_groups} groups of copies; {result.n_to_look_at} to look at, "
        f"{result.n_saved} files need no look"
    )


def print_interrupted() -> None:
    """How to go on."""
    words = map(without_secrets, _without_fresh(sys.argv[1:]))
    again = " ".join(map(_quoted, words))
    out = console(stderr=True)
    out.print("hashmatch: interrupted; what was done is kept. To go on:")
    out.print(f"  hashmatch {again}")


def _quoted(word: str) -> str:
    """A word for a shell; what can't be printed as it is by the numbers of its bytes."""
    if shown(word) == word:
        return shlex.quote(word)
    return "$'" + "".join(f"\\x{byte:02x}" for byte in os.fsencode(word)) + "'"


def _without_fresh(words: list[str]) -> list[str]:
    """The command that goes on: --fresh would begin again."""
    options = words[: words.index("--")] if "--" in words else words
    return [word for word in options if word != "--fresh"] + words[len(options) :]


def _bytes(size: int | None) -> str:
    if size is None:
        return ""
    amount = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"
