"""What counts as a match, and what is said about it. Thresholds live here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from hashmatch.algorithms import get_algorithm
from hashmatch.errors import InputError
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


@dataclass(frozen=True, slots=True)
class MatchPolicy:
    """Thresholds and what labels mean here.

    Attributes:
        algorithm: the perceptual hash that is compared.
        max_distance: bits up to which a perceptual match is confident (MATCH), inclusive.
        review_max_distance: bits up to which it is shown for review (POSSIBLE), inclusive; the
            same as ``max_distance`` means that there is no review band.
        min_quality: quality below which neither a query nor an entry is matched.
        orientations: compare the query in all eight orientations.
        alerts: alert of each label where Baseline is not yes; national law decides, so an
            agency may replace it.
    """

    algorithm: str = "pdq"
    max_distance: int = 31
    review_max_distance: int = 31
    min_quality: int = 50
    orientations: bool = True
    alerts: Mapping[Label, Alert] = field(default_factory=lambda: DEFAULT_ALERTS)

    def __post_init__(self) -> None:
        bits = get_algorithm(self.algorithm).bits
        for name, upper in (
            ("max_distance", bits),
            ("review_max_distance", bits),
            ("min_quality", 100),
        ):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= upper:
                raise InputError(f"{name}: expected an integer 0..{upper}, got {value!r}")
        if self.review_max_distance < self.max_distance:
            raise InputError(
                f"review_max_distance: expected at least max_distance ({self.max_distance}), "
                f"got {self.review_max_distance}"
            )
        missing = [label.value for label in Label if label not in self.alerts]
        if missing:
            raise InputError(f"alerts: expected every label, {', '.join(missing)} missing")
        for label, alert in self.alerts.items():
            if not isinstance(alert, Alert):
                raise InputError(f"alerts: expected an Alert for {label}, got {alert!r}")
        # A copy: the thresholds that an answer shows are those that it was made with.
        object.__setattr__(self, "alerts", MappingProxyType(dict(self.alerts)))

    def to_dict(self) -> dict[str, Any]:
        return {
            "algorithm": self.algorithm,
            "max_distance": self.max_distance,
            "review_max_distance": self.review_max_distance,
            "min_quality": self.min_quality,
            "orientations": self.orientations,
            "alerts": {label.value: Alert(self.alerts[label]).value for label in Label},
        }
