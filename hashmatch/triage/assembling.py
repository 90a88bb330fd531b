"""A classification as the model of a report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hashmatch.report import Evidence, ReportModel
from hashmatch.triage.classification import Classification

_MOST_GATES = 5


def report_model(
    classification: Classification,
    evidence: Evidence,
    *,
    archives: bool = True,
    notes: Iterable[str] = (),
) -> ReportModel:
    """All that a report says; its streams are read from the catalogue while it is written.

    Args:
        classification: to be closed after the report is written.
        evidence: its head.
        archives: whether the run looked into archives.
        notes: of the caller; they come first.

    Raises:
        CatalogueError: the catalogue can't be read.
    """
    return ReportModel(
        evidence=evidence,
        ledger=classification.sources.catalogue.ledger(),
        classes=classification.counts,
        groups=classification.groups(),
        matches=classification.matches(),
        review=classification.review(),
        notes=(*notes, *notes_of(classification, archives=archives)),
    )


def notes_of(classification: Classification, *, archives: bool = True) -> Iterator[str]:
    """What a reader has to know of how the classes came about."""
    sources = classification.sources
    catalogue = sources.catalogue
    if not catalogue.complete:
        yield "The run was stopped before its end: what it did not reach is not in this report."
    pending = catalogue.pending()
    if pending:
        yield f"{pending:,} files are left out: they were examined in another way, by another run."
    gone = catalogue.gone()
    if gone:
        yield f"{gone:,} files that an earlier run met are not there any more."
    if not archives:
        named = f" {n:,} files have names of archives." if (n := sources.items.n_archives) else ""
        yield f"Archives were not looked into.{named}"
    yield from sources.groups.notes
    if sources.seen.names:
        yield f"Compared with earlier batches: {', '.join(sources.seen.names)}."
    if sources.decided:
        yield f"{len(sources.decided):,} contents have a decision of an examiner."
    yield from _of_verdicts(classification)


def _of_verdicts(classification: Classification) -> Iterator[str]:
    sources = classification.sources
    verdicts = sources.verdicts
    if not sources.judged:
        return
    unasked = len(sources.table) - verdicts.n
    if unasked:
        yield f"{unasked:,} contents were not compared with the database."
    if len(verdicts.revisions) > 1:
        told = (f"{n:,} at revision {r}" for r, n in sorted(verdicts.revisions.items()))
        yield f"The database changed meanwhile; contents were compared with it {', '.join(told)}."
    frequent = sorted(verdicts.gates.items(), key=lambda gate: (-gate[1], gate[0]))
    for gate, n in frequent[:_MOST_GATES]:
        yield f"Not compared, for {n:,} contents: {gate}."
    if len(frequent) > _MOST_GATES:
        rest = len(frequent) - _MOST_GATES
        yield f"{rest:,} more kinds of what was not compared are with the verdicts."
