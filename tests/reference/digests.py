"""A digest set the obvious way: a dictionary from digest to the payloads that came with it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Payload = NDArray[np.int64]


class ReferenceSet:
    """What was added, in any order and any number of pieces."""

    def __init__(self) -> None:
        self.known: dict[bytes, set[int]] = {}

    def add(self, digests: Bytes, payload: Payload | None = None) -> None:
        values = [0] * len(digests) if payload is None else payload.tolist()
        for digest, value in zip(digests, values, strict=True):
            self.known.setdefault(digest.tobytes(), set()).add(value)

    def __len__(self) -> int:
        return sum(len(values) for values in self.known.values())

    def contains(self, digests: Bytes) -> list[bool]:
        return [digest.tobytes() in self.known for digest in digests]

    def find(self, digests: Bytes) -> list[list[int]]:
        return [sorted(self.known.get(digest.tobytes(), ())) for digest in digests]


def neighbours(digests: Bytes) -> Bytes:
    """Each digest as a big-endian number, one more and one less: the likeliest wrong answers."""
    width = digests.shape[1]
    whole = 1 << 8 * width
    out = [
        ((int.from_bytes(digest.tobytes(), "big") + step) % whole).to_bytes(width, "big")
        for digest in digests
        for step in (-1, 1)
    ]
    return np.frombuffer(b"".join(out), dtype=np.uint8).reshape(-1, width)


def crowded(n: int, width: int, shared: int, seed: int) -> Bytes:
    """Digests that share their first ``shared`` bytes, repeated where the rest gives too few."""
    rng = np.random.default_rng(seed)
    digests = rng.integers(0, 256, (n, width), dtype=np.uint8)
    digests[:, :shared] = digests[:1, :shared]
    return digests
