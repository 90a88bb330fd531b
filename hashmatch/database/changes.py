"""What can differ between two revisions, as a reader sees it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from hashmatch.types import Digests, Label


class ChangeKind(StrEnum):
    """What became different; the first two are of statements, the others of media.

    A statement that came and went between the two revisions is no difference.
    """

    ADDED = "added"
    WITHDRAWN = "withdrawn"
    APPEARED = "appeared"
    VANISHED = "vanished"
    MERGED = "merged"
    SEPARATED = "separated"
    REPLACED = "replaced"
    REGROUPED = "regrouped"
    LABEL = "label"
    BASELINE = "baseline"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes:
        what: merged: the media is part of ``other_media_id`` now; separated: it was a part of it;
            replaced: its statements belong to it, and neither was there when the other one is;
            regrouped: statements of it belong to the other one, and both were there before.
        media_id: the media; of a withdrawn statement and of a media that is gone, at the earlier
            revision, else at the later one.
        digests: of the statement as it states them, or of the media.
        source, record_key: of a statement.
        label, baseline: of a statement.
        revision: at which a statement came or was withdrawn.
        reason: superseded, absent or withdrawn; of a withdrawn statement.
        before, after: what a media's consolidated label or Baseline was and is.
        other_media_id: the other media that took part.
    """

    what: ChangeKind
    media_id: int
    digests: Digests
    source: str | None = None
    record_key: str | None = None
    label: Label | None = None
    baseline: bool | None = None
    revision: int | None = None
    reason: str | None = None
    before: Label | bool | None = None
    after: Label | bool | None = None
    other_media_id: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "what": self.what.value,
            "media_id": self.media_id,
            "md5": self.digests.md5,
            "sha1": self.digests.sha1,
            "sha256": self.digests.sha256,
            "source": self.source,
            "record_key": self.record_key,
            "label": self.label and self.label.value,
            "baseline": self.baseline,
            "revision": self.revision,
            "reason": self.reason,
            "before": _plain(self.before),
            "after": _plain(self.after),
            "other_media_id": self.other_media_id,
        }


@dataclass(slots=True)
class DiffCounts:
    """The changes that were met, counted.

    Attributes:
        changes: by kind.
        withdrawn: withdrawn statements by reason.
        by_source: statements of each source by kind.
    """

    changes: Counter[str] = field(default_factory=Counter)
    withdrawn: Counter[str] = field(default_factory=Counter)
    by_source: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, change: Change) -> None:
        self.changes[change.what.value] += 1
        if change.source is not None:
            self.by_source[change.source][change.what.value] += 1
        if change.reason is not None:
            self.withdrawn[change.reason] += 1

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready; every kind is there, and of each source both kinds of statements'."""
        statements = (ChangeKind.ADDED.value, ChangeKind.WITHDRAWN.value)
        return {
            "changes": {kind.value: self.changes[kind.value] for kind in ChangeKind},
            "withdrawn_reasons": dict(sorted(self.withdrawn.items())),
            "by_source": {
                name: {kind: counts[kind] for kind in statements}
                for name, counts in sorted(self.by_source.items())
            },
        }


def _plain(value: Label | bool | None) -> str | bool | None:
    return value.value if isinstance(value, Label) else value


CHANGE_COLUMNS = tuple(Change(ChangeKind.ADDED, 0, Digests()).to_dict())
"""Names in the order of ``Change.to_dict``."""
