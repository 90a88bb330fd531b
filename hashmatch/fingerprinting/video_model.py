"""What one video's fingerprint holds, with everything needed to account for it later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashmatch.fingerprinting.model import FingerprintStatus
from hashmatch.fingerprinting.views import View
from hashmatch.types import Digests, MediaKind


@dataclass(frozen=True, slots=True, eq=False)
class FrameHashes:
    """PDQ of a video's frames, in the order in which they are shown.

    Attributes:
        times_ms: int64 (n,), when each is shown, from the first frame of the video; ascending.
        numbers: int64 (n,), place among all frames of the video, from 0.
        hashes: uint8 (n, 32), upright: the display matrix is applied.
        qualities: uint8 (n,), 0..100.
        spans_ms: int64 (n,), how long each stands for: until the next one that is here, or until
            the end. Sampled frames that were left out because they are near-equal are within it.
        dihedral: uint8 (n, 8, 32), rows in the order of ``ORIENTATIONS``; None if not asked for.
        trimmed: uint8 (n, 8, 32), the same within ``VideoFingerprint.trim``, where that is known;
            of a frame that was not hashed within it, of the whole frame.
    """

    times_ms: NDArray[np.int64]
    numbers: NDArray[np.int64]
    hashes: NDArray[np.uint8]
    qualities: NDArray[np.uint8]
    spans_ms: NDArray[np.int64]
    dihedral: NDArray[np.uint8] | None = None
    trimmed: NDArray[np.uint8] | None = None

    def __len__(self) -> int:
        return len(self.times_ms)


NO_FRAMES = FrameHashes(
    np.empty(0, np.int64),
    np.empty(0, np.int64),
    np.empty((0, 32), np.uint8),
    np.empty(0, np.uint8),
    np.empty(0, np.int64),
)


@dataclass(frozen=True, slots=True)
class FrameView:
    """What registration may use of one frame.

    Attributes:
        frame: index into ``VideoFingerprint.frames``.
        views: the whole frame first, as of a picture.
    """

    frame: int
    views: tuple[View, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class VideoFingerprint:
    """All hashes and digests of one video. Its status is OK, PARTIAL, LOW_INFORMATION or a failure.

    Attributes:
        name, size, digests, kind, mime, made_with: as of ``ImageFingerprint``.
        reason: more about a status that is not OK.
        width, height: as shown, that is after ``orientation`` was applied; of the first frame.
        orientation: the display matrix, as a name of ``ORIENTATIONS``; applied before hashing.
        container, codec: FFmpeg's names.
        duration_ms: from the first frame to the end of the last one that was read.
        frame_rate: average frames a second; None where it is not known.
        n_frames: frames of the stream as far as it was read, hashed or not.
        n_broken: packets or frames that could not be decoded and were skipped.
        cover_art: a still picture that the file carries beside or instead of video, in words.
        interval_s: one frame was taken for each so many seconds; 0: every frame.
        n_sampled: frames that were taken; ``frames`` has those that are not near-equal.
        prune_distance: bits within which a frame was near-equal to the one before it that is here.
        trim: the box within borders that most frames have (letterbox, pillarbox, frame): left, top,
            right, bottom in pixels as shown, the last two exclusive; None where there is none, or
            none was looked for. ``frames.trimmed`` has the hashes within it.
        tmk: the TMK+PDQF fingerprint as the bytes of its file, if asked for.
        frame_views: representative frames for registration, if asked; never written out.
    """

    status: FingerprintStatus
    reason: str | None = None
    name: str | None = None
    size: int | None = None
    digests: Digests = field(default_factory=Digests)
    kind: MediaKind = MediaKind.VIDEO
    mime: str | None = None
    width: int | None = None
    height: int | None = None
    orientation: str | None = None
    container: str | None = None
    codec: str | None = None
    duration_ms: int | None = None
    frame_rate: float | None = None
    n_frames: int | None = None
    n_broken: int = 0
    cover_art: str | None = None
    interval_s: float | None = None
    n_sampled: int = 0
    prune_distance: int | None = None
    frames: FrameHashes = field(default=NO_FRAMES, compare=False)
    trim: tuple[int, int, int, int] | None = None
    tmk: bytes | None = field(default=None, repr=False)
    made_with: Mapping[str, str] = field(default_factory=dict)
    frame_views: tuple[FrameView, ...] = field(default=(), repr=False, compare=False)

    @property
    def out_of_scope(self) -> bool:
        """Whether it is nothing that this version hashes: without pictures, or empty."""
        return self.status in (FingerprintStatus.NO_VIDEO, FingerprintStatus.EMPTY)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; keys are stable within one major version (docs/json.md)."""
        rows = zip(
            self.frames.numbers.tolist(),
            self.frames.times_ms.tolist(),
            self.frames.spans_ms.tolist(),
            self.frames.qualities.tolist(),
            self.frames.hashes,
            strict=True,
        )
        return {
            "status": self.status.value,
            "reason": self.reason,
            "name": self.name,
            "size": self.size,
            "md5": self.digests.md5,
            "sha1": self.digests.sha1,
            "sha256": self.digests.sha256,
            "kind": self.kind.value,
            "mime": self.mime,
            "width": self.width,
            "height": self.height,
            "orientation": self.orientation,
            "container": self.container,
            "codec": self.codec,
            "duration_ms": self.duration_ms,
            "frame_rate": self.frame_rate,
            "n_frames": self.n_frames,
            "n_broken": self.n_broken,
            "cover_art": self.cover_art,
            "interval_s": self.interval_s,
            "n_sampled": self.n_sampled,
            "prune_distance": self.prune_distance,
            "trim": None if self.trim is None else list(self.trim),
            "frames": [
                {"number": n, "time_ms": t, "span_ms": s, "quality": q, "pdq": h.tobytes().hex()}
                for n, t, s, q, h in rows
            ],
            "made_with": dict(self.made_with),
        }
