"""Counting in bounded memory: different texts up to a limit, repeated keys without one."""

from __future__ import annotations

import tempfile
from array import array
from collections import Counter
from collections.abc import Hashable
from contextlib import ExitStack
from typing import IO, TYPE_CHECKING

from hashmatch.closing import Closing
from hashmatch.exchange.source import foreign_errors

if TYPE_CHECKING:
    import numpy as np

OTHERS = "others"
_PARTS = 64
_HELD = 1 << 20
"""Keys that are held before they go to temporary files."""
_DOING = "can't count repeated records in a temporary file"


class NamedCounts(Counter[str]):
    """Counts by name; a hostile list could invent a name a record, so names after ``limit`` are
    counted as ``OTHERS``, and long ones are cut.
    """

    LIMIT = 200
    LENGTH = 120

    def add(self, name: str, count: int = 1) -> None:
        if name not in self:
            name = name if len(name) <= self.LENGTH else name[: self.LENGTH] + "…"
            if name not in self and len(self) >= self.LIMIT:
                name = OTHERS
        self[name] += count


class KeyTally(Closing):
    """How many of the keys given to it are different. A context manager.

    Keys are held as 64-bit hashes under a key of this process: a million in memory, more in
    temporary files that are counted one part after the other. Two of a hundred million keys share
    a hash with a chance of one in four thousand.
    """

    def __init__(self) -> None:
        self.added = 0
        self._held = array("q")
        self._parts: list[IO[bytes]] = []
        self._files = ExitStack()

    def add(self, key: Hashable) -> None:
        self.added += 1
        self._held.append(hash(key))
        if len(self._held) >= _HELD:
            self._spill()

    def distinct(self) -> int:
        """Different keys so far."""
        import numpy as np

        if not self._parts:
            return len(np.unique(np.array(self._held, dtype=np.int64)))
        self._spill()
        total = 0
        with foreign_errors(_DOING):
            for part in self._parts:
                part.seek(0)
                total += len(np.unique(np.frombuffer(part.read(), dtype=np.int64)))
        return total

    def _spill(self) -> None:
        import numpy as np

        with foreign_errors(_DOING):
            if not self._parts:
                for _ in range(_PARTS):
                    part = tempfile.TemporaryFile()  # noqa: SIM115 - closed by ``_files``
                    self._parts.append(self._files.enter_context(part))
            keys = np.array(self._held, dtype=np.int64)
            self._held = array("q")
            _append(self._parts, keys)

    def close(self) -> None:
        """Remove the temporary files."""
        self._files.close()


def _append(parts: list[IO[bytes]], keys: np.ndarray) -> None:
    """Each key to the part of its lowest bits."""
    import numpy as np

    where = keys & (len(parts) - 1)
    order = np.argsort(where, kind="stable")
    ends = np.searchsorted(where[order], np.arange(len(parts) + 1))
    for number, part in enumerate(parts):
        part.seek(0, 2)
        part.write(keys[order[ends[number] : ends[number + 1]]].tobytes())
