"""A hash as text without a name: what it may be by length and alphabet, or as the caller declared.

A length that two algorithms share is not guessed: 64 hex digits are SHA-256 or PDQ, and taking the
one for the other makes every picture of the list a miss. 32 characters are MD5 in hex or SHA-1 in
base32, as Project Arachnid and Gnutella write it: the alphabet decides.
"""

from __future__ import annotations

import binascii
import re
from base64 import b32decode
from typing import Literal, get_args

from hashmatch.algorithms import ALGORITHMS, Comparison
from hashmatch.errors import InputError
from hashmatch.exchange.fields import FieldReader
from hashmatch.types import DIGEST_BYTES, Digests, HashValue

Encoding = Literal["auto", "hex", "base64", "base32", "integers"]
ENCODINGS: tuple[Encoding, ...] = get_args(Encoding)
HASH_TYPES = (
    *DIGEST_BYTES,
    *(
        name
        for name, row in ALGORITHMS.items()
        if row.comparison is Comparison.HAMMING or name == "photodna"
    ),
)
"""What ``hash_type=`` and a mapping may declare a value to be."""
UNDECLARED = "sha256 or pdq, type not declared"
HOW_TO_DECLARE = "say which with hash_type='sha256' or hash_type='pdq' (--hash-type)"

Hashes = tuple[Digests, tuple[HashValue, ...]]
NO_HASH: Hashes = (Digests(), ())

_CLEAN = re.compile(r"^0[xX]|(?<=[0-9a-fA-F])[-:](?=[0-9a-fA-F])").sub
_HEX = re.compile(r"[0-9a-fA-F]+").fullmatch
_BASE32 = re.compile(r"[A-Za-z2-7]{32}").fullmatch
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}").fullmatch
_NUMBERS = re.compile(r"[0-9]{1,3}(?: ?, ?[0-9]{1,3})*").fullmatch
_SCIENTIFIC = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]+", re.IGNORECASE).fullmatch
_BY_HEX_DIGITS = {32: "md5", 40: "sha1", 64: UNDECLARED, 128: "sha512", 288: "photodna"}
_BY_BASE64 = {24: "md5", 28: "sha1", 44: UNDECLARED, 88: "sha512", 192: "photodna"}
_PADDING = {24: 2, 28: 1, 44: 1, 88: 2, 192: 0}
_NEAR = 4
"""Digits that a spreadsheet may have taken from the front of a digest."""


def type_of(text: str) -> str | None:
    """The type that a bare text can only be; ``UNDECLARED``, or None where it is no hash at all.

    "sha512" is recognised and is none of ``HASH_TYPES``: nothing here compares it.
    """
    digits = clean_hex(text)
    if _HEX(digits):
        return _BY_HEX_DIGITS.get(len(digits))
    text = text.strip()
    if _BASE32(text):
        return "sha1"
    if _BASE64(text) and text.count("=") == _PADDING.get(len(text), -1):
        return _BY_BASE64[len(text)]
    # Only PhotoDNA is written as numbers, one a byte.
    if text.count(",") == ALGORITHMS["photodna"].n_bytes - 1 and _NUMBERS(text):
        return "photodna"
    return None


def is_base32_sha1(text: str) -> bool:
    """Whether a text can be SHA-1 in base32. An MD5 in hex without 0, 1, 8 and 9 can, too."""
    return _BASE32(text.strip()) is not None


def looks_damaged(text: str) -> bool:
    """Whether a spreadsheet may have made this of a digest: ``1.23E+30``, or digits are gone."""
    if _SCIENTIFIC(text.strip()):
        return True
    digits = clean_hex(text)
    return _HEX(digits) is not None and any(0 < n - len(digits) <= _NEAR for n in (32, 40, 64))


def clean_hex(text: str) -> str:
    """Without ``0x`` and without dashes and colons between digits."""
    return _CLEAN("", text.strip()) if not text.isalnum() or text[1:2] in "xX" else text


