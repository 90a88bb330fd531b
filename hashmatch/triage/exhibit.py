"""An exhibit from its roots to its outputs: what is known of it is kept, so any step may be the
last one for today."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from os import fspath
from pathlib import Path

from hashmatch.database import Database
from hashmatch.errors import CatalogueError, InputError
from hashmatch.matching import Calibration, Checker, MatchPolicy
from hashmatch.report import OUTPUTS, Previews, write_report
from hashmatch.scan import (
    FILE_NAME,
    Catalogue,
    Recipe,
    ScanSummary,
    checked_roots,
    require_outside,
    scan_into,
)
from hashmatch.triage.assembling import report_model
from hashmatch.triage.classifying import classify
from hashmatch.triage.copies import group_copies
from hashmatch.triage.decisions import Decisions
from hashmatch.triage.evidence_header import evidence_of
from hashmatch.triage.judging import DatabaseJudge, recipe_for
from hashmatch.triage.order import ExhibitOrder, ExhibitResult
from hashmatch.triage.order_lists import FilesAgain, write_ordered
from hashmatch.triage.previewing import PreviewSource

Told = Callable[[str, str], None]
"""Told of what is done and how far it is; what it raises ends the run."""


def work_exhibit(
    order: ExhibitOrder,
    *,
    db: Database | None = None,
    policy: MatchPolicy | None = None,
    calibration: Calibration | None = None,
    audit: bool = False,
    tell: Told | None = None,
) -> ExhibitResult:
    """Examine every file under the roots, put copies together, class them, and write the outputs.

    Called again with the same folder it goes on where it ended, and reads no unchanged file again.
    Nothing under the roots is written. docs/exhibit.md tells what is in the folder.

    Args:
        order: what is asked.
        db: the database that is asked about each content; None: copies are grouped, that is all.
        policy, calibration: as of ``Checker``.
        audit: log the run, with its counts and the manifest's SHA-256, in the database.
        tell: called now and then.

    Raises:
        InputError: a wrong value; outputs of somebody else are in the folder.
        MediaAccessError: a root is not there or may not be read: nothing was begun.
        CatalogueError: a catalogue can't be read or written (see its subclasses).
        DatabaseError: the database can't be read, or its audit log not written.
        ExchangeError: an output can't be written; the outputs of the run before it stay.
        KeyboardInterrupt: Ctrl-C; what was done until then is kept.
    """
    started = datetime.now(UTC)
    say = tell or (lambda stage, detail: None)
    folder = Path(fspath(order.folder))
    require_outside(folder, checked_roots(order.roots))
    ours = (folder / FILE_NAME).exists()
    if not ours and not order.overwrite:
        _require_free(folder)
    with ExitStack() as stack:
        earlier = [stack.enter_context(_earlier(path, folder)) for path in order.against]
        decisions = Decisions.open(folder)
        judge = checker = digest = None
        if db is not None:
            say("database", "content digest")
            # The run is one entry of the audit log, bound to its matches by the manifest.
            checker = Checker(db, policy, audit=False, calibration=calibration)
            judge = DatabaseJudge(db, checker, calibration=calibration)
            digest = db.content_digest()
        catalogue = stack.enter_context(Catalogue.open(folder, create=True))
        summary = scan_into(
            catalogue,
            order.roots,
            recipe=recipe_of(order, checker),
            workers=order.workers,
            archives=order.archives,
            fresh=order.fresh,
            judge=judge,
            progress=lambda run: say("examining", _so_far(run)),
        )
        grouping = order.grouping
        groups = group_copies(
            catalogue,
            max_distance=grouping.max_distance,
            linkage=grouping.linkage,
            orientations=grouping.orientations,
            bonds=decisions.bonds,
            folder=folder,
            threads=order.workers or 1,
            progress=lambda doing: say("grouping", doing),
        )
        say("classes", f"{len(groups):,} groups of near copies")
        classified = stack.enter_context(
            classify(
                catalogue,
                groups,
                key=None if judge is None else judge.key,
                decisions=decisions,
                earlier=earlier,
                orientations=grouping.orientations,
                folder=folder,
            )
        )
        lists, list_notes = write_ordered(
            order, FilesAgain(classified, say), overwrite=ours or order.overwrite
        )
        evidence = evidence_of(
            catalogue,
            command_line=order.header.command_line,
            started_at=started,
            ended_at=max(started, datetime.now(UTC)),
            examiner=order.header.examiner,
            case=order.header.case,
            exhibit=order.header.exhibit,
            policy=None if checker is None else checker.policy,
            database_revision=None if judge is None else judge.revision,
            database_digest=digest,
        )
        model = report_model(classified, evidence, archives=bool(order.archives), notes=list_notes)
        say("report", f"{classified.n_to_look_at:,} files to look at")
        shown = None
        if order.previews is not Previews.NONE:
            shown = stack.enter_context(PreviewSource(catalogue, workers=order.workers))
        written = write_report(
            model,
            folder,
            previews=order.previews,
            preview_of=shown,
            preview_threads=1 if shown is None else shown.n_workers,
            overwrite=ours or order.overwrite,
            also=lists,
        )
        result = ExhibitResult(
            folder=folder,
            summary=summary,
            ledger=model.ledger,
            classes=model.classes,
            n_groups=written.n_groups,
            n_matches=written.n_matches,
            n_review=written.n_review,
            n_saved=classified.saved,
            notes=model.notes,
            lists=lists,
            manifest_sha256=written.manifest_sha256,
        )
        if db is not None and audit:
            db.record_audit("scan", {**result.to_dict(), "roots": evidence.roots})
    return result


def recipe_of(order: ExhibitOrder, checker: Checker | None) -> Recipe:
    """What has to be computed of each content: for the groups, and for the checker."""
    policy = MatchPolicy() if checker is None else checker.policy
    asked = checker is not None and policy.orientations
    recipe = Recipe(
        decode=order.decode,
        dihedral=order.grouping.orientations or asked,
        interval_s=policy.video.interval_s,
        isolate=order.isolate,
    )
    if checker is not None:
        recipe = recipe_for(checker, recipe)
    if order.interval_s is not None:
        recipe = replace(recipe, interval_s=order.interval_s)
    return recipe


def _require_free(folder: Path) -> None:
    there = [name for name in OUTPUTS if (folder / name).exists()]
    if there:
        raise InputError(
            f"{folder}: {', '.join(there)} is there already, and no catalogue of ours; choose "
            "another folder, or ask to overwrite"
        )


def _earlier(path: str | object, folder: Path) -> Catalogue:
    if Path(str(path)).resolve() == folder.resolve():
        raise InputError(f"against: {path} is the folder of this run")
    catalogue = Catalogue.open(Path(str(path)), read_only=True)
    if not catalogue.runs():
        catalogue.close()
        raise CatalogueError(f"{path}: no run has filled this catalogue")
    return catalogue


def _so_far(run: ScanSummary) -> str:
    done = run.examined + run.copies + run.unchanged + run.linked
    return f"{done:,} done of {run.listed:,} listed so far"
