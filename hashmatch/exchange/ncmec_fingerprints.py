"""The fingerprints of an NCMEC entry."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from hashmatch.exchange.fields import FieldReader
from hashmatch.exchange.json_text import to_json
from hashmatch.exchange.pdq_value import read_pdq
from hashmatch.exchange.xml_entries import Element
from hashmatch.types import Digests, HashValue

_DIGESTS = ("md5", "sha1", "sha256")
LARGE = "large fingerprints"
"""Member of ``extra``: names of fingerprints that are fetched one by one."""


@dataclass(slots=True)
class Fingerprints:
    """What one entry has. ``extra`` holds the fingerprints of unknown kinds, as text."""

    digests: Digests
    hashes: tuple[HashValue, ...]
    extra: dict[str, str] = field(default_factory=dict)


def read_fingerprints(fields: FieldReader, entry: Element, warnings: Counter[str]) -> Fingerprints:
    """Every child of every ``fingerprints``; a digest that is there twice must say the same."""
    digests: dict[str, str | None] = {}
    hashes: list[HashValue] = []
    others: dict[str, list[str]] = {}
    large: list[str] = []
    for child in (c for f in entry.children if f.name == "fingerprints" for c in f.children):
        name, text = child.name, child.text.strip()
        if "href" in child.attributes:
            large.append(name)
            if not text:
                continue
        if name in _DIGESTS:
            value = fields.digest(name, name, text)
            if value is not None and digests.setdefault(name, value) != value:
                # Neither can be trusted: a wrong digest is worse than none.
                fields.refuse(name, f"{name} twice with different values", text)
                digests[name] = None
        elif name == "pdq":
            hashes += _known(read_pdq(fields, name, text))
        elif name == "pdna":
            hashes += _known(fields.perceptual(name, "photodna", text))
        elif text or child.attributes or child.children:
            others.setdefault(name, []).append(text)
        else:
            warnings["empty fingerprint"] += 1
    extra = {
        f"fingerprints/{name}": texts[0] if len(texts) == 1 else to_json(texts)
        for name, texts in others.items()
    }
    if large:
        extra[LARGE] = to_json(large)
    return Fingerprints(Digests(**digests), tuple(hashes), extra)


def _known(value: HashValue | None) -> list[HashValue]:
    return [] if value is None else [value]
