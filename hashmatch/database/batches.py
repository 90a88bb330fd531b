"""Records of a list in batches of statements, ready for the tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from hashmatch.database.statement import Refused, Statement, admit, refuse_key
from hashmatch.store import encode_text
from hashmatch.types import Deletion, HashRecord, Reject

BATCH = 2_000
"""Records that are looked up and inserted together; larger ones only feed the collector."""


@dataclass(slots=True)
class Batch:
    """Some consecutive items of a list.

    Attributes:
        statements: of records that were admitted.
        refused: what was not, records and fields.
        deletions: keys that the list withdraws, as they are stored.
        bytes_read: of the file, so far; None where the records come from no file.
    """

    statements: list[Statement] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    deletions: list[str] = field(default_factory=list)
    bytes_read: int | None = None


def batches(
    items: Iterable[HashRecord | Reject | Deletion], bytes_read: Callable[[], int | None]
) -> Iterator[Batch]:
    """Batches of ``items``; where reading fails, what came before is a last one, then the error."""
    stream = iter(items)
    while True:
        batch = Batch()
        try:
            taken = _fill(batch, stream)
        except BaseException:
            batch.bytes_read = bytes_read()
            yield batch
            raise
        if not taken:
            return
        batch.bytes_read = bytes_read()
        yield batch


def _fill(batch: Batch, stream: Iterator[HashRecord | Reject | Deletion]) -> bool:
    """Take up to ``BATCH`` items; False where there was not one."""
    statements, refused = batch.statements, batch.refused
    taken = False
    for item in islice(stream, BATCH):
        taken = True
        if isinstance(item, HashRecord):
            statement = admit(item, refused)
            if statement is not None:
                statements.append(statement)
        elif isinstance(item, Reject):
            refused.append((item, None))
        else:
            too_long = refuse_key(item.record_key, item.position)
            if too_long is None:
                batch.deletions.append(encode_text(item.record_key))
            else:
                refused.append((too_long, None))
    return taken
