"""Hash lists of a triaged exhibit, by class, in any format that is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from os import PathLike, fspath
from pathlib import Path, PurePosixPath
from typing import Any

from hashmatch.errors import ExchangeError, InputError
from hashmatch.exchange import open_writer
from hashmatch.exchange.formats import FAMILIES
from hashmatch.exchange.vics_members import FORMATS as VICS_FORMATS
from hashmatch.exchange.vics_members import MemberWriter, member_writer
from hashmatch.ledger import Ledger
from hashmatch.report import OUTPUTS, TriageClass
from hashmatch.report.staging import MANIFEST, PAGES
from hashmatch.triage.classed import ClassedFile
from hashmatch.triage.lists_records import Records
from hashmatch.types import HashRecord, Label

_ONE_VIDEO = frozenset(("tmk", "vpdq-text", "vpdq-json"))
LIST_FORMATS: tuple[str, ...] = tuple(
    sorted({name for family in FAMILIES for name in family.writers} - _ONE_VIDEO)
)
"""Formats of lists; those of which a file holds one video are none."""


@dataclass(frozen=True, slots=True)
class ListRequest:
    """One list to be written.

    Attributes:
        path: below the outputs' folder, with ``/``.
        format: of ``LIST_FORMATS``.
        classes: only files of these; None for all.

    Raises:
        InputError: no such format, no class, or a path that leads elsewhere or is an output of
            the report.
    """

    path: str
    format: str = "vics-2.0"
    classes: frozenset[TriageClass] | None = None

    def __post_init__(self) -> None:
        checked_format(self.format)
        checked_output(self.path)
        if self.classes is not None and not self.classes:
            raise InputError("classes: expected at least one, got none")


@dataclass(frozen=True, slots=True)
class WrittenList:
    """What was written.

    Attributes:
        path: as it was given.
        n_contents: entries, one for each content.
        n_files: files that they are of.
        ledger: of entries: what the format could not carry is rejected, or done with a note. Files
            without a content (not readable, empty) are rejected too.
    """

    path: str
    format: str
    n_contents: int
    n_files: int
    ledger: Ledger


def write_lists(
    files: Iterable[ClassedFile],
    folder: str | PathLike[str],
    requests: Iterable[ListRequest],
    *,
    region: str = "Default",
    overwrite: bool = False,
) -> tuple[WrittenList, ...]:
    """Write several lists below a folder; their paths are what ``write_report(also=...)`` takes.

    Args:
        files: can be started again; read once for each list.
        region, overwrite: as of ``write_hash_list``.

    Raises:
        InputError: two lists of one path.
        ExchangeError: as of ``write_hash_list``; lists before that one are there.
    """
    wanted = list(requests)
    names = [PurePosixPath(request.path) for request in wanted]
    if len(set(names)) != len(names):
        raise InputError("requests: expected each path once")
    made = []
    for request in wanted:
        place = Path(folder, request.path)
        try:
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ExchangeError(f"can't write {place}: {error.strerror}") from error
        written = write_hash_list(
            files,
            place,
            classes=request.classes,
            format=request.format,
            region=region,
            overwrite=overwrite,
        )
        made.append(replace(written, path=request.path))
    return tuple(made)


def write_hash_list(
    files: Iterable[ClassedFile],
    path: str | PathLike[str],
    *,
    classes: Iterable[TriageClass] | None = None,
    format: str = "vics-2.0",
    region: str = "Default",
    tags: tuple[str, ...] = (),
    overwrite: bool = False,
) -> WrittenList:
    """Write the contents of some classes as a hash list, sorted: the same files, the same bytes.

    What lists know has their label, what is decided the examiner's, known ignorable files say so;
    everything else is ``UNCATEGORIZED``, which is never "harmless". A label that the format's
    scheme has no code for stands as a tag ("label:csam"). Nothing says where a file lay.

    Args:
        files: read once, in any order; memory does not grow with their number.
        classes: None for all.
        region: of VICS, see ``VicsWriter``.
        tags: put on every entry, beside "triage:<class>".
        overwrite: replace a file that is there.

    Raises:
        InputError: no such format or region.
        ExchangeError: the file is there already or can't be written.
    """
    checked_format(format)
    records = Records(
        None if classes is None else frozenset(classes), tags=tags, frames=format == "jsonl"
    )
    options: dict[str, Any] = {"region": region} if format in VICS_FORMATS else {}
    return write_records(records, files, path, format=format, overwrite=overwrite, **options)


def write_records(
    records: Records,
    files: Iterable[ClassedFile],
    path: str | PathLike[str],
    *,
    format: str,
    **options: Any,
) -> WrittenList:
    """What all of these have in common; ``options`` are those of the format's writer."""
    with open_writer(path, format=format, **options) as writer:
        for record in _fitting(records, files, format, options):
            writer.write(record)
    ledger = writer.ledger
    n_contents = ledger.done
    ledger.rejected += records.counted.rejected
    ledger.reasons.update(records.counted.reasons)
    return WrittenList(fspath(path), format, n_contents, records.n_files, ledger)


def checked_format(format: str) -> None:
    """Raises InputError where no list of that format is written."""
    if format not in LIST_FORMATS:
        raise InputError(f"format: expected one of {', '.join(LIST_FORMATS)}, got {format!r}")


def checked_output(path: str) -> None:
    """Raises InputError for a path that leads out of the folder, or is the report's own."""
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\0" in path:
        raise InputError(f"path: expected one below the folder of the outputs, got {path!r}")
    if parts[0] in (*OUTPUTS, MANIFEST, PAGES):
        raise InputError(f"path: {path} is an output of the report itself")


def _fitting(
    records: Records, files: Iterable[ClassedFile], format: str, options: dict[str, Any]
) -> Iterator[HashRecord]:
    if format not in VICS_FORMATS:
        yield from records.of(files)
        return
    members = member_writer(
        format,
        "case" if "case" in options else "hash-set",
        region=options["region"],
        schemes=None,
        extra=True,
    )
    for record in records.of(files):
        yield _with_code(record, members, records.counted)


def _with_code(record: HashRecord, members: MemberWriter, counted: Ledger) -> HashRecord:
    """Countries whose codes are not public have none for a label: it must not cost the entry."""
    label = record.opinion.label
    if label is Label.UNCATEGORIZED or members.refusal(record) is None:
        return record
    counted.reasons["done", f"no code for {label} in {members.scheme}: a tag says it"] += 1
    tags = (*record.opinion.tags, f"label:{label.value}")
    opinion = replace(record.opinion, label=Label.UNCATEGORIZED, tags=tags)
    return replace(record, opinion=opinion)
