"""Synthetic records; no value in them belongs to real media."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from typing import Any

from hashmatch.types import Digests, HashRecord, HashValue, Label, Opinion


def digest(kind: str, number: int) -> str:
    """The number-th synthetic MD5, SHA-1 or SHA-256."""
    return hashlib.new(kind, f"hashmatch sample {number}\n".encode()).hexdigest()


def digests(
    *, md5: int | None = None, sha1: int | None = None, sha256: int | None = None
) -> Digests:
    """Digests by number; equal numbers are equal digests."""
    numbers = {"md5": md5, "sha1": sha1, "sha256": sha256}
    return Digests(**{k: None if n is None else digest(k, n) for k, n in numbers.items()})


def pdq_value(seed: int) -> bytes:
    """A PDQ-like value: 128 of 256 bits set."""
    bits = random.Random(seed).sample(range(256), 128)
    return sum(1 << bit for bit in bits).to_bytes(32, "big")


def pdq(seed: int, quality: int | None = 100) -> HashValue:
    return HashValue("pdq", pdq_value(seed), quality)


def photodna(seed: int) -> HashValue:
    return HashValue("photodna", random.Random(seed).randbytes(144))


def record(
    key: str = "1",
    *,
    of: Digests | None = None,
    label: Label = Label.CSAM,
    hashes: tuple[HashValue, ...] = (),
    position: int = 1,
    opinion: dict[str, Any] | None = None,
    **fields: Any,
) -> HashRecord:
    """A record; ``opinion`` overrides fields of its Opinion, ``fields`` those of the record."""
    stated: dict[str, Any] = {"scheme": "vics-us-current", "raw_category": "1", "label": label}
    return HashRecord(
        record_key=key,
        position=position,
        digests=digests(md5=1, sha1=1) if of is None else of,
        opinion=Opinion(**{**stated, **(opinion or {})}),
        hashes=hashes,
        **fields,
    )


def many_records(count: int) -> Iterator[HashRecord]:
    """Different media with both kinds of hash, made as they are asked for."""
    for number in range(count):
        yield record(
            f"md5:{number}",
            of=digests(md5=number, sha1=number),
            hashes=(pdq(number), photodna(number)),
            position=number + 1,
            mime="image/jpeg",
            size=1000 + number,
        )
