"""Frames of a video that say something new: near-equal neighbours within a shot are left out.

A shot ends where two neighbours among the sampled frames differ by more than ``SHOT_DISTANCE``
bits, or where one of them says too little to be compared and the other does not. Its first and its
last frame stay; between them a frame is left out if it is within the prune distance of the last
one that stayed, so that slow changes do not add up. Of frames that say too little, one stays for
each run of them.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hashmatch.algorithms import get_algorithm
from hashmatch.fingerprinting.video_model import NO_FRAMES, FrameHashes

PRUNE_DISTANCE = 6
"""Bits: the default. A frame that was left out is within so many bits of one that stayed."""

SHOT_DISTANCE = 64
"""Bits between neighbours from which on a new shot begins: half of what unrelated pictures have."""

_FLOOR = get_algorithm("pdq").min_quality or 0


@dataclass(frozen=True, slots=True)
class HashedFrame:
    """One sampled frame.

    Attributes:
        rows: the hash, 32 bytes, or those of eight orientations, 256.
        inside: the same within the video's borders, 256 bytes; None where it was not hashed.
    """

    number: int
    time_ms: int
    rows: bytes
    quality: int
    inside: bytes | None = None

    @property
    def informative(self) -> bool:
        """Whether it says enough to be matched."""
        return self.quality >= _FLOOR


class KeptFrames:
    """Takes sampled frames one by one and holds those that stay.

    Args:
        distance: bits within which a frame is left out; None: every frame stays.
    """

    def __init__(self, distance: int | None) -> None:
        self._distance = distance
        self._last = 0
        self._before: HashedFrame | None = None
        self._before_bits = 0
        self._pending = False
        self.n_sampled = 0
        self.n_informative = 0
        self.n_shots = 0
        self._numbers = array("q")
        self._times = array("q")
        self._qualities = bytearray()
        self._rows = bytearray()
        self._inside: dict[int, bytes] = {}

    def __len__(self) -> int:
        return len(self._qualities)

    def add(self, frame: HashedFrame) -> bool:
        """Take the next sampled frame; whether it stays for certain already."""
        self.n_sampled += 1
        self.n_informative += frame.informative
        bits = int.from_bytes(frame.rows[:32], "big")
        cut = self._is_cut(frame, bits)
        if cut:
            self.n_shots += 1
            self._keep_pending()
        stays = cut or self._says_more(frame, bits)
        if stays:
            self._keep(frame)
            self._last = bits
        # Of a run of frames that say too little, the first one is enough.
        self._pending = not stays and frame.informative
        self._before, self._before_bits = frame, bits
        return stays

    def set_inside(self, place: int, rows: bytes) -> None:
        """What one of the frames that stayed shows within the borders, known only later.

        Args:
            place: among the frames that stayed.
            rows: 256 bytes, eight orientations.
        """
        self._inside[place] = rows

    def finish(self, end_ms: int, *, dihedral: bool) -> FrameHashes:
        """The frames that stayed; their spans reach to ``end_ms``. Nothing is added after this.

        Args:
            dihedral: give the eight orientations too; frames need to have them, as they do where
                something is known of what is inside.
        """
        self._keep_pending()
        n = len(self)
        if n == 0:
            return NO_FRAMES
        times = np.array(self._times, dtype=np.int64)
        rows = np.frombuffer(bytes(self._rows), np.uint8).reshape(n, -1, 32)
        ends = np.append(times[1:], max(end_ms, int(times[-1])))
        return FrameHashes(
            times_ms=times,
            numbers=np.array(self._numbers, dtype=np.int64),
            hashes=np.ascontiguousarray(rows[:, 0]),
            qualities=np.frombuffer(bytes(self._qualities), np.uint8),
            spans_ms=ends - times,
            dihedral=rows if dihedral else None,
            trimmed=self._trimmed(rows),
        )

    def _trimmed(self, rows: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
        if not self._inside:
            return None
        trimmed = rows.copy()
        for place, inside in self._inside.items():
            trimmed[place] = np.frombuffer(inside, np.uint8).reshape(8, 32)
        return trimmed

    def _is_cut(self, frame: HashedFrame, bits: int) -> bool:
        before = self._before
        if before is None or before.informative != frame.informative:
            return True
        return frame.informative and (bits ^ self._before_bits).bit_count() > SHOT_DISTANCE

    def _says_more(self, frame: HashedFrame, bits: int) -> bool:
        if self._distance is None:
            return True
        return frame.informative and (bits ^ self._last).bit_count() > self._distance

    def _keep_pending(self) -> None:
        if self._pending and self._before is not None:
            self._keep(self._before)
            self._last = self._before_bits
        self._pending = False

    def _keep(self, frame: HashedFrame) -> None:
        if frame.inside is not None:
            self._inside[len(self)] = frame.inside
        self._numbers.append(frame.number)
        self._times.append(frame.time_ms)
        self._qualities.append(frame.quality)
        self._rows += frame.rows
