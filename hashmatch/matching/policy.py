"""What counts as a match, and what is said about it. Thresholds live here and nowhere else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from os import PathLike
from types import MappingProxyType
from typing import Any

from hashmatch.algorithms import get_algorithm
from hashmatch.errors import InputError, InputTypeError
from hashmatch.matching.thresholds import (
    COMPARED,
    DEFAULT_OTHERS,
    Thresholds,
    largest_distance,
    whole_number,
)
from hashmatch.matching.video_thresholds import VideoThresholds
from hashmatch.types import Label


class Alert(StrEnum):
    """How grave an answer is; the order here is from the gravest down."""

    BASELINE = "BASELINE"
    """A source says that INTERPOL's Baseline criteria are met: illegal in any country."""
    NATIONAL = "NATIONAL"
    """A source labels it CSAM."""
    OTHER = "OTHER"
    """It stands in a list under another label, or under none: a person has to look."""
    NONE = "NONE"

    @property
    def gravity(self) -> int:
        """Larger is graver."""
        return len(Alert) - list(Alert).index(self)


class Level(StrEnum):
    """How much is tried to find a picture; each level does all that the one before it does."""

    DIGEST = "digest"
    """Digests and known sets only: no perceptual hash is computed or compared."""
    FAST = "fast"
    """Perceptual hashes in eight orientations, within their thresholds."""
    STANDARD = "standard"
    """And, where that finds nothing, cropped, framed and turned copies."""
    THOROUGH = "thorough"
    """And stronger edits, at a higher cost."""

    @property
    def registers(self) -> bool:
        """Whether cropped, framed and turned copies are looked for."""
        return self in (Level.STANDARD, Level.THOROUGH)

    @property
    def views(self) -> str:
        """What ``examine_image`` is asked for."""
        return {Level.STANDARD: "trims", Level.THOROUGH: "all"}.get(self, "none")


DEFAULT_ALERTS: Mapping[Label, Alert] = MappingProxyType(
    {
        Label.CSAM: Alert.NATIONAL,
        Label.EXPLOITIVE: Alert.OTHER,
        Label.CGI: Alert.OTHER,
        Label.COMPARISON: Alert.OTHER,
        Label.UNCATEGORIZED: Alert.OTHER,
        Label.NON_PERTINENT: Alert.NONE,
        Label.KNOWN_IGNORABLE: Alert.NONE,
    }
)

