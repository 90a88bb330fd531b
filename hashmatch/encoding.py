"""Hashes and digests as text: strict, fixed length, positions in the errors.

A hash never loses leading zeros and never passes with stray characters: text that is accepted
here maps to exactly one byte string, and ``format_hex`` gives the same text back in lower case.
"""

from __future__ import annotations

from hashmatch.errors import HashFormatError, InputTypeError

_HEX_DIGITS = frozenset("0123456789abcdefABCDEF")


def parse_hex(text: str, n_bytes: int, *, name: str) -> bytes:
    """Decode exactly ``2 * n_bytes`` hexadecimal ASCII digits.

    Args:
        text: the digits, either case; no prefix, no white space, no separators.
        n_bytes: how many bytes they must encode.
        name: what the text is, for the message ("pdq hash", "sha1").

    Raises:
        HashFormatError: another length, or a character that is no ASCII hex digit.
        InputTypeError: ``text`` is not a str.
    """
    if not isinstance(text, str):
        raise InputTypeError(f"{name}: expected hex text, got {type(text).__name__}")
    for position, character in enumerate(text):
        if character not in _HEX_DIGITS:
            raise HashFormatError(
                f"{name}: expected {2 * n_bytes} hex digits, got {character!r} at position "
                f"{position} of {_shown(text)}"
            )
    if len(text) != 2 * n_bytes:
        raise HashFormatError(
            f"{name}: expected {2 * n_bytes} hex digits, got {len(text)}: {_shown(text)}"
        )
    return bytes.fromhex(text)


def format_hex(value: bytes) -> str:
    """Lower-case hex, two digits a byte, first byte first."""
    return value.hex()


def _shown(text: str, limit: int = 80) -> str:
    return repr(text if len(text) <= limit else text[:limit] + "…")
