"""What goes to the screen: results to stdout, everything else to stderr.

Names of files are hostile too: what a terminal shows has its control characters escaped; JSON and
CSV carry names without loss.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from hashmatch.fingerprinting import LEDGER_SCHEMA
from hashmatch.ledger import Ledger

ERROR_SCHEMA = "hashmatch.error/1"


def stdout() -> TextIO:
    """Standard output that writes any file name back as the bytes it came from."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8", errors="surrogateescape", newline="")
    return sys.stdout


MIN_TABLE_WIDTH = 120
"""Columns of a table where the output is no terminal, or too narrow a one to be read anyway."""


def console(*, stderr: bool = False) -> Console:
    """A console without markup, so that no name is taken for it."""
    _escape_what_has_no_code(sys.stderr if stderr else sys.stdout)
    return Console(stderr=stderr, markup=False, emoji=False, highlight=False, soft_wrap=True)


def _escape_what_has_no_code(stream: TextIO) -> None:
    """In a locale without Unicode, print a character's escape instead of failing at it."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def shown(text: object) -> str:
    """Text as it may stand on a terminal: control and undecodable characters escaped."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode("ascii")
        for c in str(text)
    )


def write_json(value: Mapping[str, Any]) -> None:
    """One JSON object, one line, ASCII: file names that are not UTF-8 stay lossless."""
    out = stdout()
    # Line and end at once: print() writes twice, and an interrupt in between joins two objects.
    out.write(json.dumps(value, ensure_ascii=True) + "\n")
    out.flush()


def print_table(title: str, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """A table on stdout; a cell that is a list has one line for each of its members."""
    made = Table(title=shown(title), title_justify="left")
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*(Text(_cell(cell)) for cell in row))
    _escape_what_has_no_code(sys.stdout)
    out = Console(markup=False, emoji=False, highlight=False)
    if out.width < MIN_TABLE_WIDTH:
        out = Console(markup=False, emoji=False, highlight=False, width=MIN_TABLE_WIDTH)
    out.print(made)


def _cell(value: object) -> str:
    lines = value if isinstance(value, list) else [value]
    return "\n".join(shown(line) for line in lines)


def print_ledger(ledger: Ledger, *, what: str) -> None:
    """The ledger on stderr: seen = done + low-information + rejected + failed, with reasons."""
    out = console(stderr=True)
    out.print(
        f"{what}: {ledger.seen} seen = {ledger.done} done + {ledger.low_information} "
        f"low-information + {ledger.rejected} rejected + {ledger.failed} failed"
    )
    for (outcome, reason), count in sorted(ledger.reasons.items()):
        out.print(f"  {outcome}: {shown(reason)}: {count}")


def print_last_ledger(ledger: Ledger, *, what: str, as_json: bool) -> None:
    """The ledger that closes a list of results: as JSON on stdout if asked, always on stderr.

    The one on stderr also if the reader of stdout went away.
    """
    try:
        if as_json:
            write_json({"schema": LEDGER_SCHEMA, "ledger": ledger.to_dict()})
    finally:
        print_ledger(ledger, what=what)


def print_error(kind: str, message: str, *, as_json: bool) -> None:
    """One error: a line on stderr, and as JSON on stdout if asked."""
    console(stderr=True).print(f"hashmatch: error: {shown(message)}")
    if as_json:
        write_json({"schema": ERROR_SCHEMA, "error": {"type": kind, "message": message}})
