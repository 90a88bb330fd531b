"""The lists and case files that an order asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from hashmatch.scan import checked_roots
from hashmatch.triage.case_output import CASE_UCO_NAME, write_case_uco
from hashmatch.triage.classed import ClassedFile
from hashmatch.triage.classification import Classification
from hashmatch.triage.lists import WrittenList, write_lists
from hashmatch.triage.order import ExhibitOrder
from hashmatch.triage.vics_output import VICS_CASE_NAME, write_vics_case

_TOLD_EACH = 1000


class FilesAgain:
    """The classed files, from the beginning each time that somebody asks for them."""

    def __init__(self, classified: Classification, say: Callable[[str, str], None]) -> None:
        self._classified = classified
        self._say = say

    def __iter__(self) -> Iterator[ClassedFile]:
        for n, file in enumerate(self._classified.files()):
            if n % _TOLD_EACH == 0:
                self._say("lists", f"{n:,} files")
            yield file


def write_ordered(
    order: ExhibitOrder, files: FilesAgain, *, overwrite: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Write what is asked for below the order's folder.

    Returns:
        Paths below the folder, and what could not be carried, in words.
    """
    folder, header = Path(order.folder), order.header
    made: list[tuple[str, WrittenList]] = []
    if order.vics_case:
        case = write_vics_case(
            files,
            folder / VICS_CASE_NAME,
            case=header.case or header.exhibit or "exhibit",
            roots=checked_roots(order.roots),
            region=order.region,
            overwrite=overwrite,
        )
        made.append((VICS_CASE_NAME, case))
    if order.case_uco:
        graph = write_case_uco(
            files,
            folder / CASE_UCO_NAME,
            case=header.case,
            exhibit=header.exhibit,
            overwrite=overwrite,
        )
        made.append((CASE_UCO_NAME, graph))
    lists = write_lists(files, folder, order.lists, region=order.region, overwrite=overwrite)
    made += [(one.path, one) for one in lists]
    return tuple(path for path, _ in made), tuple(_lacking(made))


def _lacking(made: list[tuple[str, WrittenList]]) -> Iterator[str]:
    """What a format could not carry."""
    for path, written in made:
        for (outcome, reason), count in sorted(written.ledger.reasons.items()):
            yield f"{path}: {outcome}: {reason}: {count:,}"
