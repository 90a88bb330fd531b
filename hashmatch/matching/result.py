"""The accountable answer: what was asked, what was found, by which rule, and who says what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from hashmatch.database import MediaView, StoredOpinion
from hashmatch.fingerprinting import Fingerprint
from hashmatch.matching.placement import Placement
from hashmatch.matching.policy import Alert, MatchPolicy
from hashmatch.matching.video_evidence import VideoEvidence
from hashmatch.types import HashValue

SCHEMA = "hashmatch.check/1"


class CheckStatus(StrEnum):
    """The answer to one check."""

    MATCH = "MATCH"
    """The same bytes, or a perceptual hash within the confident threshold."""
    POSSIBLE = "POSSIBLE"
    """Within the review threshold, or the same MD5 with another digest differing."""
    KNOWN_IGNORABLE = "KNOWN_IGNORABLE"
    """The same bytes as a medium that every source calls harmless, or as a file of a known set."""
    NO_MATCH = "NO_MATCH"
    LOW_INFORMATION = "LOW_INFORMATION"
    """No digest matches, and the picture says too little for a perceptual match."""
    FAILED = "FAILED"
    """No digest matches (or there is none), and the medium could not be hashed."""


class MatchKind(StrEnum):
    DIGEST = "digest"
    HASH = "hash"
    FRAMES = "frames"
    """Of a video: by PDQ of its frames."""
    TMK = "tmk"
    """Of a video: by TMK+PDQF of the whole."""


@dataclass(frozen=True, slots=True)
class Match:
    """One known medium that the query is, or looks like.

    Attributes:
        kind: by digest (the same bytes) or by perceptual hash.
        status: MATCH, POSSIBLE or KNOWN_IGNORABLE, of this one match.
        alert: of this medium's consolidated opinions.
        algorithm: the strongest digest that agrees ("sha256", "sha1", "md5"), or the hash's name.
        query_value, stored_value: both values, hex.
        distance: bits, or for PhotoDNA the squared Euclidean distance; 0 for a digest.
        threshold: the radius within which it was accepted; 0 for a digest.
        variant: orientation of the query that came nearest; "original" for a digest.
        variant_exact: False where the variant was approximated from a bare hash.
        query_quality, stored_quality: of the perceptual hashes, where known.
        expected_false_matches: unrelated entries expected this near by chance, a lower bound
            (``matching.calibration``); None for a digest and where nothing is known of it.
        contradicting: digests that both sides know and that differ, e.g. ("sha1",): one MD5, two
            files; such a match is only POSSIBLE.
        asserted_by: source that states the stored hash; None for a digest.
        media: the medium with every active opinion.
        reason: why it is POSSIBLE and not MATCH; None where it is not.
        placement: how the query lies over the known picture, where it was registered.
        refined_from: distance in bits before the placement was refined; None where it was not.
        adjusted_distance: what ``threshold`` was compared with where the query was registered, in
            bits (docs/registration.md); None elsewhere.
        stored_frame, stored_time_s: number of the frame that the stored hash is of, and seconds
            from its video's beginning, where the list says so.
        query_time_ms: of the query's frame that ``query_value`` is of; None where it is no video.
        video: how much of two videos agrees; None where the query is none. ``distance``, the values
            and the qualities are then of the nearest pair of frames.
    """

    kind: MatchKind
    status: CheckStatus
    alert: Alert
    algorithm: str
    query_value: str
    stored_value: str
    distance: int
    threshold: int
    variant: str
    variant_exact: bool
    query_quality: int | None
    stored_quality: int | None
    expected_false_matches: float | None
    contradicting: tuple[str, ...]
    asserted_by: str | None
    media: MediaView
    reason: str | None = None
    placement: Placement | None = None
    refined_from: int | None = None
    adjusted_distance: float | None = None
    stored_frame: int | None = None
    stored_time_s: float | None = None
    query_time_ms: int | None = None
    video: VideoEvidence | None = None

    @property
    def doubtful(self) -> bool:
        """Whether it is less than MATCH."""
        return self.status is not CheckStatus.MATCH

    @property
    def opinions(self) -> tuple[StoredOpinion, ...]:
        """Every active opinion on the medium, most severe first."""
        return self.media.opinions

    @property
    def conflict(self) -> bool:
        """Whether sources disagree on the medium."""
        return self.media.conflict

    def to_dict(self) -> dict[str, Any]:
        return {
            "kind": self.kind.value,
            "status": self.status.value,
            "alert": self.alert.value,
            "algorithm": self.algorithm,
            "query_value": self.query_value,
            "stored_value": self.stored_value,
            "distance": self.distance,
            "threshold": self.threshold,
            "variant": self.variant,
            "variant_exact": self.variant_exact,
            "query_quality": self.query_quality,
            "stored_quality": self.stored_quality,
            "expected_false_matches": self.expected_false_matches,
            "contradicting": list(self.contradicting),
            "asserted_by": self.asserted_by,
            "reason": self.reason,
            "placement": self.placement.to_dict() if self.placement else None,
            "refined_from": self.refined_from,
            "adjusted_distance": self.adjusted_distance,
            "stored_frame": self.stored_frame,
            "stored_time_s": self.stored_time_s,
            "query_time_ms": self.query_time_ms,
            "video": self.video.to_dict() if self.video else None,
            "media": _media_dict(self.media),
        }


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The answer to one check, with all that is needed to account for it.

    Attributes:
        status: see ``CheckStatus``: the best of the matches', or why there is none.
        alert: the gravest of the matches'.
        matches: by digest first, then confident ones by hash, then by distance in shares of the
            algorithm's radius; one per known medium.
        fingerprint: what was computed from the medium; None where only values were checked.
        query: the hashes that were asked for, and ``query_digests``; none of a video, whose frames
            are in ``fingerprint``.
        reason: why the status is LOW_INFORMATION or FAILED; or that the picture is TRUNCATED, so
            that the answer rests on a part of it; or that a known set can't be asked.
        n_variants: forms of the perceptual hashes that were compared; 0: none was.
        n_entries: perceptual hashes of the same algorithms that they were compared with.
        revision: of the database that answered.
        checked_at: UTC, ISO 8601.
        policy: thresholds in force.
        known_sets: known sets that hold the file, also where a match outranks them.
        n_excluded: perceptual hashes that are stored but were not compared, because they are
            crowded: too many media have one near them.
        n_comparisons: comparisons of one form with one entry.
        cost_ms: milliseconds from hashes and digests to the answer; None where many were answered
            at once.
        gates: what was not compared, and why: hashes, orientations or entries that say too little,
            a budget that was reached.
    """

    status: CheckStatus
    alert: Alert
    matches: tuple[Match, ...]
    fingerprint: Fingerprint | None
    query: tuple[HashValue, ...]
    query_digests: dict[str, str]
    reason: str | None
    n_variants: int
    n_entries: int
    revision: int
    checked_at: str
    policy: MatchPolicy
    known_sets: tuple[str, ...] = ()
    n_excluded: int = 0
    n_comparisons: int = 0
    cost_ms: float | None = None
    gates: tuple[str, ...] = ()

    @property
    def matched(self) -> bool:
        """Whether a person has to look: MATCH or POSSIBLE."""
        return self.status in (CheckStatus.MATCH, CheckStatus.POSSIBLE)

    @property
    def conflict(self) -> bool:
        """Whether sources disagree on a medium that was matched."""
        return any(match.conflict for match in self.matches)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; keys are stable within one schema version (docs/json.md)."""
        return {
            "schema": SCHEMA,
            "status": self.status.value,
            "alert": self.alert.value,
            "conflict": self.conflict,
            "reason": self.reason,
            "matches": [match.to_dict() for match in self.matches],
            "fingerprint": self.fingerprint.to_dict() if self.fingerprint else None,
            "query_hashes": [value.to_dict() for value in self.query],
            "query_digests": dict(self.query_digests),
            "n_variants": self.n_variants,
            "n_entries": self.n_entries,
            "revision": self.revision,
            "checked_at": self.checked_at,
            "policy": self.policy.to_dict(),
            "known_sets": list(self.known_sets),
            "n_excluded": self.n_excluded,
            "policy_digest": self.policy.digest,
            "n_comparisons": self.n_comparisons,
            "cost_ms": self.cost_ms,
            "gates": list(self.gates),
        }


def _media_dict(media: MediaView) -> dict[str, Any]:
    return {
        "media_id": media.media_id,
        "md5": media.digests.md5,
        "sha1": media.digests.sha1,
        "sha256": media.digests.sha256,
        "kind": media.kind.value,
        "mime": media.mime,
        "size": media.size,
        "label": media.label.value if media.label else None,
        "baseline": media.baseline,
        "conflict": media.conflict,
        "sources": list(media.sources),
        "opinions": [_opinion_dict(stored) for stored in media.opinions],
    }


def _opinion_dict(stored: StoredOpinion) -> dict[str, Any]:
    opinion = stored.opinion
    return {
        "source": stored.source,
        "record_key": stored.record_key,
        "scheme": opinion.scheme,
        "raw_category": opinion.raw_category,
        "label": opinion.label.value,
        "baseline": opinion.baseline,
        **{name: getattr(opinion, name) for name in opinion.FLAGS},
        "submissions": opinion.submissions,
        "series": list(opinion.series),
        "tags": list(opinion.tags),
        "updated": opinion.updated_raw,
        "list_file": stored.file_name,
        "snapshot_id": stored.snapshot_id,
        "first_revision": stored.first_revision,
        "imported_at": stored.imported_at.isoformat(),
    }
