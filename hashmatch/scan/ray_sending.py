"""Findings as bytes, from a node to the run."""

from __future__ import annotations

import dataclasses
import io
import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from hashmatch.fingerprinting import Fingerprint, ImageFingerprint
from hashmatch.scan.findings import Same
from hashmatch.scan.known import Known
from hashmatch.scan.statuses import ItemStatus
from hashmatch.types import Digests, HashValue


@dataclass(frozen=True, slots=True)
class Sent:
    """A finding on its way.

    Attributes:
        number: of the entry among those of the task.
        content, status, reason, member, size: as of ``Finding``.
    """

    number: int
    content: Fingerprint | Known | Same | None
    status: ItemStatus | None
    reason: str | None
    member: bytes
    size: int | None


def packed(found: Sequence[Sent]) -> bytes:
    """What ``unpacked`` takes."""
    stream = io.BytesIO()
    pickler = pickle.Pickler(stream, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = _AS_CALLS  # type: ignore[assignment]
    pickler.dump(list(found))
    return stream.getvalue()


def unpacked(data: bytes) -> list[Sent]:
    """From our own task."""
    found: list[Sent] = pickle.loads(data)  # noqa: S301 - who runs tasks of ours is trusted
    return found


def _as_call(kind: type[Any]) -> Callable[[Any], tuple[Any, ...]]:
    values = attrgetter(*(field.name for field in dataclasses.fields(kind)))
    return lambda one: (kind, values(one))


_AS_CALLS = {kind: _as_call(kind) for kind in (Sent, ImageFingerprint, HashValue, Digests)}
"""Of these there are ten for each file: as calls they take a third of the time that pickle takes to
ask each for its state."""
