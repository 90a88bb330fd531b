"""Values of a list of fingerprints: strict, since the list may have been written by anybody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hashmatch.fingerprinting.model import FingerprintStatus, ImageFingerprint
from hashmatch.hashing import ORIENTATIONS
from hashmatch.types import HashValue

_HASHED = (FingerprintStatus.OK, FingerprintStatus.LOW_INFORMATION)


def parse_count(text: str, name: str) -> int | None:
    """A whole number in ASCII digits; None for an empty cell.

    Raises:
        ValueError: anything else.
    """
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{name}: expected a whole number, got {text[:80]!r}")
    return int(text)


def parse_quality(value: object) -> int | None:
    """A quality as read; None where it is not known.

    Raises:
        ValueError: no integer of 0..100.
    """
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 100:
        raise ValueError(f"quality: expected 0..100, got {value!r}")
    return value


def parse_orientations(texts: Sequence[str], first: HashValue) -> tuple[HashValue, ...]:
    """The eight orientations of ``first``, itself included, from hex.

    Raises:
        ValueError: not eight, or the first one is another hash.
        HashFormatError: one is malformed.
    """
    values = tuple(HashValue.from_hex(first.algorithm, text, first.quality) for text in texts)
    if len(values) != len(ORIENTATIONS) or values[0].value != first.value:
        raise ValueError(f"{first.algorithm}: expected {len(ORIENTATIONS)} orientations of it")
    return values


def require_hash(made: ImageFingerprint) -> ImageFingerprint:
    """The fingerprint itself, unless it claims to be hashed and has no hash.

    Such a record would be answered with NO_MATCH though nothing was compared.

    Raises:
        ValueError: it has no hash and no reason why.
    """
    if made.status in _HASHED and not made.hashes:
        raise ValueError(f"status {made.status.value}: expected a hash, got none")
    return made


def read_text(values: dict[str, Any], name: str) -> str | None:
    """A member of a JSON object that is text or null.

    Raises:
        KeyError, ValueError: it is not there, or something else.
    """
    value = values[name]
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{name}: expected text or null, got {type(value).__name__}")
    return value


def read_count(values: dict[str, Any], name: str) -> int | None:
    """A member of a JSON object that is a whole number, 0 or more, or null.

    Raises:
        KeyError, ValueError: it is not there, or something else.
    """
    value = values[name]
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{name}: expected a whole number or null, got {str(value)[:80]!r}")
    return value


def read_texts(values: dict[str, Any], name: str) -> dict[str, str]:
    """A member of a JSON object that is an object of texts.

    Raises:
        KeyError, ValueError: it is not there, or something else.
    """
    value = values[name]
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise ValueError(f"{name}: expected an object of texts")
    return value
