"""Texts of a list to typed values: digests, flags, numbers, perceptual hashes.

A value that is not what its field claims is refused with a reason; it never becomes another
value. The defects that are expected here were seen in real lists by the public readers of VICS and
ICSE files (IPED, the LEAPP tools).
"""

from __future__ import annotations

import binascii
import re
from decimal import Decimal
from typing import Any

from hashmatch.algorithms import ALGORITHMS
from hashmatch.exchange.drafts import HashValueDraft, seal
from hashmatch.exchange.json_text import to_json
from hashmatch.types import DIGEST_BYTES, HashValue, Reject

MAX_RAW = 200
INT64_MAX = 2**63 - 1
INT64_DIGITS = 19
"""Fewer digits than these are always a number up to ``INT64_MAX``."""

_EMPTY_INPUT = {
    "md5": "d41d8cd98f00b204e9800998ecf8427e",
    "sha1": "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
}
_WORTHLESS = {
    **{"0" * 2 * n: f"{name} all zero" for name, n in DIGEST_BYTES.items()},
    **{"f" * 2 * n: f"{name} all F" for name, n in DIGEST_BYTES.items()},
    **{digest: f"{name} of empty input" for name, digest in _EMPTY_INPUT.items()},
}
HEX_DIGEST = {
    name: re.compile(f"[0-9a-fA-F]{{{2 * n}}}").fullmatch for name, n in DIGEST_BYTES.items()
}
_N_BYTES = {name: algorithm.n_bytes for name, algorithm in ALGORITHMS.items()}
_HEX_ONLY = re.compile(r"[0-9a-fA-F]+").fullmatch
_SEPARATORS = re.compile(r"(?<=[0-9a-fA-F])[-:](?=[0-9a-fA-F])")
_SCIENTIFIC = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]+", re.IGNORECASE).fullmatch
_NUMBERS = re.compile(r"[0-9]{1,3}(?: ?, ?[0-9]{1,3})*").fullmatch
_WHOLE = re.compile(r"[+-]?[0-9]{1,19}(?:\.0*)?").fullmatch

_FLAG_WORDS: dict[str, bool | None] = {
    "": None,
    "null": None,
    **dict.fromkeys(("y", "yes", "t", "true", "1", "1.0"), True),
    **dict.fromkeys(("n", "no", "f", "false", "0", "0.0"), False),
}


is_worthless = _WORTHLESS.__contains__
"""Whether a digest, in lower-case hex, is all zero, all F, or of the empty input."""


class FieldReader:
    """Reads the fields of one record and keeps what it refused.

    Every method takes the field's name as the format spells it and the value as the parser gave
    it, and returns None for an absent value as well as for a refused one; the difference is in
    ``rejects``.
    """

    __slots__ = ("position", "rejects")

    def __init__(self, position: int) -> None:
        self.position = position
        self.rejects: list[Reject] = []

    def refuse(self, field: str, reason: str, raw: Any) -> None:
        text = raw if isinstance(raw, str) else _shown(raw)
        self.rejects.append(Reject(self.position, field, reason, text[:MAX_RAW], False))

    def refuse_record(self, reason: str) -> Reject:
        """The whole-record reject, which shows the fields that led to it."""
        raw = "; ".join(f"{r.field}={r.raw} ({r.reason})" for r in self.rejects)
        return Reject(self.position, None, reason, raw[:MAX_RAW], True)

    def digest(self, field: str, algorithm: str, value: Any) -> str | None:
        """MD5, SHA-1 or SHA-256 as lower-case hex; spaces, ``0x``, dashes and colons go."""
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            self.refuse(field, f"{algorithm} type", value)
            return None
        if HEX_DIGEST[algorithm](value):
            text = value.lower()
        else:
            text = value.strip().lower()
            if not text:
                return None
            text = _SEPARATORS.sub("", text.removeprefix("0x"))
            if not HEX_DIGEST[algorithm](text):
                self.refuse(field, _why_no_digest(algorithm, value.strip(), text), value)
                return None
        if text in _WORTHLESS:
            self.refuse(field, _WORTHLESS[text], value)
            return None
        return text

    def flag(self, field: str, value: Any) -> bool | None:
        """Tri-state. The text "false" is False: never ``bool(value)``."""
        if value is None or value is True or value is False:
            return value
        word = value.strip().lower() if isinstance(value, str) else str(value)
        if word not in _FLAG_WORDS:
            self.refuse(field, "flag value", value)
            return None
        return _FLAG_WORDS[word]

    def whole_number(self, field: str, value: Any) -> int | None:
        """A count, 0 <= n < 2**63, from a number or its text."""
        if value is None:
            return None
        if type(value) is int and 0 <= value <= INT64_MAX:
            return value
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            text = str(value)
        elif isinstance(value, str):
            text = value.strip()
            if not text:
                return None
        else:
            self.refuse(field, "number type", value)
            return None
        if not _WHOLE(text):
            self.refuse(field, "number value", value)
            return None
        number = int(text.partition(".")[0])
        if not 0 <= number <= INT64_MAX:
            self.refuse(field, "number range", value)
            return None
        return number

    def perceptual(
        self, field: str, algorithm: str, value: Any, quality: int | None = None
    ) -> HashValue | None:
        """A perceptual hash in hex, or in base64 where that is how lists carry it."""
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            self.refuse(field, f"{algorithm} type", value)
            return None
        text = value.strip()
        n_bytes = _N_BYTES[algorithm]
        if not text:
            return None
        decoded = _perceptual_bytes(algorithm, text, n_bytes)
        if len(decoded) != n_bytes:
            wrong = len(text) not in (2 * n_bytes, 4 * n_bytes // 3)
            self.refuse(field, f"{algorithm} {'length' if wrong else 'characters'}", value)
            return None
        if decoded[0] in (0x00, 0xFF) and decoded.count(decoded[0]) == n_bytes:
            self.refuse(field, f"{algorithm} all {'F' if decoded[0] else 'zero'}", value)
            return None
        return seal(HashValueDraft(algorithm, decoded, quality), HashValue)

    def text(self, field: str, value: Any) -> str | None:
        """Text as it stands there, a number as its text; None where absent."""
        if value is None or value == "":
            return None
        if isinstance(value, str):
            return value
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            return str(value)
        self.refuse(field, "text type", value)
        return None


def _perceptual_bytes(algorithm: str, text: str, n_bytes: int) -> bytes:
    """The value's bytes; of another number, most often none, where the text is no such value.

    192 base64 characters and 288 hex digits can't be confused: length and alphabet decide.
    """
    try:
        if len(text) == 2 * n_bytes:
            return binascii.unhexlify(text)
        if algorithm == "photodna":
            if len(text) == 4 * n_bytes // 3:
                return binascii.a2b_base64(text, strict_mode=True)
            if text.count(",") == n_bytes - 1 and _NUMBERS(text):
                return bytes(map(int, text.split(",")))
    except ValueError:
        pass
    return b""


def _shown(raw: Any) -> str:
    return to_json(raw) if isinstance(raw, (tuple, list, dict)) else str(raw)


def _why_no_digest(algorithm: str, given: str, text: str) -> str:
    if _SCIENTIFIC(given):
        return f"{algorithm} damaged by a spreadsheet"
    if not _HEX_ONLY(text):
        return f"{algorithm} characters"
    if 0 < 2 * DIGEST_BYTES[algorithm] - len(text) <= 4:
        return f"{algorithm} too short, opened in a spreadsheet?"
    return f"{algorithm} length"
