"""A triaged exhibit as a VICS case, which tools of investigators import."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike

from hashmatch.exchange import VicsCase
from hashmatch.report import TriageClass
from hashmatch.triage.classed import ClassedFile
from hashmatch.triage.lists import WrittenList, write_records
from hashmatch.triage.lists_places import RootNames
from hashmatch.triage.lists_records import Records

VICS_CASE_NAME = "vics-case.json"
"""What the file is called where nobody says otherwise."""


def write_vics_case(
    files: Iterable[ClassedFile],
    path: str | PathLike[str],
    *,
    case: VicsCase | str,
    roots: Iterable[bytes] = (),
    classes: Iterable[TriageClass] | None = None,
    region: str = "Default",
    overwrite: bool = False,
) -> WrittenList:
    """Write a VICS 2.0 case: one medium for each content, with every place where it was found.

    Category, Baseline and series are those of ``write_hash_list``; ``IsPrecategorized`` is true
    where a list has the very bytes, false where it has a near copy, and not said otherwise. Tags
    have the class ("triage:unknown"), ``Comments`` how it was found. Flags that nobody has stated
    (victim or offender identified, distributed) are not written. Places begin with the end of
    their root's path; a path that is no UTF-8 has its bytes in ``FilePathHex``.

    Args:
        files: read once, in any order; memory does not grow with their number, but for the places
            of one content.
        case: the case, or its number.
        roots: of the exhibit, as the catalogue has them.
        classes: only files of these; None for all.
        region: decides the category scheme, see ``VicsWriter``.
        overwrite: replace a file that is there.

    Raises:
        InputError: no such region, or a case without a number.
        ExchangeError: the file is there already or can't be written.
    """
    chosen = None if classes is None else frozenset(classes)
    return write_records(
        Records(chosen, roots=RootNames(roots)),
        files,
        path,
        format="vics-2.0",
        region=region,
        case=case,
        overwrite=overwrite,
    )