def checked_type(name: str | None) -> str | None:
    """``name`` in lower case.

    Raises:
        InputError: it is none of ``HASH_TYPES``.
    """
    if name is None:
        return None
    lowered = name.lower().replace("sha-", "sha") if isinstance(name, str) else name
    if lowered not in HASH_TYPES:
        raise InputError(f"hash_type: expected one of {', '.join(HASH_TYPES)}, got {name!r}")
    return lowered


def read_hash_text(
    fields: FieldReader,
    field: str,
    text: str | None,
    declared: str | None,
    *,
    encoding: Encoding = "auto",
    quality: int | None = None,
    frame: int | None = None,
    time_s: float | None = None,
) -> Hashes:
    """One hash as a record holds it; nothing where it is absent or refused (see ``FieldReader``).

    Args:
        declared: one of ``HASH_TYPES``; None for what the text can only be.
        quality, frame, time_s: of a perceptual hash.
    """
    if text is None or not text.strip():
        return NO_HASH
    kind = type_of(text) if declared is None else declared
    if kind is None or kind not in HASH_TYPES:
        fields.refuse(field, _why_not(text) if kind is None else _not_stored(kind), text)
        return NO_HASH
    digits = _as_hex(text.strip(), kind, encoding)
    if digits is None:
        fields.refuse(field, f"{kind} characters", text)
        return NO_HASH
    if kind in DIGEST_BYTES:
        return Digests(**{kind: fields.digest(field, kind, digits)}), ()
    value = fields.perceptual(field, kind, digits, quality)
    if value is None:
        return NO_HASH
    if frame is not None or time_s is not None:
        value = HashValue(kind, value.value, quality, frame, time_s)
    return Digests(), (value,)


def _not_stored(kind: str) -> str:
    return kind if kind == UNDECLARED else f"{kind} is not stored"


def _why_not(text: str) -> str:
    if _SCIENTIFIC(text.strip()):
        return "hash damaged by a spreadsheet"
    if looks_damaged(text):
        return "hash too short, opened in a spreadsheet?"
    return "hash length" if _HEX(clean_hex(text)) else "no hash"


def n_bytes_of(kind: str) -> int:
    """Length of a value of one of ``HASH_TYPES``."""
    return DIGEST_BYTES[kind] if kind in DIGEST_BYTES else ALGORITHMS[kind].n_bytes


def _as_hex(text: str, kind: str, encoding: Encoding) -> str | None:
    """The hash as hex digits for the checks of ``FieldReader``; None where it can't be decoded."""
    n_bytes = n_bytes_of(kind)
    if encoding == "auto":
        encoding = _encoding_of(text, kind, n_bytes)
    if encoding == "hex":
        return clean_hex(text) if kind not in DIGEST_BYTES else text
    try:
        if encoding == "base64":
            decoded = binascii.a2b_base64(text + "=" * (-len(text) % 4), strict_mode=True)
            if binascii.b2a_base64(decoded, newline=False).decode().rstrip("=") != text.rstrip("="):
                return None  # bits beyond the last byte: not what any encoder writes
        elif encoding == "base32":
            decoded = b32decode(text.upper() + "=" * (-len(text) % 8))
        else:
            decoded = bytes(int(part) for part in text.strip("[]() ").split(","))
    except ValueError:
        return None
    return decoded.hex() if len(decoded) == n_bytes else None


def _encoding_of(text: str, kind: str, n_bytes: int) -> Encoding:
    if _HEX(clean_hex(text)):
        return "hex"
    if kind == "sha1" and _BASE32(text):
        return "base32"
    if text.count(",") == n_bytes - 1:
        return "integers"
    # Without its padding it could be the rest of a damaged hex text: that is for a mapping to say.
    if _BASE64(text) and len(text) == 4 * ((n_bytes + 2) // 3):
        return "base64"
    return "hex"
