"""What a run did, in numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class ScanSummary:
    """What a run did.

    Attributes:
        complete: it came to its end; else it was stopped or a root went away; the next one goes on.
        listed: items that the walk met.
        unchanged: of them, files that an earlier run had done.
        linked: other names of a file that this run has met already.
        copies: files whose bytes were known by their digest: not decoded.
        examined: contents that were decoded, or tried to be, members of archives included.
        new, changed: files that no earlier run had met; that were other ones then.
        gone: files of earlier runs that are not there any more; 0 where the run was stopped.
        members: of archives.
        lost: roots that went away (unmounted, deleted, moved) while the run was at them. What
            earlier runs know of their files stays.
    """

    complete: bool = False
    listed: int = 0
    unchanged: int = 0
    linked: int = 0
    copies: int = 0
    examined: int = 0
    new: int = 0
    changed: int = 0
    gone: int = 0
    members: int = 0
    lost: tuple[bytes, ...] = ()
