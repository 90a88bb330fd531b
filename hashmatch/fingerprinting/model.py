"""What one medium's fingerprint holds, with everything needed to account for it later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from hashmatch.fingerprinting.views import View
from hashmatch.types import Digests, HashValue, MediaKind


class FingerprintStatus(StrEnum):
    """How far a medium got. A hash is only ever absent with one of these reasons."""

    OK = "OK"
    TRUNCATED = "TRUNCATED"
    """Hashed from what is there of a file that is cut short or broken: ``fraction`` of it."""
    PARTIAL = "PARTIAL"
    """Of a video: hashed from a part of it; the rest is broken or beyond a limit."""
    LOW_INFORMATION = "LOW_INFORMATION"
    """Hashed, but the picture says too little to be matched (a blank page, one colour)."""
    TOO_SMALL = "TOO_SMALL"
    UNSUPPORTED = "UNSUPPORTED"
    CORRUPT = "CORRUPT"
    LIMIT = "LIMIT"
    """Over a limit on pixels, bytes or memory."""
    TIMEOUT = "TIMEOUT"
    """Decoding took longer than it may and was stopped."""
    CRASHED = "CRASHED"
    """The process that decoded it died."""
    NO_VIDEO = "NO_VIDEO"
    """A container of videos without one: sound alone, no frame, or only cover art."""
    EMPTY = "EMPTY"
    VANISHED = "VANISHED"
    """Not there, or not there any more: not even digests."""
    PERMISSION = "PERMISSION"
    """May not be read: not even digests."""
    UNREADABLE = "UNREADABLE"
    """No file, or an I/O error: not even digests."""


@dataclass(frozen=True, slots=True)
class ImageFingerprint:
    """All hashes and digests of one picture.

    Attributes:
        name: path or name of the source; None for bytes and arrays.
        size: bytes of the file; None for arrays and Pillow pictures.
        digests: of the file's bytes; empty for arrays and Pillow pictures.
        status: see ``FingerprintStatus``; ``reason`` says more where it is not OK.
        width, height: of the picture as shown, that is after ``orientation`` was applied.
        stored_mode: Pillow's name for the file's own samples.
        orientation: the EXIF orientation that was applied before hashing, 1..8.
        frames: number of frames in the file; the first one is hashed.
        fraction: share of the picture that could be decoded where the file is cut short or broken;
            None where all of it was, or nothing.
        decode: "exact": the full decode; "fast 1/4": luma alone, means of 4 x 4 samples; None
            where nothing was decoded.
        hashes: by algorithm.
        dihedral: by algorithm, the eight orientations in the order of ``ORIENTATIONS``, if asked.
        later_frames: hashes by algorithm of the frames after the first, if asked.
        made_with: versions of what took part.
        views: parts to be matched as pictures, if asked; never written out, nor compared.
        captured: when it was taken by the camera's clock, "2024-05-01T12:00:00" or with a fraction
            of the second; None where EXIF does not say. Not among the plain values.
        camera: its make and model; None where EXIF does not say. Not among the plain values.
    """

    status: FingerprintStatus
    reason: str | None = None
    name: str | None = None
    size: int | None = None
    digests: Digests = field(default_factory=Digests)
    kind: MediaKind = MediaKind.UNKNOWN
    mime: str | None = None
    width: int | None = None
    height: int | None = None
    stored_mode: str | None = None
    orientation: int | None = None
    frames: int | None = None
    fraction: float | None = None
    decode: str | None = None
    hashes: Mapping[str, HashValue] = field(default_factory=dict)
    dihedral: Mapping[str, tuple[HashValue, ...]] = field(default_factory=dict)
    later_frames: tuple[Mapping[str, HashValue], ...] = ()
    made_with: Mapping[str, str] = field(default_factory=dict)
    views: tuple[View, ...] = field(default=(), repr=False, compare=False)
    captured: str | None = field(default=None, compare=False)
    camera: str | None = field(default=None, compare=False)

    @property
    def out_of_scope(self) -> bool:
        """Whether it is nothing that this version hashes: no picture, or empty.

        A picture of a type without a decoder is in scope, and was not hashed.
        """
        if self.status is FingerprintStatus.UNSUPPORTED:
            return self.kind is not MediaKind.IMAGE
        return self.status is FingerprintStatus.EMPTY

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; keys are stable within one major version (docs/json.md)."""
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
            "stored_mode": self.stored_mode,
            "orientation": self.orientation,
            "frames": self.frames,
            "fraction": self.fraction,
            "decode": self.decode,
            "hashes": {name: value.to_dict() for name, value in self.hashes.items()},
            "dihedral": {
                name: [value.hex for value in values] for name, values in self.dihedral.items()
            },
            "later_frames": [
                {name: value.to_dict() for name, value in frame.items()}
                for frame in self.later_frames
            ],
            "made_with": dict(self.made_with),
        }
