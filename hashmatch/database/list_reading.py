"""A list being read for an import: its batches, and what is known of it before and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from hashmatch import exchange
from hashmatch.closing import Closing
from hashmatch.database.batches import Batch, batches
from hashmatch.exchange.base import INCOMPLETE
from hashmatch.types import Deletion, HashRecord, Reject


class ListReading(Protocol):
    """What an import needs of a list.

    Attributes:
        format, scheme: as detected or given; None where the records come from no file.
        total_bytes: of the file; None likewise.
        warnings: of the reader, complete after the last batch.
        incomplete: why the list was read only in part; known after the last batch.
    """

    @property
    def format(self) -> str | None: ...
    @property
    def scheme(self) -> str | None: ...
    @property
    def total_bytes(self) -> int | None: ...
    @property
    def warnings(self) -> Counter[str]: ...
    @property
    def incomplete(self) -> str | None: ...
    def open(self) -> None:
        """Find out what it is; called once, before ``batches``.

        Raises:
            ExchangeError, InputError: as ``exchange.open_reader``.
        """
        ...

    def batches(self) -> Iterator[Batch]:
        """All of it, once."""
        ...


class RecordsReading:
    """Records that come from elsewhere than a file."""

    def __init__(
        self, records: Iterable[HashRecord | Reject | Deletion], *, scheme: str | None
    ) -> None:
        self._records = records
        self.format = None
        self.scheme = scheme
        self.total_bytes = None
        self.warnings: Counter[str] = Counter()
        self.incomplete = None

    def open(self) -> None:
        """Nothing is to be found out."""

    def batches(self) -> Iterator[Batch]:
        return batches(self._records, lambda: None)


class ReaderReading(Closing):
    """A file that a reader in this process reads; closing it closes the reader."""

    def __init__(self, open_reader: Callable[[], exchange.Reader]) -> None:
        self._open_reader = open_reader
        self._reader: exchange.Reader | None = None
        self.format: str | None = None
        self.scheme: str | None = None
        self.total_bytes: int | None = None
        self.warnings: Counter[str] = Counter()
        self.incomplete: str | None = None

    def open(self) -> None:
        self._reader = reader = self._open_reader()
        self.format, self.scheme = reader.info.format, reader.info.scheme
        self.total_bytes = reader.total_bytes

    def batches(self) -> Iterator[Batch]:
        reader = self._reader
        if reader is None:
            return
        yield from batches(reader, lambda: reader.bytes_read)
        self.warnings.update(reader.warnings)
        self.incomplete = reader.info.facts.get(INCOMPLETE)

    def close(self) -> None:
        """Close the file."""
        if self._reader is not None:
            self._reader.close()
