"""What every list format offers to the rooms above: a reader, a writer, and what a list is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Protocol, Self

from hashmatch.ledger import Ledger
from hashmatch.types import Deletion, HashRecord, Reject

if TYPE_CHECKING:
    from hashmatch.exchange.mapping import ListMapping
    from hashmatch.exchange.schemes import Schemes

INCOMPLETE = "incomplete"
"""Key in ``ListInfo.facts``."""

Document = Literal["hash-set", "case", "table", "feed", "graph"]


@dataclass(frozen=True, slots=True)
class ListInfo:
    """What a list says about itself, known before its first record is read.

    Attributes:
        format: exact format name ("vics-2.0", "icse-csv"); the bare family name ("vics") where
            the file does not say its version.
        document: "hash-set" and "case" are the two VICS documents, "table" is one row a record,
            "feed" a page of changes, "graph" a linked-data document.
        context: the list's own description of its layout: the OData context, the header line.
        scheme: id of the category scheme for records that no more specific scheme claims.
        facts: what else the document says of itself (counts, the link to the next page), by name;
            complete after the last record. Under ``INCOMPLETE`` stands why a list that was
            salvaged ends before its end.
    """

    format: str
    document: Document
    context: str
    scheme: str
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the caller of ``open_reader`` decided.

    Attributes:
        format: exact name or family name that the caller forced; None for detection.
        scheme: id of the category scheme that the caller forced.
        schemes: the tables to choose from.
        hash_type: what bare values of an ambiguous length are ("sha256", "pdq"); None where the
            caller did not say.
        mapping: the operator's description of a table or document; None for a format that is known.
        salvage: keep the whole records of a document that is cut short, instead of raising.
    """

    format: str | None
    scheme: str | None
    schemes: Schemes
    hash_type: str | None = None
    mapping: ListMapping | None = None
    salvage: bool = False


class Reader(Protocol):
    """One pass over a list, in file order, in bounded memory. A context manager.

    A refused record is a ``Reject`` in the stream; a refused field is in ``HashRecord.rejects``; an
    entry that the source withdraws is a ``Deletion``.

    Attributes:
        info: known from the moment the reader is open.
        warnings: short stable text to count, complete after the last record.
        bytes_read: bytes of the file consumed so far.
        total_bytes: size of the file when it was opened.

    Raises (while iterating):
        ExchangeError: the document is cut short, malformed or over a limit. Records before that
            point were given out: whoever stores them rolls back.
    """

    @property
    def info(self) -> ListInfo: ...
    @property
    def warnings(self) -> Counter[str]: ...
    @property
    def bytes_read(self) -> int: ...
    @property
    def total_bytes(self) -> int: ...
    def __iter__(self) -> Iterator[HashRecord | Reject | Deletion]: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
    def close(self) -> None: ...


class Writer(Protocol):
    """Writes one list. Leaving the ``with`` block without an error puts the file in place."""

    @property
    def ledger(self) -> Ledger: ...
    def write(self, record: HashRecord) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
