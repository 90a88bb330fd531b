"""All that the database has on one medium, active and withdrawn, and how it came to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hashmatch.database.views import MediaView, StoredOpinion
from hashmatch.types import HashValue, Opinion, Sighting


@dataclass(frozen=True, slots=True)
class OpinionRecord:
    """One statement and its life.

    Attributes:
        stored: what it says, and where it came from first.
        media_id: the media that it belongs to now, or belonged to when it was withdrawn.
        last_seen_at, last_file_name: of the import that confirmed it last.
        withdrawn_revision, withdrawn_at, withdrawn_reason: None while it is active.
    """

    stored: StoredOpinion
    media_id: int
    last_seen_at: str
    last_file_name: str | None
    withdrawn_revision: int | None
    withdrawn_at: str | None
    withdrawn_reason: str | None

    @property
    def active(self) -> bool:
        return self.withdrawn_revision is None

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        stored, opinion = self.stored, self.stored.opinion
        return {
            "source": stored.source,
            "record_key": stored.record_key,
            "active": self.active,
            "scheme": opinion.scheme,
            "raw_category": opinion.raw_category,
            "label": opinion.label.value,
            "baseline": opinion.baseline,
            **{name: getattr(opinion, name) for name in Opinion.FLAGS},
            "submissions": opinion.submissions,
            "series": list(opinion.series),
            "tags": list(opinion.tags),
            "facts": opinion.facts.to_dict(),
            "updated": opinion.updated_raw,
            "kind": stored.kind.value,
            "mime": stored.mime,
            "size": stored.size,
            "md5": stored.digests.md5,
            "sha1": stored.digests.sha1,
            "sha256": stored.digests.sha256,
            "extra": dict(stored.extra),
            "media_id": self.media_id,
            "list_file": stored.file_name,
            "snapshot_id": stored.snapshot_id,
            "first_revision": stored.first_revision,
            "imported_at": stored.imported_at.isoformat(),
            "last_snapshot_id": stored.last_snapshot_id,
            "last_seen_at": self.last_seen_at,
            "last_list_file": self.last_file_name,
            "withdrawn_revision": self.withdrawn_revision,
            "withdrawn_at": self.withdrawn_at,
            "withdrawn_reason": self.withdrawn_reason,
        }


@dataclass(frozen=True, slots=True)
class StatedHash:
    """One perceptual hash that a statement asserts.

    Attributes:
        matchable: whether a search finds it while its statement is active.
        reason: why it is never matched.
    """

    hash_id: int
    value: HashValue
    source: str
    record_key: str
    active: bool
    matchable: bool
    reason: str | None

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "hash_id": self.hash_id,
            **self.value.to_dict(),
            "frame": self.value.frame,
            "time_s": self.value.time_s,
            "source": self.source,
            "record_key": self.record_key,
            "active": self.active,
            "matchable": self.matchable,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class StatedSighting:
    """A place where a case saw the medium."""

    place: Sighting
    source: str
    record_key: str
    first_revision: int
    active: bool

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        place = self.place
        return {
            "case": place.case,
            "file_name": place.file_name,
            "file_path": place.file_path,
            "parent_path": place.parent_path,
            "created": place.created_raw,
            "written": place.written_raw,
            "accessed": place.accessed_raw,
            "extra": dict(place.extra),
            "source": self.source,
            "record_key": self.record_key,
            "first_revision": self.first_revision,
            "active": self.active,
        }


@dataclass(frozen=True, slots=True)
class SourceSpan:
    """Whether, and since when without a gap, a source says something of the medium.

    Attributes:
        since_revision, since: where its latest time without a gap begins.
        until_revision, until: where it ended; None: it goes on.
    """

    source: str
    since_revision: int
    since: str | None
    until_revision: int | None
    until: str | None

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "source": self.source,
            "since_revision": self.since_revision,
            "since": self.since,
            "until_revision": self.until_revision,
            "until": self.until,
        }


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to the medium.

    Attributes:
        revision, at: when; the time is None where no log has it.
        what: digests, label, baseline: another one; merged: ``media_id`` became a part of it;
            merged into: it became a part of ``media_id``; separated: ``media_id`` was a part of it;
            separated from: it was a part of ``media_id``; statements from, statements to: they
            came from, or went to, a media that was and is apart from it.
        before, after: digests, label, Baseline; None where nothing says one.
        media_id: the other media that took part.
    """

    revision: int
    at: str | None
    what: str
    before: str | None = None
    after: str | None = None
    media_id: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "revision": self.revision,
            "at": self.at,
            "what": self.what,
            "before": self.before,
            "after": self.after,
            "media_id": self.media_id,
        }


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything on one medium, at one revision.

    Attributes:
        media: consolidated from its active statements; without any where it is retired.
        live: whether an active statement belongs to it.
        merged_into: the media that took its place.
        former_ids: media that were merged into it, or were the same file before all that was said
            of it was withdrawn; what they had is part of this.
        sources: those that say something of it, and those that did.
        opinions, hashes, sightings: active ones first.
        history: by revision.
    """

    media: MediaView
    live: bool
    merged_into: int | None
    former_ids: tuple[int, ...]
    revision: int
    sources: tuple[SourceSpan, ...]
    opinions: tuple[OpinionRecord, ...]
    hashes: tuple[StatedHash, ...]
    sightings: tuple[StatedSighting, ...]
    history: tuple[Event, ...]

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        media = self.media
        return {
            "revision": self.revision,
            "media_id": media.media_id,
            "live": self.live,
            "merged_into": self.merged_into,
            "former_ids": list(self.former_ids),
            "md5": media.digests.md5,
            "sha1": media.digests.sha1,
            "sha256": media.digests.sha256,
            "exact_key": media.exact_key,
            "kind": media.kind.value,
            "mime": media.mime,
            "size": media.size,
            "label": media.label and media.label.value,
            "baseline": media.baseline,
            "conflict": media.conflict,
            "sources": [span.to_dict() for span in self.sources],
            "opinions": [record.to_dict() for record in self.opinions],
            "hashes": [row.to_dict() for row in self.hashes],
            "sightings": [row.to_dict() for row in self.sightings],
            "history": [event.to_dict() for event in self.history],
        }
