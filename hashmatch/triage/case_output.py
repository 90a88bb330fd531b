"""A triaged exhibit as a CASE/UCO graph."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike

from hashmatch.report import TriageClass
from hashmatch.triage.classed import ClassedFile
from hashmatch.triage.lists import WrittenList, write_hash_list

CASE_UCO_NAME = "case-uco.jsonld"
"""What the file is called where nobody says otherwise."""

TOLD = frozenset(triage for triage in TriageClass if triage is not TriageClass.IGNORABLE)
"""Everything but what is known to be harmless."""


def write_case_uco(
    files: Iterable[ClassedFile],
    path: str | PathLike[str],
    *,
    case: str | None = None,
    exhibit: str | None = None,
    classes: Iterable[TriageClass] = TOLD,
    overwrite: bool = False,
) -> WrittenList:
    """Write CASE/UCO 1.4: a file for each content with its hashes, class and classification.

    Where it comes from stands in tags ("case:...", "exhibit:...", "triage:..."). Names, paths and
    contents are not in it.

    Args:
        files: read once, in any order.
        case, exhibit: as the header of the report has them.
        classes: only files of these.
        overwrite: replace a file that is there.

    Raises:
        ExchangeError: the file is there already or can't be written.
    """
    origin = (("case", case), ("exhibit", exhibit))
    return write_hash_list(
        files,
        path,
        classes=classes,
        format="case-uco-1.4",
        tags=tuple(f"{name}:{value}" for name, value in origin if value),
        overwrite=overwrite,
    )
