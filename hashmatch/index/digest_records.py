"""Digests and payloads as the records that a digest set sorts, and the directory over them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashmatch import _native
from hashmatch.errors import InputError, InputTypeError
from hashmatch.index import arguments

Bytes = NDArray[np.uint8]

KIND = "digest-set"
WIDTHS = (16, 20, 32)
PAYLOAD_BYTES = 8
MAX_RECORDS = (1 << 32) - 1
"""The directory holds positions of 32 bits."""

_MAX_RADIX_BITS = 25
_BUCKET_RECORDS = 4
_SIGN = np.uint64(1 << 63)


def checked_width(width: Any) -> int:
    """16, 20 or 32. Raises InputError or InputTypeError otherwise."""
    number = arguments.integer(width, "width")
    if number not in WIDTHS:
        raise InputError(f"width: expected 16 (MD5), 20 (SHA-1) or 32 (SHA-256), got {number}")
    return number


def checked_digests(digests: Any, width: int) -> Bytes:
    """A C-contiguous uint8 (n, width). Raises InputError or InputTypeError otherwise."""
    return arguments.rows(digests, width, "digests", f"(n, {width})")


def checked_payload(payload: Any, n: int) -> NDArray[np.int64]:
    """An int64 (n,). Raises InputError or InputTypeError otherwise."""
    expected = f"payload: expected int64 ({n},)"
    if not isinstance(payload, np.ndarray):
        raise InputTypeError(f"{expected}, got {type(payload).__name__}")
    if payload.dtype != np.int64:
        raise InputTypeError(f"{expected}, got {payload.dtype} {payload.shape}")
    if payload.shape != (n,):
        raise InputError(f"{expected}, got int64 {payload.shape}")
    return payload


def pack(digests: Bytes, payload: NDArray[np.int64] | None, out: Bytes) -> None:
    """Write records whose order as bytes is that of (digest, payload)."""
    width = digests.shape[1]
    out[:, :width] = digests
    if payload is not None:
        turned = (payload.view(np.uint64) ^ _SIGN).astype(">u8")
        out[:, width:] = turned.view(np.uint8).reshape(-1, PAYLOAD_BYTES)


def unpack_payload(columns: Bytes) -> NDArray[np.int64]:
    """The payloads of records, from their columns behind the digest."""
    turned = np.ascontiguousarray(columns).view(">u8").reshape(len(columns)).astype(np.uint64)
    return (turned ^ _SIGN).view(np.int64)


def radix_bits(n: int) -> int:
    """Leading bits that choose a bucket: four to eight records a bucket, up to 2^25 buckets."""
    return min(_MAX_RADIX_BITS, max(0, (n // _BUCKET_RECORDS).bit_length() - 1))


class DirectoryCounter:
    """Counts records by their leading bits while they pass.

    Args:
        most: at most how many there will be; their final number chooses the final bits.
    """

    def __init__(self, most: int) -> None:
        self._bits = radix_bits(most)
        self._counts = np.zeros(1 << self._bits, dtype=np.uint32)
        self._n = 0

    def add(self, records: Bytes) -> None:
        _native.digest_count_leading(records, self._counts)
        self._n += len(records)

    def directory(self) -> NDArray[np.uint32]:
        """First position of each bucket, and the end."""
        bits = radix_bits(self._n)
        counts = self._counts.reshape(1 << bits, -1).sum(axis=1, dtype=np.uint32)
        directory = np.zeros((1 << bits) + 1, dtype=np.uint32)
        np.cumsum(counts, dtype=np.uint32, out=directory[1:])
        return directory
