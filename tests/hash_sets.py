"""Catalogues that were never scanned: hashes, sizes and times as a test wants them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from hashmatch.fingerprinting import FrameHashes
from hashmatch.matching.variants import turned_rows
from hashmatch.scan import Catalogue, PictureHashes, TrimHashes, VideoFrames
from hashmatch.types import Digests

Hashes = NDArray[np.uint8]


@dataclass
class Shown:
    """One picture or video of a made catalogue; its SHA-256 is that of its name.

    A video has ``frames`` and no hash of its own.
    """

    name: str
    pdq: Hashes = field(default_factory=lambda: np.zeros(32, np.uint8))
    width: int = 400
    height: int = 300
    size: int = 20_000
    mime: str = "image/jpeg"
    status: str = "OK"
    captured: str | None = None
    mtime_ns: int = 1_700_000_000_000_000_000
    part: Hashes | None = None
    box: tuple[int, int, int, int] = (0, 0, 0, 0)
    frames: FrameHashes | None = None

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(self.name.encode()).digest()


@dataclass
class HashSet:
    """Answers a catalogue's questions.

    Attributes:
        interval_s: of the frames of its videos.
    """

    shown: list[Shown]
    interval_s: float = 1.0
    numbers: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Rows are numbered as they come, as those of a catalogue are."""
        self.numbers = {one.name: 3 * at + 1 for at, one in enumerate(self.shown)}
        ordered = sorted(self.shown, key=lambda one: one.digest)
        self._pictures = [one for one in ordered if one.frames is None]
        self._videos = [one for one in ordered if one.frames is not None]

    @property
    def catalogue(self) -> Catalogue:
        return cast(Catalogue, self)

    def name_of(self, number: int) -> str:
        return next(name for name, own in self.numbers.items() if own == number)

    def picture_hashes(self, *, dihedral: bool = False, **_: Any) -> PictureHashes:
        hashes = np.array([one.pdq for one in self._pictures], np.uint8).reshape(-1, 32)
        return PictureHashes(
            np.array([self.numbers[one.name] for one in self._pictures], np.int64),
            np.array([list(one.digest) for one in self._pictures], np.uint8).reshape(-1, 32),
            hashes,
            np.full(len(hashes), 100, np.uint8),
            turned_rows(hashes) if dihedral else None,
        )

    def trim_hashes(self) -> TrimHashes:
        framed = [one for one in self._pictures if one.part is not None]
        hashes = np.array([one.part for one in framed], np.uint8).reshape(-1, 32)
        return TrimHashes(
            np.array([self.numbers[one.name] for one in framed], np.int64),
            np.array([one.box for one in framed], np.int64).reshape(-1, 4),
            turned_rows(hashes),
            np.full(len(hashes), 100, np.uint8),
        )

    @property
    def recipe(self) -> str:
        return json.dumps({"interval_s": self.interval_s})

    def video_frames(self) -> Iterator[VideoFrames]:
        for one in self._videos:
            assert one.frames is not None
            yield VideoFrames(self.numbers[one.name], one.digest, one.frames)

    def items(self) -> Iterator[Any]:
        for one in sorted(self.shown, key=lambda one: one.name):
            content = SimpleNamespace(
                number=self.numbers[one.name],
                digests=Digests(sha256=one.digest.hex()),
                width=one.width,
                height=one.height,
                size=one.size,
                mime=one.mime,
                status=one.status,
                captured=one.captured,
                duration_ms=None,
            )
            yield SimpleNamespace(content=content, mtime_ns=str(one.mtime_ns))


def hash_of(seed: int) -> Hashes:
    return np.random.default_rng(seed).integers(0, 256, 32, dtype=np.uint8)


def flipped(value: Hashes, bits: range) -> Hashes:
    """The hash with these of its bits flipped."""
    made = np.unpackbits(value)
    made[list(bits)] ^= 1
    return np.packbits(made)
