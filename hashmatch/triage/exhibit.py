"""An exhibit from its roots to its outputs: what is known of it is kept, so any step may be the
last one for today."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from hashmatch.database import Database
from hashmatch.errors import CatalogueError, InputError
from hashmatch.fingerprinting.worker import usable_processors
from hashmatch.matching import Calibration, Checker, MatchPolicy
from hashmatch.report import (
    OUTPUTS,
    Evidence,
    Previews,
    ReportModel,
    WrittenReport,
    write_report,
)
from hashmatch.scan import (
    FILE_NAME,
    Catalogue,
    RayCluster,
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
from hashmatch.triage.groups import CopyGroups
from hashmatch.triage.judging import DatabaseJudge, recipe_for
from hashmatch.triage.leftovers import remove_leftovers
from hashmatch.triage.order import ExhibitOrder, ExhibitResult
from hashmatch.triage.order_lists import FilesAgain, write_ordered
from hashmatch.triage.previewing import PreviewSource
from hashmatch.triage.reading_again import EvidenceReader

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
        MissingExtraError: a Ray cluster is asked for, and Ray is not installed.
        ClusterError: there is no such cluster, or its nodes have other versions.
        MediaAccessError: a root is not there or may not be read: nothing was begun.
        CatalogueError: a catalogue can't be read or written (see its subclasses).
        DatabaseError: the database can't be read, or its audit log not written.
        ExchangeError: an output can't be written; the outputs of the run before it stay.
        KeyboardInterrupt: Ctrl-C; what was done until then is kept.
    """
    started = datetime.now(UTC)
    say = tell or (lambda stage, detail: None)
    folder = Path(os.fspath(order.folder))
    require_outside(folder, checked_roots(order.roots))
    replacing = order.overwrite or (folder / FILE_NAME).exists()
    if not replacing:
        _require_free(folder)
    with ExitStack() as stack:
        earlier = [stack.enter_context(_earlier(path, folder)) for path in order.against]
        cluster = None if order.ray is None else stack.enter_context(RayCluster(order.ray))
        decisions = Decisions.open(folder)
        asked = _Asked()
        if db is not None:
            say("database", "content digest")
            asked = _Asked.of(db, policy, calibration)
        catalogue = stack.enter_context(Catalogue.open(folder, create=True))
        remove_leftovers(folder)
        recipe = recipe_of(order, asked.checker)
        summary = scan_into(
            catalogue,
            order.roots,
            recipe=recipe,
            workers=order.workers,
            archives=order.archives,
            fresh=order.fresh,
            judge=asked.judge,
            hands=cluster,
            progress=lambda run: say("examining", _so_far(run)),
        )
        if cluster is not None:
            cluster.close()  # what follows needs this machine's processors
        groups = _grouped(order, catalogue, recipe, decisions, say)
        say("classes", f"{len(groups):,} groups of near copies")
        classified = stack.enter_context(
            classify(
                catalogue,
                groups,
                key=asked.key,
                decisions=decisions,
                earlier=earlier,
                orientations=order.grouping.orientations,
                folder=folder,
            )
        )
        lists, lacking = write_ordered(order, FilesAgain(classified, say), overwrite=replacing)
        evidence = _evidence(order, catalogue, asked, started)
        notes = (*_lost(summary), *lacking)
        model = report_model(classified, evidence, archives=bool(order.archives), notes=notes)
        say("report", f"{classified.n_to_look_at:,} files to look at")
        written = _written(order, catalogue, model, lists, overwrite=replacing)
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
        details = {**result.to_dict(), "roots": list(evidence.roots)}
        db.record_audit("scan", details, revision=evidence.database_revision)
    return result


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who is asked about each content; nobody without a database."""

    checker: Checker | None = None
    judge: DatabaseJudge | None = None
    digest: str | None = None

    @classmethod
    def of(
        cls, db: Database, policy: MatchPolicy | None, calibration: Calibration | None
    ) -> _Asked:
        # The run is one entry of the audit log, which the manifest binds to its matches.
        checker = Checker(db, policy, audit=False, calibration=calibration)
        judge = DatabaseJudge(db, checker, calibration=calibration)
        return cls(checker, judge, db.content_digest())

    @property
    def key(self) -> str | None:
        return None if self.judge is None else self.judge.key


def _grouped(
    order: ExhibitOrder, catalogue: Catalogue, recipe: Recipe, decisions: Decisions, say: Told
) -> CopyGroups:
    grouping = order.grouping
    with ExitStack() as stack:
        again = None
        if grouping.registration:
            again = stack.enter_context(EvidenceReader(catalogue, recipe, workers=order.workers))
        return group_copies(
            catalogue,
            max_distance=grouping.max_distance,
            linkage=grouping.linkage,
            orientations=grouping.orientations,
            registration=grouping.registration,
            fingerprint_of=again,
            bonds=decisions.bonds,
            folder=order.folder,
            threads=order.workers or usable_processors(),
            progress=lambda doing: say("grouping", doing),
        )


def _evidence(
    order: ExhibitOrder, catalogue: Catalogue, asked: _Asked, started: datetime
) -> Evidence:
    header = order.header
    return evidence_of(
        catalogue,
        command_line=header.command_line,
        started_at=started,
        ended_at=max(started, datetime.now(UTC)),
        examiner=header.examiner,
        case=header.case,
        exhibit=header.exhibit,
        policy=None if asked.checker is None else asked.checker.policy,
        database_revision=None if asked.judge is None else asked.judge.revision,
        database_digest=asked.digest,
    )


def _written(
    order: ExhibitOrder,
    catalogue: Catalogue,
    model: ReportModel,
    lists: tuple[str, ...],
    *,
    overwrite: bool,
) -> WrittenReport:
    with ExitStack() as stack:
        shown = None
        if order.previews is not Previews.NONE:
            shown = stack.enter_context(PreviewSource(catalogue, workers=order.workers))
        return write_report(
            model,
            order.folder,
            previews=order.previews,
            preview_of=shown,
            preview_threads=1 if shown is None else shown.n_workers,
            overwrite=overwrite,
            also=lists,
        )


def _lost(summary: ScanSummary) -> Iterator[str]:
    for root in summary.lost:
        yield (
            f"{os.fsdecode(root)} went away while the run was at it: its files are failures here, "
            "what is known of them stays, and the next run goes on."
        )


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
