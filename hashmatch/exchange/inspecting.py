"""Inspecting a list: all that can be said about it before it is imported. Nothing is stored."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from hashmatch.errors import ExchangeError
from hashmatch.exchange.base import INCOMPLETE, ListInfo
from hashmatch.exchange.formats import open_reader
from hashmatch.exchange.list_titles import describe
from hashmatch.exchange.source import foreign_errors
from hashmatch.exchange.survey import ListSurvey, WhyNotMatchable

Progress = Callable[[int, int], None]
"""(bytes read, bytes of the file)."""
PROGRESS_EVERY = 1_000
"""Records between two calls of ``on_progress``."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a list is and holds.

    Attributes:
        path: the file.
        size: its bytes.
        sha256: of the whole file, lower-case hex: the same file is the same list.
        info: what the list says of itself.
        title: ``info`` in words.
        problem: why reading ended before the end of the list; None where it is complete. The
            counts are then of what came before.
        survey: the counts, as JSON-ready values.
        warnings: tolerated defects, by text.
    """

    path: str
    size: int
    sha256: str
    info: ListInfo
    title: str
    problem: str | None
    survey: dict[str, Any]
    warnings: dict[str, int]

    @property
    def complete(self) -> bool:
        return self.problem is None

    @property
    def rejected(self) -> int:
        """Records of which nothing can be kept."""
        return int(self.survey["rejected"])

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "path": self.path,
            "size": self.size,
            "sha256": self.sha256,
            "title": self.title,
            "format": self.info.format,
            "document": self.info.document,
            "context": self.info.context,
            "scheme": self.info.scheme,
            "facts": dict(sorted(self.info.facts.items())),
            "complete": self.complete,
            "problem": self.problem,
            **self.survey,
            "warnings": self.warnings,
        }


def inspect_list(
    path: str | PathLike[str],
    *,
    why_not_matchable: WhyNotMatchable | None = None,
    on_progress: Progress | None = None,
    **options: Any,
) -> Inspection:
    """Read a whole list and count what is in it, in bounded memory.

    Args:
        path: the list.
        why_not_matchable: (algorithm, value, quality) to the reason why a perceptual hash is never
            matched, or None.
        on_progress: called now and then with (bytes read, bytes of the file).
        options: those of ``open_reader``.

    Raises:
        Those of ``open_reader``. An error after that is the inspection's ``problem``.
    """
    problem = None
    with (
        open_reader(path, **options) as reader,
        ListSurvey(why_not_matchable) as survey,
    ):
        try:
            for number, item in enumerate(reader):
                survey.add(item)
                if on_progress is not None and number % PROGRESS_EVERY == 0:
                    on_progress(reader.bytes_read, reader.total_bytes)
        except ExchangeError as error:
            problem = str(error)
        problem = problem or reader.info.facts.get(INCOMPLETE)
        counts = _counts(survey)
        schemes = survey.schemes()
        info, size = reader.info, reader.total_bytes
        warnings = dict(sorted(reader.warnings.items()))
    return Inspection(
        path=fspath(path),
        size=size,
        sha256=_sha256(Path(path)),
        info=info,
        title=describe(info, schemes),
        problem=problem,
        survey=counts,
        warnings=warnings,
    )


def _sha256(path: Path) -> str:
    with foreign_errors(f"can't read {path}"), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _counts(survey: ListSurvey) -> dict[str, Any]:
    """The survey as JSON-ready values; counts of names, the most frequent first."""
    rejects = survey.rejects
    return {
        "seen": survey.records + survey.deletions + rejects.records,
        "records": survey.records,
        "deletions": survey.deletions,
        "rejected": rejects.records,
        "rejected_reasons": _ranked(rejects.record_reasons),
        "field_rejects": rejects.fields,
        "fields": _ranked(survey.fields()),
        "labels": _ranked({label.value: n for label, n in survey.labels.items()}),
        "categories": [
            {"scheme": scheme, "category": raw, "label": label.value, "count": count}
            for (scheme, raw, label), count in sorted(
                survey.categories.items(),
                key=lambda pair: (-pair[1], pair[0][0], pair[0][1] or "", pair[0][2]),
            )
        ],
        "more_categories": survey.more_categories,
        "flags": {
            name: {
                "yes": counts[True],
                "no": counts[False],
                "unknown": survey.records - counts[True] - counts[False],
            }
            for name, counts in survey.flags().items()
        },
        "kinds": _ranked(survey.kinds),
        "mimes": _ranked(survey.mimes),
        "hashes": {name: counts.to_dict() for name, counts in sorted(survey.hashes.items())},
        "dates": survey.dates.to_dict(),
        "repeats": survey.repeats(),
        "deletion_reasons": _ranked(survey.deletion_reasons),
        "rejects": rejects.to_list(),
    }


def _ranked(counts: dict[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
