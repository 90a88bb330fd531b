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
        yield f"Left out, as another run examined them in another way: {_files(pending)}."
    gone = catalogue.gone()
    if gone:
        yield f"Not there any more, and met by an earlier run: {_files(gone)}."
    if not archives:
        n = sources.items.n_archives
        named = f"; {_files(n)} with a name of such" if n else ""
        yield f"Archives were not looked into{named}."
    yield from sources.groups.notes
    if sources.seen.names:
        yield f"Compared with earlier batches: {', '.join(sources.seen.names)}."
    if sources.decided:
        yield f"Decided by examiners: {_contents(len(sources.decided))}."
    yield from _of_verdicts(classification)


def _of_verdicts(classification: Classification) -> Iterator[str]:
    sources = classification.sources
    verdicts = sources.verdicts
    if not sources.judged:
        return
    unasked = len(sources.table) - verdicts.n
    if unasked:
        yield f"Not compared with the database: {_contents(unasked)}."
    if len(verdicts.revisions) > 1:
        told = (f"{_contents(n)} at revision {r}" for r, n in sorted(verdicts.revisions.items()))
        yield f"The database changed meanwhile; compared were {', '.join(told)}."
    frequent = sorted(verdicts.gates.items(), key=lambda gate: (-gate[1], gate[0]))
    for gate, n in frequent[:_MOST_GATES]:
        yield f"Left out of the comparison of {_contents(n)}: {gate}."
    if len(frequent) > _MOST_GATES:
        yield f"Left out for other reasons too, of which there are {len(frequent) - _MOST_GATES:,}."


def _files(n: int) -> str:
    return f"{n:,} file{'' if n == 1 else 's'}"


def _contents(n: int) -> str:
    return f"{n:,} content{'' if n == 1 else 's'}"
