"""A model to its files: each stream is read once, and everything appears together at the end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import StrEnum
from itertools import islice
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from hashmatch.errors import ExchangeError, InputError, InputTypeError
from hashmatch.report.charts import Distributions
from hashmatch.report.manifest import digest_of, manifest_bytes
from hashmatch.report.model import Group, MatchEntry, ReportModel
from hashmatch.report.page import render
from hashmatch.report.preview_asking import PreviewAsker, PreviewOf
from hashmatch.report.previews import Preview
from hashmatch.report.row_files import RowFiles
from hashmatch.report.rows import (
    GROUP_COLUMNS,
    MATCH_COLUMNS,
    REVIEW_COLUMNS,
    group_rows,
    match_row,
    review_row,
)
from hashmatch.report.sections import MOST_MEMBERS, Section
from hashmatch.report.shares import share_of
from hashmatch.report.staging import MANIFEST, OutputFile, Staging

REPORT = "report.html"
OUTPUTS = (
    REPORT,
    "review.jsonl",
    "review.csv",
    "matches.jsonl",
    "matches.csv",
    "groups.jsonl",
    "groups.csv",
)
"""What is always written, beside ``manifest.json`` and the folder ``pages`` of large sets."""


class Previews(StrEnum):
    """Whether a report holds pictures."""

    NONE = "none"
    BLURRED = "blurred"
    """Small, grey, strongly blurred; a person looks at one at a time, by a deliberate act."""


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """What was written.

    Attributes:
        files: all outputs with their SHA-256, sorted by path; the manifest is not among them.
        manifest_sha256: to be noted elsewhere, in the audit log say.
    """

    folder: Path
    files: tuple[OutputFile, ...]
    manifest_sha256: str
    n_groups: int
    n_matches: int
    n_review: int


def write_report(
    model: ReportModel,
    folder: str | PathLike[str],
    *,
    previews: Previews | str = Previews.NONE,
    preview_of: PreviewOf | None = None,
    preview_threads: int = 1,
    overwrite: bool = False,
    also: Iterable[str] = (),
) -> WrittenReport:
    """Write ``report.html``, the tables and ``manifest.json`` into a folder.

    Memory does not grow with the streams, but for one number a page. Files known from lists are
    never shown, with previews or without.

    Args:
        model: its streams are used up.
        folder: made if it is missing. What else lies there is left alone.
        preview_of: asked for each group's representative and each file to look at.
        preview_threads: how many threads ask it at once.
        overwrite: replace the outputs of an earlier run.
        also: paths below the folder of outputs by others, for the manifest.

    Raises:
        ExchangeError: an output is there already, one of ``also`` is not, or the folder can't be
            written; then none of the new outputs is there. After an error in the middle of
            replacing there is no manifest.
        InputError: no such kind of previews, or previews without ``preview_of``.
        InputTypeError: ``folder`` is no path.
    """
    if not isinstance(folder, (str, PathLike)) or not isinstance(fspath(folder), str):
        raise InputTypeError(f"folder: expected str or PathLike, got {type(folder).__name__}")
    if previews not in list(Previews):
        raise InputError(f"previews: expected one of {', '.join(Previews)}, got {previews!r}")
    if previews == Previews.NONE:
        preview_of = None
    elif preview_of is None:
        raise InputError("preview_of: expected a function where previews are asked for")
    target = Path(folder)
    others = [_other(target, name) for name in also]
    with (
        Staging(target, OUTPUTS, overwrite=overwrite) as staging,
        PreviewAsker(preview_of, preview_threads) as asker,
    ):
        writer = _Writer(staging, model, asker, has_previews=preview_of is not None)
        writer.write_streams(model)
        writer.write_index(model, [file.path for file in others])
        files = tuple(sorted([*staging.finished, *others], key=lambda file: file.path))
        staging.write(MANIFEST, manifest_bytes(model, str(previews), files))
        manifest = staging.finished[-1]
        staging.commit()
    return WrittenReport(
        target,
        files,
        manifest.sha256,
        writer.groups.n,
        writer.matches.n,
        writer.review.n,
    )


def _other(folder: Path, name: str) -> OutputFile:
    if name in (*OUTPUTS, MANIFEST):
        raise InputError(f"also: {name} is an output of the report itself")
    try:
        return digest_of(folder, name)
    except OSError as error:
        raise ExchangeError(f"can't read {folder / name}: {error.strerror or error}") from error


class _Writer:
    """The three sections, each with its table."""

    def __init__(
        self, staging: Staging, model: ReportModel, asker: PreviewAsker, *, has_previews: bool
    ) -> None:
        self._staging = staging
        self._asker = asker
        self._shown = Distributions()
        self._shared: dict[str, Any] = {
            "evidence": model.evidence,
            "has_previews": has_previews,
        }
        self.groups = self._section("groups", "Groups of copies")
        self.matches = self._section("matches", "Matches with known media")
        self.review = self._section("review", "Files to look at")

    def _section(self, name: str, title: str) -> Section:
        # Groups pass first: when others are written, their addresses are known.
        return Section(
            self._staging,
            name,
            title,
            self._shared,
            lambda number, *, from_page: self.groups.href(number, from_page=from_page),
        )

    def write_streams(self, model: ReportModel) -> None:
        rows = RowFiles(self._staging, "groups", GROUP_COLUMNS)
        for group, preview in self._asker.each(model.groups, lambda group: group.representative):
            for row in group_rows(self.groups.n + 1, group):
                rows.write(row)
            self._shown.add_group(group)
            self.groups.add(self._group(group, preview))
        self.groups.close()
        rows.close()
        rows = RowFiles(self._staging, "matches", MATCH_COLUMNS)
        for match in model.matches:
            rows.write(match_row(self.matches.n + 1, match))
            self._shown.add_match(match)
            self.matches.add(self._match(match))
        self.matches.close()
        rows.close()
        rows = RowFiles(self._staging, "review", REVIEW_COLUMNS)
        for review, preview in self._asker.each(model.review, lambda review: review.file):
            rows.write(review_row(self.review.n + 1, review))
            self.review.add({"review": review, "preview": preview})
        self.review.close()
        rows.close()

    def write_index(self, model: ReportModel, also: list[str]) -> None:
        values = {
            **self._shared,
            "model": model,
            "charts": self._shown.charts(model),
            "share": share_of(model),
            "sections": [self.review, self.matches, self.groups],
            "outputs": [name for name in OUTPUTS if name != REPORT],
            "also": also,
            "link": lambda number: self.groups.href(number, from_page=False),
        }
        self._staging.write(REPORT, render("report.html.j2", values).encode())

    def _group(self, group: Group, preview: Preview | None) -> dict[str, Any]:
        others = list(islice(iter(group.others), MOST_MEMBERS - 1))
        return {
            "group": _without_others(group),
            "others": others,
            "n_files": group.n_files,
            "n_more": group.n_files - 1 - len(others),
            "preview": preview,
        }

    def _match(self, match: MatchEntry) -> dict[str, Any]:
        return {
            "match": match,
            "opinions": match.opinions[:MOST_MEMBERS],
            "n_more": max(0, len(match.opinions) - MOST_MEMBERS),
        }


def _without_others(group: Group) -> dict[str, Any]:
    """A group's own facts: a page must not keep a million members alive."""
    return {
        field.name: getattr(group, field.name) for field in fields(group) if field.name != "others"
    }
