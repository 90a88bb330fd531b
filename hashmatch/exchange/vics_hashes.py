"""The ``AlternativeHashes`` of a VICS media object."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from hashmatch.algorithms import ALGORITHMS
from hashmatch.exchange.fields import FieldReader
from hashmatch.types import DIGEST_BYTES, HashValue

FIELD = "AlternativeHashes"
_PERCEPTUAL = {algorithm.vics_name.casefold(): name for name, algorithm in ALGORITHMS.items()}
_SPACING = re.compile(r"[\s_-]+").sub


@dataclass(slots=True)
class AlternativeHashes:
    """What was found.

    Attributes:
        digests: (algorithm, hex) of known digests.
        hashes: perceptual hashes of known algorithms.
        others: elements of other names, ``HashName`` and ``HashValue`` only, as they stand.
    """

    digests: list[tuple[str, str]] = field(default_factory=list)
    hashes: list[HashValue] = field(default_factory=list)
    others: list[dict[str, Any]] = field(default_factory=list)


def read_alternative_hashes(value: Any, fields: FieldReader) -> AlternativeHashes:
    """Read the array; an element that is no object, or has no name, is a refused field.

    An object alone is an array of one.

    Each element is taken as a whole, so the order of its members does not matter.
    """
    found = AlternativeHashes()
    if value is None or value == "":
        return found
    if not isinstance(value, (list, dict)):
        fields.refuse(FIELD, "expected an array", value)
        return found
    for element in [value] if isinstance(value, dict) else value:
        if isinstance(element, dict):
            _read_element({key.casefold(): item for key, item in element.items()}, fields, found)
        else:
            fields.refuse(FIELD, "expected an object", element)
    return found


def _read_element(element: dict[str, Any], fields: FieldReader, found: AlternativeHashes) -> None:
    name, value = element.get("hashname"), element.get("hashvalue")
    if not isinstance(name, str) or not name.strip():
        fields.refuse(FIELD, "hash without a name", name)
        return
    folded = name.strip().casefold()
    digest_name = _SPACING("", folded)
    if digest_name in DIGEST_BYTES:
        digest = fields.digest(f"{FIELD}.{name}", digest_name, value)
        if digest is not None:
            found.digests.append((digest_name, digest))
    elif algorithm := _PERCEPTUAL.get(folded) or _PERCEPTUAL.get(digest_name):
        quality = _quality(element.get("quality"), fields)
        known = fields.perceptual(f"{FIELD}.{name}", algorithm, value, quality)
        if known is not None:
            found.hashes.append(known)
    elif value is not None and value != "":
        found.others.append({"HashName": name, "HashValue": value})


def _quality(value: Any, fields: FieldReader) -> int | None:
    quality = fields.whole_number(f"{FIELD}.Quality", value)
    if quality is not None and quality > 100:
        fields.refuse(f"{FIELD}.Quality", "quality range", value)
        return None
    return quality
