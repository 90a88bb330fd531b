"""Converting a list to another format, file to file, in bounded memory and without a database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from hashmatch.errors import ExchangeError, InputError
from hashmatch.exchange.base import INCOMPLETE, ListInfo, Reader
from hashmatch.exchange.formats import is_read, open_reader, open_writer
from hashmatch.exchange.jsonl_lines import FORMAT as JSONL
from hashmatch.exchange.jsonl_write import JsonlWriter
from hashmatch.exchange.list_titles import describe
from hashmatch.exchange.rejects_file import RejectsFile
from hashmatch.exchange.sorting import sorted_records
from hashmatch.exchange.survey import ListSurvey
from hashmatch.ledger import Ledger
from hashmatch.types import Deletion, HashRecord, Label, Reject

PROGRESS_EVERY = 1_000
OnItem = Callable[[HashRecord | Reject | Deletion], None]
Progress = Callable[[int, int], None]
"""(bytes read, bytes of the list)."""


@dataclass(frozen=True, slots=True)
class Carried:
    """How many records of the list, and how many of the file that was written, state a field.

    Attributes:
        field: "md5", "baseline", "hash: pdq", "label: csam", "other: <member>".
        read: of the list.
        written: of the file, as it reads; None where it was not read back.
    """

    field: str
    read: int
    written: int | None


@dataclass(frozen=True, slots=True)
class ConvertReport:
    """What a conversion did; ``ledger`` accounts for every record, deletion and reject of the list.

    Attributes:
        source, target: the files.
        info: what the list says of itself.
        title: what the list is, in words.
        to: format of the file that was written.
        records, deletions, rejected, field_rejects: of the list.
        written: records of the file that was written, as it reads; None where it was not read back.
        problem: why the list is not complete, where one that is cut short was salvaged.
        fields: what the target carries, the most frequent field of the list first; of labels also
            those that only the written file has.
        rejects: what the reader refused, by reason with examples.
        warnings: tolerated defects of the list, by text.
    """

    source: str
    target: str
    info: ListInfo
    title: str
    to: str
    records: int
    deletions: int
    rejected: int
    field_rejects: int
    written: int | None
    problem: str | None
    fields: tuple[Carried, ...]
    rejects: list[dict[str, Any]]
    warnings: dict[str, int]
    ledger: Ledger

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "source": self.source,
            "target": self.target,
            "title": self.title,
            "format": self.info.format,
            "scheme": self.info.scheme,
            "to": self.to,
            "records": self.records,
            "deletions": self.deletions,
            "rejected": self.rejected,
            "field_rejects": self.field_rejects,
            "written": self.written,
            "complete": self.problem is None,
            "problem": self.problem,
            "fields": [
                {"field": row.field, "read": row.read, "written": row.written}
                for row in self.fields
            ],
            "rejects": self.rejects,
            "warnings": self.warnings,
            "ledger": self.ledger.to_dict(),
        }


def convert_list(
    path: str | PathLike[str],
    target: str | PathLike[str],
    *,
    to: str,
    writing: Mapping[str, Any] | None = None,
    max_rejects: int | None = None,
    rejects_path: str | PathLike[str] | None = None,
    read_back: bool = True,
    on_item: OnItem | None = None,
    on_progress: Progress | None = None,
    **reading: Any,
) -> ConvertReport:
    """Write the records of one list as a list of another format.

    The file is sorted as the target asks for, by an external sort that holds about 128 MiB
    (``sorting.MAX_WEIGHT``); our own JSONL keeps the list's order. Nothing appears at ``target``
    when this raises.

    Args:
        path: the list.
        target: the file to write.
        to: name of a format that is written.
        writing: options of the target's writer, such as ``overwrite`` and ``region``.
        max_rejects: refused records after which the conversion is given up; None for no limit.
        rejects_path: a new file for everything that was refused; see ``RejectsFile``.
        read_back: whether the written file is read to count what it carries.
        on_item: told of every item of the list, refused ones included.
        on_progress: called now and then with (bytes read, bytes of the list).
        reading: those of ``open_reader``.

    Raises:
        Those of ``open_reader``, of its reader, and of ``open_writer``.
        ExchangeError: more than ``max_rejects`` records were refused.
        InputError: ``target`` is the list itself.
    """
    if Path(target).exists() and Path(target).samefile(path):
        raise InputError(f"target: expected another file than the list, got {fspath(target)}")
    options = dict(writing or {})
    ledger = Ledger()
    with ListSurvey(repeats=False) as survey:
        with RejectsFile(rejects_path) as refused, open_reader(path, **reading) as reader:
            items = _items(reader, survey, ledger, refused, max_rejects, on_item, on_progress)
            if to == JSONL:
                of_writer = _copy(items, target, reader.info, options)
            else:
                of_writer = _sort(items, target, to, options, ledger)
            info, warnings = reader.info, dict(sorted(reader.warnings.items()))
        _add(ledger, of_writer, f"not in {to}")
        after = _read_back(target, to, reading, of_writer) if read_back and is_read(to) else None
        return ConvertReport(
            source=fspath(path),
            target=fspath(target),
            info=info,
            title=describe(info, survey.schemes()),
            to=to,
            records=survey.records,
            deletions=survey.deletions,
            rejected=survey.rejects.records,
            field_rejects=survey.rejects.fields,
            written=None if after is None else after.records,
            problem=info.facts.get(INCOMPLETE),
            fields=_carried(survey, after),
            rejects=survey.rejects.to_list(),
            warnings=warnings,
            ledger=ledger,
        )


def _items(
    reader: Reader,
    survey: ListSurvey,
    ledger: Ledger,
    refused: RejectsFile,
    max_rejects: int | None,
    on_item: OnItem | None,
    on_progress: Progress | None,
) -> Iterator[HashRecord | Deletion]:
    """What is to be written; the rest goes to the ledger."""
    for number, item in enumerate(reader):
        survey.add(item)
        refused.add_from((item,))
        if on_item is not None:
            on_item(item)
        if on_progress is not None and number % PROGRESS_EVERY == 0:
            on_progress(reader.bytes_read, reader.total_bytes)
        if isinstance(item, Reject):
            ledger.add_rejected(f"not read: {item.reason}")
            if max_rejects is not None and survey.rejects.records > max_rejects:
                raise ExchangeError(
                    f"expected at most {max_rejects} refused records, got more; the last one at "
                    f"{item.position}: {item.reason}; nothing was written"
                )
        else:
            yield item


def _copy(
    items: Iterator[HashRecord | Deletion],
    target: str | PathLike[str],
    origin: ListInfo,
    options: dict[str, Any],
) -> Ledger:
    """Everything, in the list's own order."""
    with JsonlWriter(target, origin=origin, **options) as writer:
        for item in items:
            writer.write(item)
    return writer.ledger


