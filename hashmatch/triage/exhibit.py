"""An exhibit from its roots to its outputs: what is known of it is kept, so any step may be the
last one for today."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from hashmatch.database import Database
from hashmatch.ledger import Ledger
from hashmatch.matching import Checker
from hashmatch.report import ClassCount, Previews, write_report
from hashmatch.scan import ArchiveLimits, Catalogue, Recipe, ScanSummary, scan_into

Told = Callable[[str, str], None]
"""Told of a stage and how far it is; may raise to end the run."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """How copies are put together; see ``group_copies``."""

    max_distance: int = 20
    linkage: str = "complete"
    orientations: bool = True
    registration: bool = False


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
        archives: look into archives too.
        fresh: forget what earlier runs did; decisions stay.
        against: folders of earlier batches.
        previews: what the report shows.
        vics_case, case_uco: write these files too.
        lists: hash lists of classes to be written too.
        header: who, which case, which exhibit, by which command line.
        overwrite: replace outputs that no run of ours has left in the folder.
    """

    roots: tuple[str | bytes | PathLike[str], ...]
    folder: str | PathLike[str]
    grouping: Grouping = field(default_factory=Grouping)
    decode: str = "exact"
    interval_s: float | None = None
    isolate: bool = True
    workers: int | None = None
    archives: bool | ArchiveLimits = False
    fresh: bool = False
    against: tuple[str | PathLike[str], ...] = ()
    previews: Previews = Previews.NONE
    vics_case: bool = False
    case_uco: bool = False
    lists: tuple[ListWish, ...] = ()
    header: Header = field(default_factory=Header)
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class ExhibitResult:
    """What came of an order.

    Attributes:
        summary: of the scan.
        ledger: every item under the roots.
        classes: files by class.
        n_to_look_at, n_saved: files that a person has to look at, and media that need no look.
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
    n_to_look_at: int
    n_saved: int
    notes: tuple[str, ...]
    lists: tuple[str, ...]
    manifest_sha256: str

    @property
    def matched(self) -> bool:
        """Whether any file is known, or possibly."""
        return self.n_matches > 0

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        raise NotImplementedError
