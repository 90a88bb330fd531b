"""Pairs on disk: written in blocks as they are found, read in blocks as a linkage needs them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from os import PathLike

import numpy as np
from numpy.typing import NDArray

from hashmatch.closing import Closing

Ids = NDArray[np.int64]
Block = tuple[Ids, Ids, NDArray[np.uint16]]

_ROW = np.dtype([("first", "<i4"), ("second", "<i4"), ("distance", "<u2")])
_READ_ROWS = 1 << 20


class PairFile(Closing):
    """A file without a name that is gone with the process; a context manager.

    Attributes:
        n_pairs: pairs that were written.

    Args:
        folder: where it lies; the system's folder for temporary files if None.
        there: bool (n,), nodes whose pairs ``blocks`` gives, as it is then; None: all.
    """

    def __init__(
        self,
        folder: str | PathLike[str] | None = None,
        there: NDArray[np.bool_] | None = None,
    ) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by close
        self.n_pairs = 0
        self._there = there

    def close(self) -> None:
        """Let the file go, and what is in it."""
        self._file.close()

    def append(self, first: Ids, second: Ids, distances: NDArray[np.uint16]) -> None:
        """Write pairs of nodes below 2^31."""
        rows = np.empty(len(first), _ROW)
        rows["first"], rows["second"], rows["distance"] = first, second, distances
        self._file.seek(0, 2)
        self._file.write(rows.tobytes())
        self.n_pairs += len(rows)

    def blocks(self) -> Iterator[Block]:
        """Pairs in the order in which they were written; those of nodes that are there."""
        for at in range(0, self.n_pairs, _READ_ROWS):
            self._file.seek(at * _ROW.itemsize)
            data = self._file.read(min(_READ_ROWS, self.n_pairs - at) * _ROW.itemsize)
            rows = np.frombuffer(data, _ROW)
            if self._there is not None:
                rows = rows[self._there[rows["first"]] & self._there[rows["second"]]]
            yield (
                rows["first"].astype(np.int64),
                rows["second"].astype(np.int64),
                rows["distance"].astype(np.uint16),
            )
