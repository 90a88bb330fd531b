"""The digests of a list as arrays, without a record for each: what a set of known files is made of.

For the data sets of NIST, whose hundreds of millions of rows say nothing but "known".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from os import PathLike
from typing import TYPE_CHECKING, Any, Self

from hashmatch.errors import InputError
from hashmatch.exchange.fields import FieldReader
from hashmatch.exchange.formats import open_reader
from hashmatch.exchange.source import Source
from hashmatch.types import DIGEST_BYTES, HashRecord, Reject

if TYPE_CHECKING:
    import numpy as np

    from hashmatch.exchange.sqlite_list import SqliteList

    Block = np.ndarray[Any, np.dtype[np.uint8]]

ROWS = 8192
"""Digests of one block, at most."""
_NO_DIGEST = "no such digest"
_EMPTY = {
    "md5": "d41d8cd98f00b204e9800998ecf8427e",
    "sha1": "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
}


class DigestBlocks:
    """Iterates arrays of uint8 (n, width), 1 <= n <= ``ROWS``, in file order. A context manager.

    Attributes:
        algorithm: "md5", "sha1" or "sha256"; the width is 16, 20 or 32 bytes.
        seen: rows of the list so far, every one given out or counted in ``refused``.
        given: digests given out so far; the same one as often as the list has it.
        refused: by reason; digests of empty input, all zero or all F are never given out.

    Raises (while iterating):
        ExchangeError: the list is damaged or cut short.
    """

    def __init__(self, algorithm: str, blocks: Callable[[DigestBlocks], Iterator[Block]]) -> None:
        self.algorithm = algorithm
        self.seen = 0
        self.given = 0
        self.refused: Counter[str] = Counter()
        self._width = DIGEST_BYTES[algorithm]
        self._blocks = blocks(self)

    def __iter__(self) -> Iterator[Block]:
        for block in self._blocks:
            kept = self._worthy(block)
            if len(kept):
                self.given += len(kept)
                yield kept

    def close(self) -> None:
        """End the reading; the file is closed."""
        close = getattr(self._blocks, "close", None)
        if close is not None:
            close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def decode(self, values: list[Any]) -> Block:
        """The digests of rows, each given as the bytes of its hex digits; others are refused."""
        block = self._decode_together(values)
        return self._decode_each(values) if block is None else block

    def _decode_together(self, values: list[Any]) -> Block | None:
        """None where one row is not what it should be: then nothing is known of any."""
        import numpy as np

        try:
            # Each row by itself has its number of digits: none takes those of the next one.
            if set(map(len, values)) != {2 * self._width}:
                return None
            data = bytes.fromhex(b"".join(values).decode("ascii"))
        except (TypeError, ValueError):
            return None
        # fromhex passes over blanks.
        if len(data) != self._width * len(values):
            return None
        return np.frombuffer(data, dtype=np.uint8).reshape(-1, self._width)

    def _decode_each(self, values: list[Any]) -> Block:
        import numpy as np

        fields = FieldReader(0)
        found = bytearray()
        for value in values:
            text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
            before = len(fields.rejects)
            digest = fields.digest(self.algorithm, self.algorithm, text)
            if digest is not None:
                found += bytes.fromhex(digest)
            elif len(fields.rejects) == before:
                self.refused[_NO_DIGEST] += 1
        self.refused.update(reject.reason for reject in fields.rejects)
        return np.frombuffer(bytes(found), dtype=np.uint8).reshape(-1, self._width)

    def _worthy(self, block: Block) -> Block:
        import numpy as np

        reasons = {
            "all zero": bytes(self._width),
            "all F": b"\xff" * self._width,
            "of empty input": bytes.fromhex(_EMPTY[self.algorithm]),
        }
        for reason, value in reasons.items():
            is_it = (block == np.frombuffer(value, dtype=np.uint8)).all(axis=1)
            count = int(is_it.sum())
            if count:
                self.refused[f"{self.algorithm} {reason}"] += count
                block = block[~is_it]
        return block


def digest_blocks(
    path: str | PathLike[str], algorithm: str, *, format: str = "auto", **reading: Any
) -> DigestBlocks:
    """The digests of one algorithm of a list.

    NSRL RDSv3 files and TSK ``.kdb`` are read straight from their tables; every other format goes
    through its reader, which costs a record each.

    Args:
        path: the list.
        algorithm: "md5", "sha1" or "sha256".
        format, reading: as for ``open_reader``.

    Raises:
        InputError: an algorithm of another name; those of ``open_reader``.
        ExchangeError: the list can't be opened, or has no column of this digest.
    """
    from hashmatch.exchange.nsrl_sqlite import digest_columns, looks_like_nsrl_sqlite
    from hashmatch.exchange.sqlite_list import SqliteList, select
    from hashmatch.exchange.tsk_kdb import kdb_column, kdb_digests, looks_like_tsk_kdb

    if algorithm not in DIGEST_BYTES:
        raise InputError(f"algorithm: expected one of {', '.join(DIGEST_BYTES)}, got {algorithm!r}")
    source = Source(path)
    head = source.head()
    source.close()
    if format in ("auto", "nsrl3", "nsrl-rds3") and looks_like_nsrl_sqlite(head):
        database = SqliteList.of(source, texts_as_bytes=True)
        columns, query = digest_columns(database), select([algorithm], database.rows_of("FILE"))
    elif format in ("auto", "tsk", "tsk-kdb") and looks_like_tsk_kdb(head):
        database = SqliteList.of(source, texts_as_bytes=True)
        column = f"hex({kdb_column(algorithm)})"
        columns, query = kdb_digests(database), select([column], database.rows_of("hashes"))
    else:
        reader = open_reader(path, format=format, **reading)
        return DigestBlocks(algorithm, lambda blocks: _from_reader(blocks, reader))
    if algorithm not in columns:
        database.close()
        raise InputError(f"algorithm: expected one of {', '.join(columns)}, got {algorithm!r}")
    return DigestBlocks(algorithm, lambda blocks: _from_table(blocks, database, query))


def _from_table(blocks: DigestBlocks, database: SqliteList, query: str) -> Iterator[Block]:
    with database:
        for batch in database.batches(query):
            blocks.seen += len(batch)
            yield blocks.decode([value for (value,) in batch])


def _from_reader(blocks: DigestBlocks, reader: Any) -> Iterator[Block]:
    with reader:
        values: list[Any] = []
        for item in reader:
            if isinstance(item, Reject):
                blocks.seen += 1
                blocks.refused[item.reason] += 1
            elif isinstance(item, HashRecord):
                blocks.seen += 1
                digest = getattr(item.digests, blocks.algorithm)
                values.append(None if digest is None else digest.encode())
            if len(values) >= ROWS:
                yield blocks.decode(values)
                values = []
        if values:
            yield blocks.decode(values)
