"""How many unrelated entries a perceptual match could be by chance.

Two measures: of the plain Hamming distance, from a normal law (``expected_false_matches``), and of
the adjusted distance of registration, from the tail of measured impostor pairs (``Calibration``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from os import PathLike
from pathlib import Path

from hashmatch.errors import InputError
from hashmatch.matching.calibration_tail import Tail

PDQ_IMPOSTOR_MEAN = 127.9
PDQ_IMPOSTOR_DEVIATION = 8.31
"""Distances between PDQ hashes of unrelated photographs are close to normal, in bits (124,750 pairs
of BSDS500, full-size hashes). Real collections have heavier tails (near-duplicates, documents,
drawings), so what follows from it is a lower bound: it shows by how many powers of ten one distance
is better than another, and is no probability of error."""

MEASURE = "adjusted/3"
"""The distance that is calibrated: ``Registered.adjusted`` as it is defined now. A change of its
definition raises the number, since figures of another distance do not hold."""
PACKAGED = Path(__file__).with_name("impostors.toml")


def expected_false_matches(distance: int, *, n_entries: int, n_variants: int) -> float:
    """Unrelated entries expected within ``distance`` bits of a query, lower bound.

    Args:
        distance: bits, inclusive.
        n_entries: hashes that the query was compared with.
        n_variants: orientations and other variants of the query that were tried.
    """
    deviations = (distance + 0.5 - PDQ_IMPOSTOR_MEAN) / PDQ_IMPOSTOR_DEVIATION
    return n_entries * n_variants * 0.5 * math.erfc(-deviations / math.sqrt(2.0))


@dataclass(frozen=True, slots=True)
class Calibration:
    """The impostors' tails of one kind of pictures, and how they were measured.

    Attributes:
        kind: of the pictures: "photographs", or an operator's own word.
        n_placements: placements that each query tried in the measurement.
        seed: of everything drawn.
        provenance: what was compared and when, one line.
        tails: the first one of all entries; then, if measured, one for each range of the
            entries' concentration, rising and without gaps.
        measure: the distance in words; ``MEASURE``.

    Raises:
        InputError: values that contradict each other, or another measure.
    """

    kind: str
    n_placements: int
    seed: int
    provenance: str
    tails: tuple[Tail, ...]
    measure: str = MEASURE

    def __post_init__(self) -> None:
        for name in ("kind", "provenance"):
            text = getattr(self, name)
            if not text.strip() or not text.isprintable():
                raise InputError(f"{name}: expected one line of text, got {text!r}")
        if self.measure != MEASURE:
            raise InputError(f"measure: expected {MEASURE!r}, got {self.measure!r}")
        if self.n_placements < 1:
            raise InputError(f"n_placements: expected at least 1, got {self.n_placements}")
        if not self.tails:
            raise InputError("tails: expected at least one, got none")
        classes = self.tails[1:]
        ends = [tail.concentration for tail in classes]
        if any(a[1] != b[0] for a, b in pairwise(ends)) or (
            classes and (ends[0][0], ends[-1][1]) != self.tails[0].concentration
        ):
            raise InputError(
                f"tails: expected ranges of concentration that make up "
                f"{self.tails[0].concentration} without gaps, got {ends}"
            )

    @classmethod
    def default(cls) -> Calibration:
        """The packaged one: photographs (docs/calibration.md)."""
        return _packaged()

    @classmethod
    def from_toml(cls, source: str | PathLike[str] | bytes) -> Calibration:
        """Read a calibration file.

        Args:
            source: a path, or the file's bytes.

        Raises:
            InputError: it can't be read or is none; the message names key, expected and got.
        """
        from hashmatch.matching.calibration_file import read_calibration

        return read_calibration(source)

    def to_toml(self) -> str:
        """As ``from_toml`` reads it; the same text for the same values."""
        from hashmatch.matching.calibration_file import calibration_text

        return calibration_text(self)

    def save(self, path: str | PathLike[str], *, overwrite: bool = False) -> None:
        """Write ``to_toml`` to a file that appears whole or not at all.

        Raises:
            ExchangeError: it exists and ``overwrite`` is False, or it can't be written.
        """
        from hashmatch.matching.calibration_file import save_calibration

        save_calibration(self, path, overwrite=overwrite)

    def tail_of(self, concentration: float | None) -> Tail:
        """The tail of entries like one; of all entries for None or where there are no classes."""
        if concentration is not None:
            for tail in self.tails[1:]:
                if tail.concentration[0] <= concentration < tail.concentration[1]:
                    return tail
        return self.tails[0]

    def expected_false_matches(
        self,
        adjusted: float,
        n_entries: int,
        n_placements: int,
        *,
        concentration: float | None = None,
    ) -> float:
        """Unrelated entries that a query of an unlisted picture brings to ``adjusted`` or less.

        Linear in ``n_entries``, and in ``n_placements`` until every entry would be expected. Never
        less than was counted where something was; below that along the fitted law, which errs
        upwards. No probability that a match is wrong.

        Args:
            adjusted: bits, inclusive.
            n_entries: hashes that the query was compared with.
            n_placements: placements of the query that were tried.
            concentration: of the entry that was found: then the figure is that of a database of
                ``n_entries`` like it. None: of entries as they come.

        Raises:
            InputError: a negative number, or no number.
        """
        for name, value in (("n_entries", n_entries), ("n_placements", n_placements)):
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                raise InputError(f"{name}: expected a whole number from 0 on, got {value!r}")
        share = self.tail_of(concentration).share(adjusted) * (n_placements / self.n_placements)
        return n_entries * min(1.0, share)

    def largest_within(
        self,
        expected: float,
        n_entries: int,
        n_placements: int,
        *,
        concentration: float | None = None,
    ) -> float | None:
        """The largest distance, in tenths of a bit, up to ``u0``, that has at most ``expected``.

        None where even 0 bits have more. Entries that attract get a smaller radius this way.
        """
        top = math.floor(self.tail_of(concentration).u0 * 10)
        low, high = -1, top  # what is expected rises with the distance
        while low < high:
            middle = (low + high + 1) // 2
            found = self.expected_false_matches(
                middle / 10, n_entries, n_placements, concentration=concentration
            )
            if found <= expected:
                low = middle
            else:
                high = middle - 1
        return None if low < 0 else low / 10


@cache
def _packaged() -> Calibration:
    return Calibration.from_toml(PACKAGED)


def expected_for(
    calibration: Calibration | None,
    adjusted: float,
    n_entries: int,
    n_placements: int,
    *,
    concentration: float | None = None,
) -> float:
    """``Calibration.expected_false_matches``, of the packaged calibration for None."""
    return (calibration or Calibration.default()).expected_false_matches(
        adjusted, n_entries, n_placements, concentration=concentration
    )
