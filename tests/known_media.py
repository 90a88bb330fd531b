"""Databases and records for tests of answers; digests and hashes of synthetic pictures only."""

from __future__ import annotations

import hashlib
from typing import Any

from hashmatch.types import Digests, HashRecord, HashValue, Label, Opinion


def digests_of(data: bytes, *names: str) -> Digests:
    """Digests of the bytes; only those named, if any are."""
    wanted = names or ("md5", "sha1", "sha256")
    return Digests(**{name: hashlib.new(name, data).hexdigest() for name in wanted})


def record(
    key: str,
    digests: Digests | None = None,
    *hashes: HashValue,
    label: Label = Label.CSAM,
    baseline: bool | None = None,
    **opinion: Any,
) -> HashRecord:
    """One entry of a list."""
    return HashRecord(
        record_key=key,
        position=1,
        digests=digests or Digests(),
        opinion=Opinion(
            scheme="vics-us-current",
            raw_category="1",
            label=label,
            baseline=baseline,
            **opinion,
        ),
        hashes=hashes,
    )


def flipped(value: HashValue, count: int) -> HashValue:
    """The hash with ``count`` bits changed, half of them set and half cleared: weight kept."""
    number = int.from_bytes(value.value, "big")
    ones = [bit for bit in range(value.bits) if number >> bit & 1]
    zeros = [bit for bit in range(value.bits) if not number >> bit & 1]
    for bit in [*ones[: count // 2], *zeros[: count - count // 2]]:
        number ^= 1 << bit
    return HashValue(value.algorithm, number.to_bytes(len(value.value), "big"), value.quality)
