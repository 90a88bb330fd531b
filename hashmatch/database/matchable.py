"""Which perceptual hashes may match: low-information values are stored and flagged, never matched.

A PDQ hash says of each of 256 coefficients whether it lies above their median, so a picture with
information has 128 set bits. Coefficients that tie with the median lower the count: solid
colours, measured, give 68 to 86. The weight therefore detects, for free and without the
picture, values that carry no information (all zeros, all ones, the hash of a black frame).
"""

from __future__ import annotations

from hashmatch.algorithms import get_algorithm

PDQ_WEIGHT = 128
PDQ_WEIGHT_TOLERANCE = 8
"""Accepted distance from ``PDQ_WEIGHT`` where a sufficient quality is stated.

Without a quality nothing else vouches for the picture, and the weight must be exact.
"""

CONSTANT_VALUE = "constant value"
LOW_QUALITY = "low quality"
BIT_WEIGHT = "bit weight"


def why_not_matchable(algorithm: str, value: bytes, quality: int | None) -> str | None:
    """The reason why this hash is never matched, or None where it may be.

    Args:
        algorithm: a name in ``hashmatch.algorithms.ALGORITHMS``.
        value: the hash.
        quality: 0..100, or None where it is not known.

    Returns:
        ``CONSTANT_VALUE``, ``LOW_QUALITY``, ``BIT_WEIGHT`` or None.

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
    if algorithm == "pdq":
        tolerance = 0 if quality is None else PDQ_WEIGHT_TOLERANCE
        if abs(weight - PDQ_WEIGHT) > tolerance:
            return BIT_WEIGHT
    return None
