"""What the writers of one record a line have in common: order, and bytes that follow from it."""

from __future__ import annotations

from abc import abstractmethod
from os import PathLike
from typing import ClassVar

from hashmatch.errors import InputError
from hashmatch.exchange.atomic import AtomicFile
from hashmatch.exchange.file_writer import FileWriter
from hashmatch.exchange.vics_order import SortKey, sort_key
from hashmatch.ledger import Ledger
from hashmatch.types import HashRecord


class SortedLinesWriter(FileWriter):
    """Writes the lines of records that come in the order of ``sort_key``.

    Lines of one key are written in the order of their text: the order of equal records must not
    show. The same line is written once.

    Raises:
        InputError: a record comes after one with a larger ``sort_key``.
        ExchangeError: the file exists and ``overwrite`` is not set, or can't be written.
    """

    HEAD: ClassVar[str] = ""
    BETWEEN: ClassVar[str] = "\n"
    TAIL: ClassVar[str] = "\n"

    def __init__(self, path: str | PathLike[str], *, overwrite: bool = False) -> None:
        self.ledger = Ledger()
        self._last: SortKey | None = None
        self._lines: set[str] = set()
        self._between = ""
        self._file = AtomicFile(path, overwrite=overwrite)
        self._file.write(self.HEAD.encode())

    @abstractmethod
    def _encode(self, record: HashRecord) -> tuple[list[str], str | None] | str:
        """The record's lines with a note for the ledger, or the reason why it has none."""

    def write(self, record: HashRecord) -> None:
        """Add one record."""
        key = sort_key(record)
        if self._last is not None and key < self._last:
            raise InputError(
                f"records: expected them in the order of sort_key, got {key} after {self._last}"
            )
        if key != self._last:
            self._flush()
            self._last = key
        encoded = self._encode(record)
        if isinstance(encoded, str):
            self.ledger.add_rejected(encoded)
            return
        lines, note = encoded
        self._lines.update(lines)
        self.ledger.add_done(note=note)

    def _flush(self) -> None:
        for line in sorted(self._lines):
            # A lone surrogate has no UTF-8 form, and some readers refuse the whole file for one.
            self._file.write((self._between + line).encode("utf-8", "replace"))
            self._between = self.BETWEEN
        self._lines.clear()

    def _finish(self) -> None:
        self._flush()
        self._file.write((self.TAIL if self.HEAD or self._between else "").encode())
