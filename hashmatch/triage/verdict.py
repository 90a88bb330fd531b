"""What a checker said of a content, as it is kept in a catalogue."""

from __future__ import annotations

from dataclasses import dataclass

from hashmatch.matching import Alert, CheckStatus
from hashmatch.report import MatchEntry


@dataclass(frozen=True, slots=True)
class Verdict:
    """One answer; ``matches`` stand for any file with the content.

    Attributes:
        status, alert, reason: as of ``CheckResult``.
        revision: of the database that answered.
        known_sets: names of the sets of known files that have it.
        gates: what was bounded or left out.
        matches: the gravest first; their ``file`` is ``NO_FILE`` until one is put in.
    """

    status: CheckStatus
    alert: Alert
    revision: int
    reason: str | None = None
    known_sets: tuple[str, ...] = ()
    gates: tuple[str, ...] = ()
    matches: tuple[MatchEntry, ...] = ()
