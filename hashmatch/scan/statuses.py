"""How far each item of an exhibit got, and where that counts in the ledger."""

from __future__ import annotations

from enum import StrEnum

from hashmatch.ledger import Ledger


class ItemStatus(StrEnum):
    """What happened to an item beside what ``FingerprintStatus`` says of its content."""

    SKIPPED = "SKIPPED"
    """A symbolic link, a pipe, a device: nothing to look into."""
    CHANGED = "CHANGED"
    """It changed while it was looked at; the next run looks again."""
    VANISHED = "VANISHED"
    PERMISSION = "PERMISSION"
    UNREADABLE = "UNREADABLE"
    ENCRYPTED = "ENCRYPTED"
    """A member of an archive, or an archive, that needs a password."""
    CORRUPT = "CORRUPT"
    """An archive, or a member of one, that is broken."""
    LIMIT = "LIMIT"
    """An archive, or a member of one, over ``ArchiveLimits``."""
    UNSUPPORTED = "UNSUPPORTED"
    """An archive, or a member of one, that can't be unpacked here."""


ACCESS = frozenset(
    {ItemStatus.CHANGED, ItemStatus.VANISHED, ItemStatus.PERMISSION, ItemStatus.UNREADABLE}
)
"""About reaching the bytes, not about the bytes: looked at again in every run."""

_NO_MEDIA = ("other", "unknown")


def outcome_of(status: str, kind: str | None, *, of_item: bool = False) -> str:
    """Where an item counts: "done", "low-information", "rejected" or "failed".

    Args:
        status: of the item if it has one of its own, else of its content.
        kind: of the content, None where there is none.
        of_item: the status is the item's own.
    """
    if status in ("OK", "TRUNCATED", "PARTIAL"):
        return "done"
    if status in ("LOW_INFORMATION", "TOO_SMALL"):
        return "low-information"
    if status in ("SKIPPED", "EMPTY", "NO_VIDEO"):
        return "rejected"
    if status == "UNSUPPORTED" and not of_item and kind in _NO_MEDIA:
        return "rejected"
    return "failed"


def enter(ledger: Ledger, outcome: str, reason: str, count: int) -> None:
    """Count items of one outcome and reason."""
    if outcome == "done":
        ledger.add_done(count, note=None if reason == "OK" else reason)
        return
    if outcome == "low-information":
        ledger.low_information += count
    elif outcome == "rejected":
        ledger.rejected += count
    else:
        ledger.failed += count
    ledger.reasons[outcome, reason] += count
