"""What is wanted of a video: a caller's arguments, checked once."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass

from hashmatch.decode import DEFAULT_LIMITS, Limits, MediaType
from hashmatch.errors import InputError
from hashmatch.fingerprinting.pruning import PRUNE_DISTANCE
from hashmatch.fingerprinting.views import VIEWS
from hashmatch.types import MediaKind

VIDEO_ALGORITHMS = ("pdq", "tmk")
"""What is computed of videos: PDQ of frames, and TMK+PDQF of the whole."""


@dataclass(frozen=True, slots=True)
class VideoJob:
    """What is wanted of each video; small, and the same for many.

    Attributes:
        seconds_per_hash: vPDQ's own rule of sampling instead of ``interval_s``; None: not.
        upright: apply the display matrix; vPDQ does not.
        threads: of the decoder; 0: as many as there are processors.
    """

    interval_s: float = 1.0
    algorithms: tuple[str, ...] = ("pdq",)
    dihedral: bool = False
    prune_distance: int | None = PRUNE_DISTANCE
    views: str = "none"
    limits: Limits = DEFAULT_LIMITS
    seconds_per_hash: float | None = None
    upright: bool = True
    threads: int = 0

    def for_media(self, media: MediaType) -> VideoJob:
        """What is wanted of a file of this type: of an animation, every frame.

        It is short, its frames are composed one upon the other anyway, and one a second would be
        one alone of most of them.
        """
        if media.kind is not MediaKind.IMAGE or self.seconds_per_hash is not None:
            return self
        return dataclasses.replace(self, interval_s=0.0)

    @classmethod
    def of(
        cls,
        interval_s: float,
        algorithms: Iterable[str],
        dihedral: bool,
        prune_distance: int | None,
        views: str,
        limits: Limits | None,
    ) -> VideoJob:
        """Check a caller's arguments.

        Raises:
            InputError: a wrong one.
        """
        interval = checked_seconds("interval_s", interval_s)
        names = _checked_algorithms(algorithms)
        if prune_distance is not None and (
            not isinstance(prune_distance, int)
            or isinstance(prune_distance, bool)
            or not 0 <= prune_distance <= 256
        ):
            raise InputError(f"prune_distance: expected 0..256 or None, got {prune_distance!r}")
        if views not in VIEWS:
            raise InputError(f"views: expected one of {', '.join(VIEWS)}, got {views!r}")
        return cls(interval, names, dihedral, prune_distance, views, limits or DEFAULT_LIMITS)


def checked_seconds(name: str, value: float) -> float:
    """A number of seconds, 0 or more.

    Raises:
        InputError: anything else.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
        raise InputError(f"{name}: expected a number of seconds, 0 or more, got {value!r}")
    return float(value)


def _checked_algorithms(algorithms: Iterable[str]) -> tuple[str, ...]:
    if isinstance(algorithms, str):
        raise InputError(f"algorithms: expected a sequence of names, got the text {algorithms!r}")
    names = tuple(algorithms)
    if "pdq" not in names:
        raise InputError(f"algorithms: expected pdq among them, got {', '.join(names) or 'none'}")
    for name in names:
        if name not in VIDEO_ALGORITHMS:
            raise InputError(
                f"algorithms: expected some of {', '.join(VIDEO_ALGORITHMS)} for videos, got {name}"
            )
    return names
