"""What an import did, counted: nothing is skipped silently."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from hashmatch.ledger import Ledger

MAX_REASONS = 1_000
"""Different reasons that are counted apart; a hostile list could invent one a record."""
OTHER_REASON = "other reasons"


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """How far an import is.

    Attributes:
        seen: records so far.
        rejected: those of them that were refused as a whole.
        bytes_read, total_bytes: of the file; None where the records come from no file.
    """

    seen: int
    rejected: int
    bytes_read: int | None
    total_bytes: int | None


@dataclass(slots=True)
class ImportReport:
    """The counts of one import; ``seen = accepted + rejected`` always.

    Attributes:
        source: who says it.
        format, scheme: as detected or given; None where the records come from no file.
        snapshot_id: row of table ``snapshot``.
        revision: the database's after the import; unchanged if nothing changed.
        seen: records met.
        added: statements that were not in the database.
        unchanged: statements that were, or that the list makes twice.
        merged: added statements about a media that an earlier statement was about already.
        superseded: statements withdrawn because their key now states something else.
        withdrawn: statements withdrawn because a complete list no longer has their key.
        sightings: places where a case saw a medium, that were not known.
        rejected: records of which nothing was kept.
        field_rejects: single fields that were refused, their records kept.
        md5_conflicts: MD5 values of added statements under which more than one media stands.
        known_conflicts: media that the list states something of, added now or stated before, which
            one statement calls known software and another one illegal; the latter counts.
        not_matchable: added hashes that are stored but never matched, by reason.
        reject_reasons: refused records and fields by reason.
        warnings: of the reader and of the import, by text.
        incomplete: why the list was read only in part; it then withdrew nothing. None: it was not.
        rejects_file: path of the file of everything that was refused, if anything was and it was
            asked for.
    """

    source: str
    format: str | None
    scheme: str | None
    snapshot_id: int
    revision: int = 0
    seen: int = 0
    added: int = 0
    unchanged: int = 0
    merged: int = 0
    superseded: int = 0
    withdrawn: int = 0
    sightings: int = 0
    rejected: int = 0
    field_rejects: int = 0
    md5_conflicts: int = 0
    known_conflicts: int = 0
    not_matchable_reasons: Counter[str] = field(default_factory=Counter)
    reject_reasons: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    incomplete: str | None = None
    rejects_file: str | None = None
    ledger: Ledger = field(default_factory=Ledger)

    @property
    def accepted(self) -> int:
        """Records that the database now holds."""
        return self.added + self.unchanged

    @property
    def not_matchable(self) -> int:
        """Added hashes that are stored but never matched."""
        return sum(self.not_matchable_reasons.values())

    @property
    def changed(self) -> bool:
        """Whether the import changed what the database says."""
        return bool(self.added or self.superseded or self.withdrawn or self.sightings)

    def add_reason(self, reason: str) -> str:
        """Count a reject's reason; returns the name it was counted under."""
        if reason not in self.reject_reasons and len(self.reject_reasons) >= MAX_REASONS:
            reason = OTHER_REASON
        self.reject_reasons[reason] += 1
        return reason

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "source": self.source,
            "format": self.format,
            "scheme": self.scheme,
            "snapshot_id": self.snapshot_id,
            "revision": self.revision,
            "seen": self.seen,
            "accepted": self.accepted,
            "added": self.added,
            "unchanged": self.unchanged,
            "merged": self.merged,
            "superseded": self.superseded,
            "withdrawn": self.withdrawn,
            "sightings": self.sightings,
            "rejected": self.rejected,
            "field_rejects": self.field_rejects,
            "md5_conflicts": self.md5_conflicts,
            "known_conflicts": self.known_conflicts,
            "not_matchable": self.not_matchable,
            "not_matchable_reasons": dict(sorted(self.not_matchable_reasons.items())),
            "reject_reasons": dict(sorted(self.reject_reasons.items())),
            "warnings": dict(sorted(self.warnings.items())),
            "incomplete": self.incomplete,
            "rejects_file": self.rejects_file,
            "ledger": self.ledger.to_dict(),
        }
