"""What readers have in common: one source, one pass, warnings to count, closed once."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator

from hashmatch.closing import Closing
from hashmatch.errors import ExchangeError
from hashmatch.exchange.base import INCOMPLETE, ListInfo, ReadOptions
from hashmatch.exchange.source import Source
from hashmatch.types import Deletion, HashRecord, Reject

_MAX_REASON = 300

Item = HashRecord | Reject | Deletion


class OnePassReader(Closing):
    """A ``hashmatch.exchange.base.Reader`` whose room only says what the items are.

    Where the caller asked for salvage, an error of the document ends it after the whole records
    before it, and ``info.facts[INCOMPLETE]`` says so.
    """

    def __init__(self, source: Source, options: ReadOptions, info: ListInfo) -> None:
        self._source = source
        self._options = options
        self.info = info
        self.warnings: Counter[str] = Counter()
        self.total_bytes = source.total_bytes

    @property
    def bytes_read(self) -> int:
        return self._source.bytes_read

    def __iter__(self) -> Iterator[Item]:
        self._source.begin_pass()
        try:
            yield from self._items()
        except ExchangeError as error:
            if not self._options.salvage:
                raise
            self.info.facts[INCOMPLETE] = str(error)[:_MAX_REASON]

    @abstractmethod
    def _items(self) -> Iterator[Item]:
        """The items in file order."""

    def close(self) -> None:
        self._source.close()
