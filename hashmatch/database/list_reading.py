"""A list being read for an import: its batches, and what is known of it before and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
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

    def batches(self) -> Iterator[Batch]:
        return batches(self._records, lambda: None)


class ReaderReading(Closing):
    """A file that a reader in this process reads; closing it closes the reader."""

    def __init__(self, reader: exchange.Reader) -> None:
        self._reader = reader
        self.format: str | None = reader.info.format
        self.scheme: str | None = reader.info.scheme
        self.total_bytes: int | None = reader.total_bytes

    @property
    def warnings(self) -> Counter[str]:
        return self._reader.warnings

    @property
    def incomplete(self) -> str | None:
        return self._reader.info.facts.get(INCOMPLETE)

    def batches(self) -> Iterator[Batch]:
        return batches(self._reader, lambda: self._reader.bytes_read)

    def close(self) -> None:
        """Close the file."""
        self._reader.close()
