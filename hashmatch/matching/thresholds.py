"""Within which distances values of one algorithm are a match, and which of them are compared.

docs/policy.md has the table of the defaults and what was measured for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from hashmatch.algorithms import ALGORITHMS, Comparison, get_algorithm
from hashmatch.errors import InputError, InputTypeError
from hashmatch.index.photodna import DIMS, MAX_DISTANCE

PDQ = "pdq"
PHOTODNA = "photodna"
_LARGEST_SQUARED = DIMS * 255 * 255


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Radii of one algorithm, inclusive: bits, or for PhotoDNA squared Euclidean distance.

    Attributes:
        match: up to here a match is confident (MATCH); None: never, every match is POSSIBLE.
        possible: up to here it is shown for review (POSSIBLE); at least ``match``.
        min_quality: quality below which neither a query nor an entry is matched, 0..100; None:
            whatever the quality is. For PhotoDNA the percentage of neighbouring bytes that differ
            (``hashmatch.index.entropy``), of queries.

    Raises:
        InputError, InputTypeError: a number is out of its range, or no integer.
    """

    match: int | None
    possible: int
    min_quality: int | None = None

    def __post_init__(self) -> None:
        for name, upper, optional in (
            ("match", _LARGEST_SQUARED, True),
            ("possible", _LARGEST_SQUARED, False),
            ("min_quality", 100, True),
        ):
            value = getattr(self, name)
            if value is not None or not optional:
                whole_number(value, name, upper)
        if self.match is not None and self.match > self.possible:
            raise InputError(
                f"possible: expected at least match ({self.match}), got {self.possible}"
            )

    def to_dict(self) -> dict[str, int | None]:
        return {
            "match": self.match,
            "possible": self.possible,
            "min_quality": self.min_quality,
        }


def whole_number(value: Any, name: str, upper: int) -> int:
    """``value`` if it is an integer of 0..upper.

    Raises:
        InputTypeError: no integer. InputError: out of range.
    """
    expected = f"{name}: expected an integer 0..{upper}, got {value!r}"
    if not isinstance(value, int) or isinstance(value, bool):
        raise InputTypeError(expected)
    if not 0 <= value <= upper:
        raise InputError(expected)
    return value


def is_compared(algorithm: str) -> bool:
    """Whether values of the algorithm can be compared at all.

    Raises:
        UnknownAlgorithmError: there is none of that name.
    """
    known = get_algorithm(algorithm)
    return known.comparison is Comparison.HAMMING or algorithm == PHOTODNA


def largest_distance(algorithm: str) -> int:
    """Between any two values of the algorithm: bits, or PhotoDNA's squared distance."""
    return _LARGEST_SQUARED if algorithm == PHOTODNA else get_algorithm(algorithm).bits


COMPARED = tuple(name for name in ALGORITHMS if is_compared(name))

DEFAULT_OTHERS: Mapping[str, Thresholds] = MappingProxyType(
    {
        # Published: ThreatExchange pdq/README.md, 31 bits, quality 50; the C++ front end likewise.
        "pdq": Thresholds(match=31, possible=31, min_quality=50),
        "pdq-cpp": Thresholds(match=31, possible=31, min_quality=50),
        # 256 bits of the same kind as PDQ's. Thorn's benchmark of perceptual hashes has 70 bits at
        # a precision of 99.99 %; the nearest of 399,616 unrelated pairs here was at 86.
        "phash256": Thresholds(match=31, possible=31, min_quality=50),
        # 64 bits are too few for a national list: imagededup's evaluation has a precision of 0.34
        # at radius 10. The nearest unrelated pairs were at 12 (phash) and 7 (dhash).
        "phash": Thresholds(match=None, possible=6, min_quality=50),
        "dhash": Thresholds(match=None, possible=2, min_quality=50),
        # Brightness of blocks: skies and horizons are alike. The nearest unrelated pairs were at
        # 34 and 32 of 256 bits, and 56 of 399,616 within 48.
        "blockhash": Thresholds(match=None, possible=12, min_quality=50),
        "blockhash-precise": Thresholds(match=None, possible=12, min_quality=50),
        # IPED's defaults: a squared distance of 40,000, an entropy of 0.7.
        PHOTODNA: Thresholds(match=MAX_DISTANCE, possible=MAX_DISTANCE, min_quality=70),
    }
)
"""What a policy compares beside its main algorithm, unless it says otherwise.

``ahash`` and ``whash`` are not among them: unrelated photographs had distances of 1 and 0 bits, so
against a large list any radius is a flood. A policy may name them.
"""
