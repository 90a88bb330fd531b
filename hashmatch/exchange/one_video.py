"""What the writers of formats have in common in which one file is one video."""

from __future__ import annotations

from abc import abstractmethod
from os import PathLike

from hashmatch.errors import ExchangeError
from hashmatch.exchange.atomic import AtomicFile
from hashmatch.exchange.file_writer import FileWriter
from hashmatch.exchange.vics_order import SortKey, sort_key
from hashmatch.ledger import Ledger
from hashmatch.types import HashRecord

ONE_VIDEO = "a file of this format holds one video"


class OneVideoWriter(FileWriter):
    """Writes one record; every other one is counted as rejected.

    It is the first in the order of ``sort_key``, then of its bytes, that the format can carry: the
    order in which records come must not show.

    Args:
        path: where the file appears.
        expected: what a record must have, for the message where none has it.
        overwrite: whether an existing file is replaced.

    Raises:
        ExchangeError: the file exists or can't be written; on leaving, no record could be written.
    """

    def __init__(self, path: str | PathLike[str], expected: str, *, overwrite: bool) -> None:
        self.ledger = Ledger()
        self._path = path
        self._expected = expected
        self._best: tuple[SortKey, bytes, str | None] | None = None
        self._file = AtomicFile(path, overwrite=overwrite)

    @abstractmethod
    def _encode(self, record: HashRecord) -> tuple[bytes, str | None] | str:
        """The file's bytes with a note for the ledger, or the reason why there are none."""

    def write(self, record: HashRecord) -> None:
        """Add one record."""
        encoded = self._encode(record)
        if isinstance(encoded, str):
            self.ledger.add_rejected(encoded)
            return
        data, note = encoded
        found = (sort_key(record), data, note)
        if self._best is None:
            self._best = found
            return
        self.ledger.add_rejected(ONE_VIDEO)
        if found[:2] < self._best[:2]:
            self._best = found

    def _finish(self) -> None:
        if self._best is None:
            raise ExchangeError(
                f"can't write {self._path}: expected a record with {self._expected}, got none"
            )
        self._file.write(self._best[1])
        self.ledger.add_done(note=self._best[2])
