"""Queries and answers as they cross processes.

Ray takes arrays apart to share their memory, which costs more than a small search: small ones
travel as bytes. Large ones are left to Ray, queries once for all shards.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashmatch.cluster.merging import Part
from hashmatch.cluster.ray_library import ray_library

_SMALL_BYTES = 64 << 10
# Queries, hits, whether work was counted, and what.
_HEAD = struct.Struct("<qq?7xqqqq")
_NO_WORK = (0, 0, 0, 0)


def sent(queries: NDArray[np.uint8]) -> Any:
    """Queries, uint8 (n, n_bytes), as an argument for any number of calls."""
    return queries.tobytes() if queries.nbytes <= _SMALL_BYTES else ray_library().put(queries)


def received(queries: bytes | NDArray[np.uint8], n_bytes: int) -> NDArray[np.uint8]:
    """What ``sent`` made, in the process that is asked; Ray has fetched what was put."""
    if isinstance(queries, bytes):
        return np.frombuffer(queries, np.uint8).reshape(-1, n_bytes)
    return queries


def packed(part: Part) -> bytes | Part:
    """An answer to be sent back."""
    offsets, ids, distances, work = part
    if offsets.nbytes + ids.nbytes + distances.nbytes > _SMALL_BYTES:
        return part
    head = _HEAD.pack(len(offsets) - 1, len(ids), work is not None, *(work or _NO_WORK))
    return b"".join((head, offsets.tobytes(), ids.tobytes(), distances.tobytes()))


def unpacked(answer: bytes | Part) -> Part:
    """What ``packed`` made, in the process that asked."""
    if not isinstance(answer, bytes):
        return answer
    n_queries, n_hits, counted, *work = _HEAD.unpack_from(answer)
    ids_at = _HEAD.size + 8 * (n_queries + 1)
    distances_at = ids_at + 8 * n_hits
    return (
        np.frombuffer(answer, np.int64, n_queries + 1, _HEAD.size),
        np.frombuffer(answer, np.int64, n_hits, ids_at),
        np.frombuffer(answer, np.uint16, n_hits, distances_at),
        (work[0], work[1], work[2], work[3]) if counted else None,
    )