IGNORABLE = frozenset((Label.NON_PERTINENT, Label.KNOWN_IGNORABLE))
_PDQ_BITS = get_algorithm("pdq").bits
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class MatchPolicy:
    """Thresholds and what labels mean here. docs/policy.md has its file.

    Attributes:
        algorithm: the perceptual hash that is always computed and compared.
        max_distance: bits up to which its match is confident (MATCH), inclusive.
        review_max_distance: bits up to which it is shown for review (POSSIBLE), inclusive; the
            same as ``max_distance`` means that there is no review band.
        min_quality: quality below which neither a query nor an entry is matched.
        orientations: compare the query in all eight orientations.
        alerts: alert of each label where Baseline is not yes; national law decides, so an
            agency may replace it.
        level: how much is tried; a text is accepted.
        others: thresholds of the other algorithms whose values lists may hold. One that is not
            there is not compared; ``algorithm`` itself is left out of it.
        max_comparisons: comparisons of hashes that one check may spend on registration, so that
            an upload can't buy unbounded work.
        near_max_distance: bits up to which, from level standard on and where nothing is nearer, the
            hash of the query's own pixels is confident too, inclusive; entries whose hashes attract
            have smaller radii of their own (docs/registration.md).
        registered_max_distance: adjusted distance in bits up to which a registered copy is MATCH,
            inclusive.
        registered_review_max_distance: the same for POSSIBLE.
        video: when frames that agree are a match of two videos.
        name, version: what the agency calls the policy; ``digest`` is what identifies it.

    Raises:
        InputError: a value is out of its range, of another type, or contradicts another one.
    """

    algorithm: str = "pdq"
    max_distance: int = 31
    review_max_distance: int = 31
    min_quality: int = 50
    orientations: bool = True
    alerts: Mapping[Label, Alert] = field(default_factory=lambda: DEFAULT_ALERTS)
    level: Level = Level.STANDARD
    others: Mapping[str, Thresholds] = field(default_factory=lambda: DEFAULT_OTHERS)
    max_comparisons: int = 20_000_000_000
    near_max_distance: int = 60
    registered_max_distance: int = 60
    registered_review_max_distance: int = 63
    video: VideoThresholds = field(default_factory=VideoThresholds)
    name: str = "default"
    version: int = 1

    def __post_init__(self) -> None:
        if not isinstance(self.algorithm, str):
            raise InputTypeError(f"algorithm: expected a name, got {self.algorithm!r}")
        bits = get_algorithm(self.algorithm).bits
        for name, upper in (
            ("max_distance", bits),
            ("review_max_distance", bits),
            ("min_quality", 100),
            ("max_comparisons", _LARGEST),
            ("near_max_distance", _PDQ_BITS),
            ("registered_max_distance", _PDQ_BITS),
            ("registered_review_max_distance", _PDQ_BITS),
            ("version", _LARGEST),
        ):
            whole_number(getattr(self, name), name, upper)
        for review, match in (
            ("review_max_distance", "max_distance"),
            ("registered_review_max_distance", "registered_max_distance"),
        ):
            if getattr(self, review) < getattr(self, match):
                raise InputError(
                    f"{review}: expected at least {match} ({getattr(self, match)}), "
                    f"got {getattr(self, review)}"
                )
        if not isinstance(self.orientations, bool):
            raise InputTypeError(f"orientations: expected True or False, got {self.orientations!r}")
        if not isinstance(self.video, VideoThresholds):
            raise InputTypeError(f"video: expected VideoThresholds, got {self.video!r}")
        if not isinstance(self.name, str) or not self.name.strip() or not self.name.isprintable():
            raise InputError(f"name: expected a line of text, got {self.name!r}")
        if self.level not in list(Level):
            raise InputError(f"level: expected one of {', '.join(Level)}, got {self.level!r}")
        missing = [label.value for label in Label if label not in self.alerts]
        if missing:
            raise InputError(f"alerts: expected every label, {', '.join(missing)} missing")
        for label, alert in self.alerts.items():
            if not isinstance(alert, Alert):
                raise InputError(f"alerts: expected an Alert for {label}, got {alert!r}")
        # Copies: the thresholds that an answer shows are those that it was made with.
        object.__setattr__(self, "level", Level(self.level))
        object.__setattr__(self, "alerts", MappingProxyType(dict(self.alerts)))
        object.__setattr__(self, "others", _checked_others(self.others, self.algorithm))

    @classmethod
    def from_toml(cls, source: str | PathLike[str] | bytes) -> MatchPolicy:
        """A policy from a file, by its path, or from its bytes. What it does not state is default.

        Raises:
            InputError: no such file, or not a policy; the message names the key.
        """
        from hashmatch.matching.policy_file import read_policy

        return read_policy(source)

    def to_toml(self) -> str:
        """The whole policy as ``from_toml`` reads it, nothing left to defaults."""
        from hashmatch.matching.policy_file import policy_text

        return policy_text(self)

    @property
    def compared(self) -> tuple[str, ...]:
        """The algorithms that are compared, the main one first; none at level digest."""
        return () if self.level is Level.DIGEST else (self.algorithm, *self.others)

    def thresholds(self, algorithm: str) -> Thresholds:
        """Radii and least quality of one of ``compared``.

        Raises:
            InputError: the policy does not compare it.
        """
        if algorithm not in self.compared:
            raise InputError(
                f"algorithm: this checker compares {', '.join(self.compared) or 'no hashes'}, "
                f"got {algorithm!r}"
            )
        if algorithm == self.algorithm:
            return Thresholds(self.max_distance, self.review_max_distance, self.min_quality)
        return self.others[algorithm]

    @property
    def digest(self) -> str:
        """SHA-256, hex, of everything that the policy says; the order of its tables is no part."""
        text = json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode("ascii")).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        return {
            "algorithm": self.algorithm,
            "max_distance": self.max_distance,
            "review_max_distance": self.review_max_distance,
            "min_quality": self.min_quality,
            "orientations": self.orientations,
            "alerts": {label.value: Alert(self.alerts[label]).value for label in Label},
            "name": self.name,
            "version": self.version,
            "level": self.level.value,
            "others": {name: radii.to_dict() for name, radii in self.others.items()},
            "max_comparisons": self.max_comparisons,
            "near_max_distance": self.near_max_distance,
            "registered_max_distance": self.registered_max_distance,
            "registered_review_max_distance": self.registered_review_max_distance,
            "video": self.video.to_dict(),
        }


def _checked_others(others: Mapping[str, Thresholds], main: str) -> Mapping[str, Thresholds]:
    if not isinstance(others, Mapping):
        raise InputTypeError(f"others: expected a mapping, got {type(others).__name__}")
    for name, radii in others.items():
        if name not in COMPARED:
            raise InputError(f"others: expected names of {', '.join(COMPARED)}, got {name!r}")
        if not isinstance(radii, Thresholds):
            raise InputTypeError(f"others.{name}: expected Thresholds, got {radii!r}")
        whole_number(radii.possible, f"others.{name}.possible", largest_distance(name))
    # In the order of the table of algorithms, whatever order they came in.
    return MappingProxyType({n: others[n] for n in COMPARED if n in others and n != main})
