"""What a report says, as plain values: whoever ran over the files fills them in.

Nothing here is computed, and no clock is read: the same model gives the same files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from hashmatch.errors import InputError
from hashmatch.ledger import Ledger
from hashmatch.matching import Alert, CheckStatus
from hashmatch.types import Digests, MediaKind

NO_DIGESTS = Digests()


class TriageClass(StrEnum):
    """What is to be done about a file; the order is that of the report."""

    BASELINE = "baseline"
    NATIONAL = "national"
    OTHER = "other"
    POSSIBLE = "possible"
    UNKNOWN = "unknown"
    DUPLICATE = "duplicate"
    EARLIER = "earlier"
    DECIDED = "decided"
    IGNORABLE = "ignorable"
    UNEXAMINED = "unexamined"

    @property
    def known(self) -> bool:
        """Whether it is settled by a list's alert: nobody has to see it again."""
        return self in (TriageClass.BASELINE, TriageClass.NATIONAL, TriageClass.OTHER)

    @property
    def to_look_at(self) -> bool:
        """Whether a person has to look at it."""
        return self in (TriageClass.POSSIBLE, TriageClass.UNKNOWN, TriageClass.UNEXAMINED)


class GroupKind(StrEnum):
    """What the files of a group have in common."""

    EXACT = "exact"
    """The same bytes."""
    NEAR = "near"
    """Perceptual hashes within the radius."""
    VIDEO = "video"
    """Segments of the same footage."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of the exhibit.

    Attributes:
        path: as it was found; bytes that are no UTF-8 as lone surrogates (``os.fsdecode``).
        size: bytes.
        width, height: pixels.
        duration_ms: of a video.
        decision: label that an examiner gave it, if one did.
    """

    path: str
    triage: TriageClass
    size: int | None = None
    digests: Digests = NO_DIGESTS
    kind: MediaKind = MediaKind.UNKNOWN
    mime: str | None = None
    width: int | None = None
    height: int | None = None
    duration_ms: int | None = None
    decision: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A file of a group beside its representative.

    Attributes:
        distance: bits to the representative; None where it was not measured.
        variant: orientation in which it is near ("original", "rotate90", ...).
        share: of a video, percent of its footage that the representative has.
    """

    file: FileEntry
    distance: int | None = None
    variant: str | None = None
    share: int | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Files that are copies of each other.

    Attributes:
        linkage: what held it together ("complete", "medoid", "single"); None for ``EXACT``.
        max_distance: inclusive radius in bits; None likewise.
        diameter: largest distance in bits between two members, where it is known.
        representative: the one to look at.
        why: why it is the one ("largest pixels").
        others: the rest in their order; a sequence may fetch its members as they are asked for.
        shot: groups with the same number are shots of one moment, kept apart; None: of no burst.
    """

    kind: GroupKind
    representative: FileEntry
    why: str
    others: Sequence[Member]
    linkage: str | None = None
    max_distance: int | None = None
    diameter: int | None = None
    shot: int | None = None

    @property
    def n_files(self) -> int:
        return 1 + len(self.others)


@dataclass(frozen=True, slots=True)
class OpinionEntry:
    """What one list says about a known medium; flags are tri-state."""

    source: str
    label: str
    scheme: str
    raw_category: str | None = None
    baseline: bool | None = None
    series: tuple[str, ...] = ()
    record_key: str | None = None
    list_file: str | None = None
    imported_at: str | None = None


@dataclass(frozen=True, slots=True)
class MatchEntry:
    """One file of the exhibit and one known medium that it is, or looks like.

    ``matching.Match`` says what the fields mean; ``match_entry`` makes one of it.

    Attributes:
        kind: by what it was found ("digest", "hash", "frames", "tmk").
        how: the same in words.
        parts: of a video, its segments in words.
    """

    file: FileEntry
    status: CheckStatus
    alert: Alert
    kind: str
    how: str
    algorithm: str
    distance: int
    threshold: int
    media_id: int
    variant: str = "original"
    query_value: str | None = None
    stored_value: str | None = None
    expected_false_matches: float | None = None
    reason: str | None = None
    label: str | None = None
    baseline: bool | None = None
    conflict: bool = False
    parts: tuple[str, ...] = ()
    opinions: tuple[OpinionEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """A file that a person has to look at.

    Attributes:
        why: why it stands where it stands in the order.
        n_copies: further files that are settled by looking at this one.
        group: number of its group, from 1 in the order of ``ReportModel.groups``.
    """

    file: FileEntry
    why: str
    n_copies: int = 0
    group: int | None = None


@dataclass(frozen=True, slots=True)
class ClassCount:
    """How many files are of a class, and how many bytes they have."""

    triage: TriageClass
    files: int
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Who did what to which exhibit, with what; at the head of the page, and in the manifest.

    Attributes:
        started_at, ended_at: with a time zone; told in UTC.
        tool: name and version.
        libraries: (name, version).
        policy_digest: SHA-256 of the policy that was applied.
        database_revision, database_digest: of the database that was asked; None without one.
        command_line: arguments as they were given.
        roots: where the files were found.

    Raises:
        InputError: a time without a zone, or an end before the start.
    """

    started_at: datetime
    ended_at: datetime
    tool: str
    command_line: tuple[str, ...]
    roots: tuple[str, ...] = ()
    examiner: str | None = None
    case: str | None = None
    exhibit: str | None = None
    libraries: tuple[tuple[str, str], ...] = ()
    policy_digest: str | None = None
    database_revision: int | None = None
    database_digest: str | None = None

    def __post_init__(self) -> None:
        for name in ("started_at", "ended_at"):
            time: datetime = getattr(self, name)
            if time.utcoffset() is None:
                raise InputError(f"{name}: expected a time with a zone, got {time.isoformat()}")
            object.__setattr__(self, name, time.astimezone(UTC))
        if self.ended_at < self.started_at:
            raise InputError(f"ended_at: expected no time before {self.started_at.isoformat()}")


@dataclass(frozen=True, slots=True)
class ReportModel:
    """All that a report says. The three streams are read once, in their order.

    Attributes:
        ledger: every item under the roots.
        classes: files by class, each class at most once.
        groups, matches, review: may be iterators of millions.
        notes: what else a reader has to know ("stopped before the end").

    Raises:
        InputError: a class twice, a negative count, or more files in classes than were seen.
    """

    evidence: Evidence
    ledger: Ledger
    classes: tuple[ClassCount, ...]
    groups: Iterable[Group] = ()
    matches: Iterable[MatchEntry] = ()
    review: Iterable[Review] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = [count.triage for count in self.classes]
        if len(set(names)) != len(names):
            raise InputError(f"classes: expected each class once, got {', '.join(names)}")
        if any(count.files < 0 for count in self.classes):
            raise InputError("classes: expected no negative count")
        if self.n_classed > self.ledger.seen:
            raise InputError(
                f"classes: expected at most the {self.ledger.seen} files of the ledger, "
                f"got {self.n_classed}"
            )

    @property
    def n_classed(self) -> int:
        """Files that are of some class."""
        return sum(count.files for count in self.classes)

    @property
    def n_to_look_at(self) -> int:
        """Files that a person has to look at."""
        return sum(count.files for count in self.classes if count.triage.to_look_at)
