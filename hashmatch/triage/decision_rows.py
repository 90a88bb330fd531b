"""Decisions for other tools and for colleagues: exact lines, or a table for spreadsheets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from os import PathLike
from pathlib import Path

from hashmatch.errors import InputError
from hashmatch.exchange.atomic import AtomicFile
from hashmatch.fingerprinting import csv_line
from hashmatch.report.row_files import csv_row
from hashmatch.report.rows import Row
from hashmatch.triage.decisions import Decisions

DECISION_COLUMNS = (
    "decision",
    "id",
    "kind",
    "at",
    "examiner",
    "label",
    "group",
    "holds",
    "sha256",
    "path",
    "path_hex",
    "withdraws",
    "note",
)
_BOM = "\ufeff"


def write_decisions(
    decisions: Decisions, path: str | PathLike[str], *, overwrite: bool = False
) -> int:
    """Write all decisions to a file that appears whole or not at all, readable by its owner only.

    Args:
        path: ending in ``.jsonl``: the lines as they are, for ``Decisions.merge``; in ``.csv``: a
            row for each content, with whether the decision holds for it.

    Returns:
        The number of decisions.

    Raises:
        InputError: the name ends in something else.
        ExchangeError: the file is there already, or can't be written.
    """
    suffix = Path(path).suffix
    lines: Iterator[str]
    if suffix == ".jsonl":
        lines = (json.dumps(one.to_dict(), separators=(",", ":")) + "\n" for one in decisions)
    elif suffix == ".csv":
        lines = _csv_lines(decisions)
    else:
        raise InputError(f"path: expected a name that ends in .jsonl or .csv, got {suffix!r}")
    file = AtomicFile(path, overwrite=overwrite)
    try:
        for line in lines:
            file.write(line.encode())
        file.commit()
    except BaseException:
        file.discard()
        raise
    return len(decisions)


def decision_rows(decisions: Decisions) -> Iterator[Row]:
    """A row for each content of each decision, in the order of the file; one of a withdrawal."""
    state = decisions.state
    numbers = {decision.id: decision.number for decision in decisions}
    for decision in decisions:
        label = None if decision.label is None else decision.label.value
        for at, sha256 in enumerate(decision.contents or (None,)):
            holds = state.counts(decision)
            if holds and label is not None and sha256 is not None:
                holds = state.categories[sha256] is decision
            yield {
                "decision": decision.number,
                "id": decision.id,
                "kind": decision.kind.value,
                "at": decision.to_dict()["at"],
                "examiner": decision.examiner,
                "label": label,
                "group": decision.group,
                "holds": holds,
                "sha256": sha256,
                "path": decision.paths[at] if decision.paths else "",
                "path_hex": None,
                "withdraws": numbers.get(decision.withdraws or ""),
                "note": decision.note,
            }


def _csv_lines(decisions: Decisions) -> Iterator[str]:
    yield _BOM + csv_line(DECISION_COLUMNS)
    for row in decision_rows(decisions):
        yield csv_row(row, DECISION_COLUMNS)
