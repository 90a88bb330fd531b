"""The perceptual hashes of a common VICS record: PDQ and PhotoDNA, at most one of each."""

from __future__ import annotations

import binascii
from typing import Any

from hashmatch.exchange.drafts import HashValueDraft, seal
from hashmatch.types import HashValue

_PHOTODNA_CHARACTERS = 192
_PHOTODNA_BYTES = 144
_PDQ_DIGITS = 64
_FILLERS = (0x00, 0xFF)


def plain_hashes(photodna: Any, others: Any) -> tuple[HashValue, ...] | None:
    """What ``RecordBuilder`` would make of them, or None where it has to say.

    Args:
        photodna: the member ``PhotoDNA``, None where it is absent.
        others: the member ``AlternativeHashes``, likewise.
    """
    pdq = None
    if others is not None:
        if type(others) is not list:
            return None
        for element in others:
            name = element.get("HashName")
            if len(element) != 2 or "HashValue" not in element:
                return None
            if name == "PDQ" and pdq is None:
                pdq = element["HashValue"]
            elif name == "PhotoDNA" and photodna is None:
                photodna = element["HashValue"]
            else:
                return None
            if element["HashValue"] is None:
                return None
    try:
        if pdq is None:
            return () if photodna is None else (_photodna(photodna),)
        if photodna is None:
            return (_pdq(pdq),)
        return (_pdq(pdq), _photodna(photodna))
    except ValueError:
        return None


def _photodna(text: Any) -> HashValue:
    if type(text) is not str or len(text) != _PHOTODNA_CHARACTERS:
        raise ValueError("not base64 of a PhotoDNA value")
    value = binascii.a2b_base64(text, strict_mode=True)
    if len(value) != _PHOTODNA_BYTES or value[0] in _FILLERS:
        raise ValueError("perhaps a filler")
    return seal(HashValueDraft("photodna", value), HashValue)


def _pdq(text: Any) -> HashValue:
    if type(text) is not str or len(text) != _PDQ_DIGITS:
        raise ValueError("not hex of a PDQ value")
    value = binascii.unhexlify(text)
    if value[0] in _FILLERS:
        raise ValueError("perhaps a filler")
    return seal(HashValueDraft("pdq", value), HashValue)
