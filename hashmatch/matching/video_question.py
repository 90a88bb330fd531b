"""What is asked of the database for a video: its digests, and its frames as they are compared."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hashmatch.fingerprinting import FrameView, VideoFingerprint
from hashmatch.hashing import ORIENTATIONS
from hashmatch.matching.policy import Level, MatchPolicy
from hashmatch.matching.question import Question
from hashmatch.matching.thresholds import PDQ
from hashmatch.matching.variants import turned_rows
from hashmatch.matching.video_timeline import Timeline, timeline
from hashmatch.types import Digests

NO_LINE = timeline(np.empty(0), np.empty(0), np.empty(0, np.bool_))


@dataclass(frozen=True, slots=True, eq=False)
class VideoQuestion:
    """One check of a video.

    Attributes:
        line: all frames of the fingerprint in time; those that are compared are its informative
            ones.
        hashes: uint8 (n, variants, 32): of the whole frame in the order of ``ORIENTATIONS``, or
            upright alone; then the same within the video's borders, where it has some.
        n_turned: of the variants, orientations of one picture.
        qualities: uint8 (n,).
        exact: whether the orientations were made from pixels.
        ms_per_frame: milliseconds between two frames of the query's stream; None where that is
            not known.
        low: why no frame is compared, where frames say too little.
        gates: what is not compared, and why.
        views: frames that may be registered; none where the level does not.
        tmk: the query's whole fingerprint, as the bytes of its file.
    """

    digests: Digests
    line: Timeline = field(default_factory=lambda: NO_LINE)
    hashes: NDArray[np.uint8] = field(default_factory=lambda: np.empty((0, 1, 32), np.uint8))
    n_turned: int = 1
    qualities: NDArray[np.uint8] = field(default_factory=lambda: np.empty(0, np.uint8))
    exact: bool = True
    ms_per_frame: float | None = None
    low: str | None = None
    gates: tuple[str, ...] = ()
    views: tuple[FrameView, ...] = ()
    tmk: bytes | None = None

    @property
    def compared(self) -> NDArray[np.int64]:
        """Places of the frames that are compared."""
        return np.flatnonzero(self.line.informative)

    def orientation(self, variant: int) -> str:
        """Name of a variant's orientation."""
        return ORIENTATIONS[variant % self.n_turned]

    @property
    def lookups(self) -> Question:
        """The question that names the lookups which this one needs."""
        return Question(self.digests, variants={PDQ: ()} if len(self.line) else {})


def video_question(policy: MatchPolicy, fingerprint: VideoFingerprint) -> VideoQuestion:
    """The question that a video is under a policy."""
    digests, frames = fingerprint.digests, fingerprint.frames
    if policy.level is Level.DIGEST:
        return VideoQuestion(digests)
    if policy.algorithm != PDQ:
        gate = f"frames are compared by pdq only, and the policy's algorithm is {policy.algorithm}"
        return VideoQuestion(digests, gates=(gate,))
    if not len(frames):
        return VideoQuestion(digests, tmk=fingerprint.tmk)
    weights = np.unpackbits(frames.hashes, axis=1).sum(axis=1, dtype=np.int64)
    enough = (frames.qualities >= policy.min_quality) & (weights > 0) & (weights < 256)
    times = frames.times_ms.astype(np.float64)
    interval = 1000 * fingerprint.interval_s if fingerprint.interval_s else None
    line = timeline(times, frames.spans_ms.astype(np.float64), enough, interval)
    exact = frames.dihedral is not None or not policy.orientations
    if not policy.orientations:
        hashes = frames.hashes[:, None]
    else:
        hashes = turned_rows(frames.hashes) if frames.dihedral is None else frames.dihedral
    n_turned = hashes.shape[1]
    if frames.trimmed is not None and policy.level.registers:
        hashes = np.concatenate([hashes, frames.trimmed[:, :n_turned]], axis=1)
    n_low, gates, low = len(enough) - int(enough.sum()), [], None
    if n_low == len(enough):
        low = f"none of {n_low} frames says enough: pdq quality below {policy.min_quality}"
    elif n_low:
        gates.append(f"{n_low} of {len(enough)} frames say too little and were left out")
    return VideoQuestion(
        digests=digests,
        line=line,
        hashes=np.ascontiguousarray(hashes),
        n_turned=n_turned,
        qualities=frames.qualities,
        exact=exact,
        ms_per_frame=_ms_per_frame(fingerprint),
        low=low,
        gates=tuple(gates),
        views=_views(policy, fingerprint, enough) if policy.level.registers else (),
        tmk=fingerprint.tmk,
    )


def _ms_per_frame(fingerprint: VideoFingerprint) -> float | None:
    if fingerprint.frame_rate:
        return 1000 / fingerprint.frame_rate
    if fingerprint.duration_ms and fingerprint.n_frames:
        return fingerprint.duration_ms / fingerprint.n_frames
    return None


def _views(
    policy: MatchPolicy, fingerprint: VideoFingerprint, enough: NDArray[np.bool_]
) -> tuple[FrameView, ...]:
    """Frames to register, evenly taken where there are more than may be."""
    given = [one for one in fingerprint.frame_views if one.views and enough[one.frame]]
    given.sort(key=lambda one: one.frame)
    most = policy.video.max_registered_frames
    if len(given) <= most:
        return tuple(given)
    places = np.linspace(0, len(given) - 1, most).round().astype(np.int64)
    return tuple(given[place] for place in np.unique(places).tolist())
