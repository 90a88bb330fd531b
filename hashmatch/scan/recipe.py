"""How contents are examined, as one text: results of different recipes are never mixed."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from importlib import metadata
from typing import Any

from hashmatch._version import __version__
from hashmatch.decode import DEFAULT_LIMITS, Limits
from hashmatch.errors import InputError
from hashmatch.fingerprinting import PRUNE_DISTANCE
from hashmatch.fingerprinting.job import Job
from hashmatch.fingerprinting.video_job import VideoJob

_LIBRARIES = ("pillow", "av", "simplejpeg", "pillow-heif", "pillow-jxl-plugin")
"""Whose version may show in a hash."""


@dataclass(frozen=True)
class Recipe:
    """What is computed of each content, by what.

    Attributes:
        decode: "exact" or "fast", of pictures.
        dihedral: also hash the seven other orientations.
        algorithms, video_algorithms: computed for who judges, PDQ among them. Of PDQ alone the
            hashes are kept.
        views: "none"; "trims", also hash what is within borders and bars; "all", for who judges
            also find pictures within the picture. Thumbnails are never kept.
        interval_s: one frame of a video is taken for each so many seconds.
        prune_distance: bits within which a frame is near-equal to the one before it.
        limits: of each content.
        isolate: decode in worker processes; limits on time and memory hold with it alone.

    Raises:
        InputError: a wrong value.
    """

    decode: str = "exact"
    dihedral: bool = True
    views: str = "none"
    interval_s: float = 1.0
    prune_distance: int | None = PRUNE_DISTANCE
    limits: Limits = field(default=DEFAULT_LIMITS)
    isolate: bool = True
    algorithms: tuple[str, ...] = ("pdq",)
    video_algorithms: tuple[str, ...] = ("pdq",)

    def __post_init__(self) -> None:
        _ = self.job, self.video_job  # they check the values
        if "pdq" not in self.job.algorithms:
            raise InputError(
                f"algorithms: expected pdq among them, got {', '.join(self.job.algorithms)}"
            )

    @cached_property
    def job(self) -> Job:
        """What is wanted of a picture."""
        return Job.of(self.algorithms, self.decode, self.dihedral, self.limits, views=self.views)

    @cached_property
    def video_job(self) -> VideoJob:
        """What is wanted of a video."""
        return VideoJob.of(
            self.interval_s,
            self.video_algorithms,
            self.dihedral,
            self.prune_distance,
            self.views,
            self.limits,
        )

    @cached_property
    def text(self) -> str:
        """The canonical text: JSON with sorted keys, versions of the libraries included."""
        plain: dict[str, Any] = {
            **{item.name: getattr(self, item.name) for item in dataclasses.fields(self)},
            "limits": dataclasses.asdict(self.limits),
            "versions": versions(),
        }
        return json.dumps(plain, sort_keys=True, separators=(",", ":"))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the text, as hex."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def versions() -> dict[str, str]:
    """Of hashmatch and of the libraries that decode; FFmpeg's come with PyAV."""
    found = {"hashmatch": __version__}
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    if "av" in found:
        import av

        found.update(
            {name: ".".join(map(str, number)) for name, number in av.library_versions.items()}
        )
    return found
