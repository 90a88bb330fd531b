"""Indicators: what is known, by whom, how fresh it is, and what it answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ListAge:
    """The latest import of a source.

    Attributes:
        imported_at: UTC, ISO 8601.
        days: whole days since.
        file_name: of the list; None: the records came from no file.
        complete: whether it was declared to be all that the source says.
    """

    imported_at: str
    days: int
    file_name: str | None
    complete: bool

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "imported_at": self.imported_at,
            "days": self.days,
            "file_name": self.file_name,
            "complete": self.complete,
        }


@dataclass(slots=True)
class MediaCounts:
    """Media, each counted once in every table.

    Attributes:
        kinds, labels, baselines: as consolidated; ``baselines`` has "yes", "no" and "unknown".
        sources: media that a source has an active opinion on.
        months: by the month in which a media was first known, "2026-11" or "unknown".
        overlaps: media that both of two sources have, by their names in order.
        conflicts: media on which two sources disagree (``MediaView.conflict``), likewise.
        only_one_source: media that one source alone has.
    """

    kinds: Counter[str] = field(default_factory=Counter)
    labels: Counter[str] = field(default_factory=Counter)
    baselines: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    months: Counter[str] = field(default_factory=Counter)
    overlaps: Counter[tuple[str, str]] = field(default_factory=Counter)
    conflicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    only_one_source: int = 0


@dataclass(frozen=True, slots=True)
class Indicators:
    """See the module's text.

    Attributes:
        revision: the one that all counts are of.
        content_digest: of all that the database says, hex.
        media: counts of media.
        coverage: media with a perceptual hash that a search finds, by algorithm.
        not_matchable: hashes that are never matched, by algorithm and reason.
        lists: the latest import of each source.
        matches: answers with a match that are in the audit log, by month and alert.
        known_sets: records and overlap of each set of known files.
    """

    revision: int
    content_digest: str
    media: MediaCounts
    coverage: dict[str, int]
    not_matchable: dict[str, dict[str, int]]
    lists: dict[str, ListAge]
    matches: dict[str, dict[str, int]]
    known_sets: dict[str, dict[str, int]]

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        media = self.media
        return {
            "content_digest": self.content_digest,
            "media_by_kind": _sorted(media.kinds),
            "media_by_label": _sorted(media.labels),
            "media_by_baseline": _sorted(media.baselines),
            "media_by_source": _sorted(media.sources),
            "media_by_month": _sorted(media.months),
            "media_of_one_source": media.only_one_source,
            "overlaps": _pairs(media.overlaps),
            "conflicting_sources": _pairs(media.conflicts),
            "coverage": _sorted(self.coverage),
            "not_matchable": {
                name: _sorted(self.not_matchable[name]) for name in self.not_matchable
            },
            "lists": {name: age.to_dict() for name, age in sorted(self.lists.items())},
            "matches_by_month": {
                month: _sorted(alerts) for month, alerts in sorted(self.matches.items())
            },
            "known_sets": {
                name: _sorted(self.known_sets[name]) for name in sorted(self.known_sets)
            },
        }

    def rows(self) -> Iterator[tuple[str, str, str, int]]:
        """One row for each number: (indicator, key, second key or "", number)."""
        values = self.to_dict()
        for name in ("kind", "label", "baseline", "source", "month"):
            for key, count in values[f"media_by_{name}"].items():
                yield f"media_by_{name}", key, "", count
        yield "media_of_one_source", "", "", self.media.only_one_source
        for name in ("overlaps", "conflicting_sources"):
            for pair in values[name]:
                yield name, pair["sources"][0], pair["sources"][1], pair["media"]
        for key, count in values["coverage"].items():
            yield "coverage", key, "", count
        for name, age in sorted(self.lists.items()):
            yield "days_since_import", name, "", age.days
        for name in ("not_matchable", "matches_by_month", "known_sets"):
            for key, counts in values[name].items():
                for second, count in counts.items():
                    yield name, key, second, count


def _sorted(counts: dict[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items()))


def _pairs(counts: Counter[tuple[str, str]]) -> list[dict[str, Any]]:
    return [{"sources": list(pair), "media": count} for pair, count in sorted(counts.items())]