def _sort(
    items: Iterator[HashRecord | Deletion],
    target: str | PathLike[str],
    to: str,
    options: dict[str, Any],
    ledger: Ledger,
) -> Ledger:
    """Records in the order of ``sort_key``; deletions go to the ledger."""

    def records() -> Iterator[HashRecord]:
        for item in items:
            if isinstance(item, HashRecord):
                yield item
            else:
                ledger.add_rejected("a deletion, which the target has no place for")

    with open_writer(target, format=to, **options) as writer:
        for record in sorted_records(records()):
            writer.write(record)
    return writer.ledger


def _add(ledger: Ledger, of_writer: Ledger, why: str) -> None:
    ledger.done += of_writer.done
    ledger.low_information += of_writer.low_information
    ledger.rejected += of_writer.rejected
    ledger.failed += of_writer.failed
    for (outcome, reason), count in of_writer.reasons.items():
        text = reason if outcome == "done" else f"{why}: {reason}"
        ledger.reasons[outcome, text] += count


def _carried(before: ListSurvey, after: ListSurvey | None) -> tuple[Carried, ...]:
    """Fields of the list; labels of both, for a label that only the target has is a change."""
    written = None if after is None else after.fields()
    rows = [
        Carried(name, count, None if written is None else written[name])
        for name, count in before.fields().items()
    ]
    for label in Label:
        read = before.labels[label]
        found = None if after is None else after.labels[label]
        if (read or found) and label is not Label.UNCATEGORIZED:
            rows.append(Carried(f"label: {label}", read, found))
    return tuple(sorted(rows, key=lambda row: (-row.read, row.field)))


def _read_back(
    target: str | PathLike[str], to: str, reading: Mapping[str, Any], of_writer: Ledger
) -> ListSurvey:
    """Count what the written file says."""
    options = {"schemes": reading["schemes"]} if reading.get("schemes") is not None else {}
    with ListSurvey(repeats=False) as survey:
        if not of_writer.done:
            return survey  # the file may be empty, which no reader takes
        with open_reader(target, format=to, **options) as reader:
            for item in reader:
                survey.add(item)
    return survey
