"""What is asked of an exhibit, and what came of it, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from hashmatch.ledger import Ledger
from hashmatch.report import ClassCount, Previews, TriageClass
from hashmatch.scan import ArchiveLimits, ScanSummary
from hashmatch.triage.lists import ListRequest

AnyPath = str | bytes | PathLike[str]
FolderPath = str | PathLike[str]

_MATCHED = frozenset(
    (TriageClass.BASELINE, TriageClass.NATIONAL, TriageClass.OTHER, TriageClass.POSSIBLE)
)


@dataclass(frozen=True, slots=True)
class Grouping:
    """How copies are put together; see ``group_copies``."""

    max_distance: int = 20
    linkage: str = "complete"
    orientations: bool = True
    registration: bool = False


@dataclass(frozen=True, slots=True)
class Header:
    """Who, which case, which exhibit, and by which command; stands in the report's head."""

    examiner: str | None = None
    case: str | None = None
    exhibit: str | None = None
    command_line: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExhibitOrder:
    """What is asked.

    Attributes:
        roots: folders and files, see ``scan_into``.
        folder: of the catalogue, the decisions and the outputs; within none of the roots.
        grouping: how copies are put together.
        decode: "exact" or "fast", of pictures.
        interval_s: one frame of a video is taken for each so many seconds; the policy's if None.
        isolate: decode in worker processes, under the limits of ``Limits``.
        workers: files decoded at once; the number of usable processors if None.
        ray: address of a Ray cluster that examines the files, or "local" for one on this machine;
            None: this process does.
        archives: look into archives too.
        fresh: forget what earlier runs did; decisions stay.
        against: folders of earlier batches.
        previews: what the report shows.
        vics_case, case_uco: write these files too.
        region: of VICS files, see ``VicsWriter``.
        lists: hash lists of classes to be written too.
        header: who, which case, which exhibit, by which command line.
        overwrite: replace outputs that no run of ours has left in the folder.
    """

    roots: tuple[AnyPath, ...]
    folder: FolderPath
    grouping: Grouping = field(default_factory=Grouping)
    decode: str = "exact"
    interval_s: float | None = None
    isolate: bool = True
    workers: int | None = None
    ray: str | None = None
    archives: bool | ArchiveLimits = False
    fresh: bool = False
    against: tuple[FolderPath, ...] = ()
    previews: Previews = Previews.NONE
    vics_case: bool = False
    case_uco: bool = False
    region: str = "Default"
    lists: tuple[ListRequest, ...] = ()
    header: Header = field(default_factory=Header)
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class ExhibitResult:
    """What came of an order.

    Attributes:
        folder: of the outputs.
        summary: of the scan.
        ledger: every item under the roots.
        classes: files by class.
        n_groups, n_matches, n_review: entries of the report.
        n_saved: files of some class that need no look.
        notes: what a reader has to know.
        lists: paths below the folder of lists and case files.
        manifest_sha256: to be noted elsewhere.
    """

    folder: Path
    summary: ScanSummary
    ledger: Ledger
    classes: tuple[ClassCount, ...]
    n_groups: int
    n_matches: int
    n_review: int
    n_saved: int
    notes: tuple[str, ...]
    lists: tuple[str, ...]
    manifest_sha256: str

    @property
    def n_to_look_at(self) -> int:
        """Files that a person has to look at."""
        return sum(count.files for count in self.classes if count.triage.to_look_at)

    @property
    def matched(self) -> bool:
        """Whether any file is known, or may be."""
        return any(count.files and count.triage in _MATCHED for count in self.classes)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        run = self.summary
        return {
            "folder": str(self.folder),
            "listed": run.listed,
            "examined": run.examined,
            "copies": run.copies,
            "unchanged": run.unchanged,
            "linked": run.linked,
            "members": run.members,
            "new": run.new,
            "changed": run.changed,
            "gone": run.gone,
            "classes": [
                {"triage": c.triage.value, "files": c.files, "size": c.size} for c in self.classes
            ],
            "groups": self.n_groups,
            "matches": self.n_matches,
            "review": self.n_review,
            "to_look_at": self.n_to_look_at,
            "saved": self.n_saved,
            "notes": list(self.notes),
            "lists": list(self.lists),
            "manifest_sha256": self.manifest_sha256,
        }
