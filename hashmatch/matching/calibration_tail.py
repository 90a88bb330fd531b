"""The lower tail of the distances of unrelated pictures: shares of pairs, no probabilities.

Peaks over a threshold (Pickands 1975; Coles, An Introduction to Statistical Modeling of Extreme
Values, 2001, chapter 4): below ``u0`` the depth ``u0 - distance`` follows a generalised Pareto law.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass

from hashmatch.errors import InputError

MAX_BITS = 1024.0
"""Adjusted distances stay far below it; a larger one is a mistake."""
FLATTEST_SHAPE = 1.0
"""Above it the tail has no mean."""


@dataclass(frozen=True, slots=True)
class Tail:
    """What was measured of one class of entries, and the law that fits its tail.

    Attributes:
        name: of the class.
        concentration: entries whose hashes have a concentration in [first, second).
        n_pairs: impostor pairs of a query and an entry that were compared.
        n_exceedances: of them, those at an adjusted distance of at most ``u0``.
        u0: bits; the law was fitted to the distances up to here.
        scale: bits; by so much deeper, and the share falls to 1/e (at ``u0``).
        shape: of the generalised Pareto law; 0 is the exponential.
        scale_interval, shape_interval, rate_interval: 95 %, by bootstrap over queries.
        lowest: smallest adjusted distance that was seen, bits.
        counts: (whole bits, pairs at or below), ascending, from the first bit that has any to
            the last one to which the sample is complete.

    Raises:
        InputError: values that contradict each other.
    """

    name: str
    concentration: tuple[float, float]
    n_pairs: int
    n_exceedances: int
    u0: float
    scale: float
    shape: float
    scale_interval: tuple[float, float]
    shape_interval: tuple[float, float]
    rate_interval: tuple[float, float]
    lowest: float
    counts: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        low, high = self.concentration
        bits = [at for at, _ in self.counts]
        seen = [count for _, count in self.counts]
        must = (
            ("name", bool(self.name) and self.name.isprintable(), "a printable text"),
            ("concentration", 0 <= low < high <= 2, "two rising numbers 0..2"),
            ("n_pairs", self.n_pairs >= 1, "at least 1"),
            ("n_exceedances", 1 <= self.n_exceedances <= self.n_pairs, "1..n_pairs"),
            ("u0", 0 < self.u0 <= MAX_BITS, f"bits, more than 0 and at most {MAX_BITS:.0f}"),
            ("scale", 0 < self.scale <= MAX_BITS, "bits, more than 0"),
            (
                "shape",
                0 <= self.shape <= FLATTEST_SHAPE,
                f"0..{FLATTEST_SHAPE}",
            ),
            *(
                (name, -math.inf < value[0] <= value[1] < math.inf, "two rising numbers")
                for name, value in (
                    ("scale_interval", self.scale_interval),
                    ("shape_interval", self.shape_interval),
                    ("rate_interval", self.rate_interval),
                )
            ),
            ("lowest", -MAX_BITS <= self.lowest <= self.u0, "bits, at most u0"),
            (
                "counts",
                bits == sorted(set(bits))
                and seen == sorted(seen)
                and all(1 <= count <= self.n_pairs for count in seen)
                and all(at >= self.lowest for at in bits)
                and all((at <= self.u0) or n >= self.n_exceedances for at, n in self.counts)
                and all((at > self.u0) or n <= self.n_exceedances for at, n in self.counts),
                "rising bits from lowest on, and rising counts that n_exceedances agrees with",
            ),
        )
        for name, fine, expected in must:
            if not fine:
                raise InputError(f"{name}: expected {expected}, got {getattr(self, name)!r}")

    @property
    def rate(self) -> float:
        """Share of the pairs at or below ``u0``."""
        return self.n_exceedances / self.n_pairs

    def share(self, adjusted: float) -> float:
        """Share of impostor pairs expected at ``adjusted`` bits or less; it errs upwards.

        Up to ``u0`` the law's, and never less than was counted (up to the next whole bit). Above
        ``u0`` what was counted, and beyond that on as steeply as the law is at ``u0``; at most 1.

        Raises:
            InputError: ``adjusted`` is no finite number.
        """
        if not math.isfinite(adjusted):
            raise InputError(f"adjusted: expected a finite number of bits, got {adjusted!r}")
        law = self.rate * self._survival(self.u0 - adjusted) if adjusted < self.u0 else self.rate
        return min(1.0, max(law, self._counted(adjusted)))

    def _survival(self, depth: float) -> float:
        """Share of the exceedances that go at least so deep."""
        if self.shape == 0:
            return math.exp(-depth / self.scale)
        return math.exp(-math.log1p(self.shape * depth / self.scale) / self.shape)

    def _counted(self, adjusted: float) -> float:
        last, most = self.counts[-1] if self.counts else (self.u0, self.n_exceedances)
        last, most = max((last, most), (self.u0, self.n_exceedances))
        if adjusted > last:
            return most / self.n_pairs * math.exp(min((adjusted - last) / self.scale, 700.0))
        at = math.ceil(adjusted)
        if at > last:
            return most / self.n_pairs
        place = bisect_right(self.counts, (at, self.n_pairs))
        return self.counts[place - 1][1] / self.n_pairs if place else 0.0


def counted(adjusted: list[float], complete_to: float) -> tuple[tuple[int, int], ...]:
    """``Tail.counts`` of sorted distances."""
    if not adjusted:
        return ()
    return tuple(
        (at, bisect_right(adjusted, float(at)))
        for at in range(math.ceil(adjusted[0]), math.floor(complete_to) + 1)
    )
