"""The ledger that ends every command over many items: nothing is skipped silently."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Ledger:
    """Counts in which seen = done + low_information + rejected + failed, always.

    ``reasons`` counts, by outcome and reason, every item that was not simply done.
    """

    done: int = 0
    low_information: int = 0
    rejected: int = 0
    failed: int = 0
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def seen(self) -> int:
        return self.done + self.low_information + self.rejected + self.failed

    def add_done(self, count: int = 1, *, note: str | None = None) -> None:
        """Done; ``note`` is counted where there is something to be said about it."""
        self.done += count
        if note is not None:
            self.reasons["done", note] += count

    def add_low_information(self, reason: str) -> None:
        self.low_information += 1
        self.reasons["low-information", reason] += 1

    def add_rejected(self, reason: str) -> None:
        """The item is not of the kind that the command takes (not a picture, a bad record)."""
        self.rejected += 1
        self.reasons["rejected", reason] += 1

    def add_failed(self, reason: str) -> None:
        """The item should have been done and could not be."""
        self.failed += 1
        self.reasons["failed", reason] += 1

    def to_dict(self) -> dict[str, Any]:
        return {
            "seen": self.seen,
            "done": self.done,
            "low_information": self.low_information,
            "rejected": self.rejected,
            "failed": self.failed,
            "reasons": [
                {"outcome": outcome, "reason": reason, "count": count}
                for (outcome, reason), count in sorted(self.reasons.items())
            ],
        }
