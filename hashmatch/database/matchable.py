"""Which perceptual hashes may match: low-information values are stored and flagged, never matched.

A stated quality decides. Where a list states none, a PDQ value is judged by its weight: it says of
each of 256 coefficients whether it lies above their median, so a picture with information has 128
set bits, fewer only where coefficients tie with the median. Solid colours, measured, have 68 to 86.
The rule leaves room for ties and for other tools' rounding: to refuse a good hash is a miss.
"""

from __future__ import annotations

from hashmatch.algorithms import get_algorithm
from hashmatch.index.photodna import MIN_ENTROPY

PDQ_WEIGHT = 128
PDQ_WEIGHT_TOLERANCE = 32
"""Accepted distance from ``PDQ_WEIGHT`` where no quality vouches for the picture: 96 to 160 bits,
four standard deviations of random bits, ten bits above the heaviest solid colour."""

CONSTANT_VALUE = "constant value"
LOW_QUALITY = "low quality"
BIT_WEIGHT = "bit weight"
LOW_ENTROPY = "low entropy"

_PHOTODNA_PAIRS = get_algorithm("photodna").n_bytes - 1
_MAX_EQUAL = int(_PHOTODNA_PAIRS * (1 - MIN_ENTROPY) + 1e-9)


def why_not_matchable(algorithm: str, value: bytes, quality: int | None) -> str | None:
    """The reason why this hash is never matched, or None where it may be.

    Args:
        algorithm: a name in ``hashmatch.algorithms.ALGORITHMS``.
        value: the hash.
        quality: 0..100, or None where it is not known.

    Returns:
        ``CONSTANT_VALUE``, ``LOW_QUALITY``, ``BIT_WEIGHT``, ``LOW_ENTROPY`` or None.

    Raises:
        UnknownAlgorithmError: there is no algorithm of that name.
    """
    min_quality = get_algorithm(algorithm).min_quality
    bits = int.from_bytes(value, "big")
    weight = bits.bit_count()
    if weight in (0, 8 * len(value)):
        return CONSTANT_VALUE
    if quality is not None and min_quality is not None and quality < min_quality:
        return LOW_QUALITY
    unvouched = algorithm == "pdq" and quality is None
    if unvouched and abs(weight - PDQ_WEIGHT) > PDQ_WEIGHT_TOLERANCE:
        return BIT_WEIGHT
    if algorithm == "photodna" and _equal_neighbours(bits, len(value)) > _MAX_EQUAL:
        return LOW_ENTROPY
    return None


def _equal_neighbours(bits: int, n_bytes: int) -> int:
    """Bytes that equal the one before them; ``index.entropy`` for a single value, in integers."""
    return (bits ^ (bits >> 8)).to_bytes(n_bytes, "big")[1:].count(0)
