"""What the process that reads a list sends: frames of plain values.

A frame is 8 bytes of length and a marshalled tuple whose first item says what it is. Frames pass
between two processes of one program and are never kept.
"""

from __future__ import annotations

import marshal
from typing import Any

from hashmatch.database.batches import Batch
from hashmatch.types import Reject

LENGTH_BYTES = 8
OPENED, BATCH, END, FAILED = "opened", "batch", "end", "failed"

Frame = tuple[Any, ...]


def framed(frame: Frame) -> tuple[bytes, bytes]:
    """Length and content, to be sent one after the other."""
    # Version 2 does not look for objects that occur twice, which costs more than it saves here.
    payload = marshal.dumps(frame, 2)
    return len(payload).to_bytes(LENGTH_BYTES, "little"), payload


def unframed(payload: bytes) -> Frame:
    """The tuple of a frame's content, of a process that this one started."""
    frame: Frame = marshal.loads(payload)  # noqa: S302 - see above
    return frame


def packed(batch: Batch) -> Frame:
    """A batch as a frame."""
    refused = [
        ((r.position, r.field, r.reason, r.raw, r.whole_record), key) for r, key in batch.refused
    ]
    return (BATCH, batch.statements, refused, batch.deletions, batch.bytes_read)


def unpacked(frame: Frame) -> Batch:
    """The batch of a frame."""
    _, statements, refused, deletions, bytes_read = frame
    rejects = [(Reject(*values), key) for values, key in refused]
    return Batch(statements, rejects, deletions, bytes_read)
