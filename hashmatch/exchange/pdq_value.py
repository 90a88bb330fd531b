"""A PDQ hash as text: 64 hex digits, or base64 of the same 32 bytes in the same order."""

from __future__ import annotations

import binascii
import re

from hashmatch.exchange.fields import FieldReader
from hashmatch.types import HashValue

HEX = re.compile(r"[0-9a-fA-F]{64}").fullmatch
_BASE64 = re.compile(r"[A-Za-z0-9+/]{43}=").fullmatch


def read_pdq(
    fields: FieldReader, field: str, text: object, quality: int | None = None
) -> HashValue | None:
    """The hash, or None where absent or refused (see ``FieldReader``)."""
    if isinstance(text, str) and _BASE64(text.strip()):
        try:
            decoded = binascii.a2b_base64(text.strip(), strict_mode=True)
        except ValueError:
            decoded = b""
        if len(decoded) != 32:
            fields.refuse(field, "pdq characters", text)
            return None
        text = decoded.hex()
    return fields.perceptual(field, "pdq", text, quality)
