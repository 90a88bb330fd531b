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

    def decode(self, digits: str, count: int) -> Block | None:
        """``count`` digests in hex, one after the other; None where that is not what they are."""
        import numpy as np

        if len(digits) != 2 * self._width * count:
            return None
        try:
            data = bytes.fromhex(digits)
        except ValueError:
            return None
        # fromhex passes over blanks; what is left would then be the digits of other rows.
        if len(data) != self._width * count:
            return None
        return np.frombuffer(data, dtype=np.uint8).reshape(count, self._width)

    def decode_each(self, values: list[Any], kind: str = "text") -> Block:
        """The digests of rows of which some are none; those are refused."""
        import numpy as np

        fields = FieldReader(0)
        found = bytearray()
        for value in values:
            if kind == "blob" and isinstance(value, bytes):
                value = value.hex()
            before = len(fields.rejects)
            digest = fields.digest(self.algorithm, self.algorithm, value)
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
    from hashmatch.exchange.sqlite_list import SqliteList
    from hashmatch.exchange.tsk_kdb import kdb_column, looks_like_tsk_kdb

    if algorithm not in DIGEST_BYTES:
        raise InputError(f"algorithm: expected one of {', '.join(DIGEST_BYTES)}, got {algorithm!r}")
    source = Source(path)
    head = source.head()
    source.close()
    if format in ("auto", "nsrl", "nsrl-rds3") and looks_like_nsrl_sqlite(head):
        database = SqliteList.of(source)
        table, column = "FILE", algorithm
        columns = digest_columns(database)
    elif format in ("auto", "tsk", "tsk-kdb") and looks_like_tsk_kdb(head):
        database = SqliteList.of(source)
        table, column = "hashes", kdb_column(algorithm)
        columns = list(database.columns().get("hashes", ()))
    else:
        reader = open_reader(path, format=format, **reading)
        return DigestBlocks(algorithm, lambda blocks: _from_reader(blocks, reader))
    if column not in columns:
        database.close()
        raise InputError(f"algorithm: expected one of {', '.join(columns)}, got {algorithm!r}")
    return DigestBlocks(algorithm, lambda blocks: _from_table(blocks, database, table, column))


def _from_table(
    blocks: DigestBlocks, database: SqliteList, table: str, column: str
) -> Iterator[Block]:
    from hashmatch.exchange.sqlite_list import select

    with database:
        if database.has_rowid(table):
            yield from _by_rowid(blocks, database, table, column)
            return
        kind = "blob" if table == "hashes" else "text"
        for batch in database.batches(select([column], table)):
            values = [row[0] for row in batch]
            blocks.seen += len(values)
            # Only texts can be digits; a number that looks like some would join as well.
            whole = all(type(v) is str and len(v) == 2 * blocks._width for v in values)
            block = blocks.decode("".join(values), len(values)) if whole else None
            yield blocks.decode_each(values, kind) if block is None else block


def _by_rowid(
    blocks: DigestBlocks, database: SqliteList, table: str, column: str
) -> Iterator[Block]:
    """SQLite joins the digits of a block to one text: one row in Python for thousands."""
    from hashmatch.exchange.sqlite_list import select

    rows = select([f"{column} AS d", "rowid AS r"], f"{table} WHERE rowid >= ?")
    rows += f" ORDER BY rowid LIMIT {ROWS}"
    width = 2 * blocks._width
    digits, kind = ("hex(d)", "blob") if table == "hashes" else ("d", "text")
    good = f"sum(length({digits}) = {width} AND typeof(d) = '{kind}')"
    joined = select(["max(r)", "count(*)", good, f"group_concat({digits}, '')"], f"({rows})")
    start = -(2**63)
    while start < 2**63:
        found = database.row(joined, (start,))
        if found is None or not found[1]:
            return
        last, count, whole, text = found
        blocks.seen += count
        # Digits are read as one text only where each row alone has its number of them.
        block = blocks.decode(text, count) if whole == count else None
        if block is None:
            each = select(["d"], f"({rows.replace('?', str(start))})")
            values = [row[0] for batch in database.batches(each) for row in batch]
            block = blocks.decode_each(values, kind)
        start = last + 1
        yield block


def _from_reader(blocks: DigestBlocks, reader: Any) -> Iterator[Block]:
    with reader:
        values: list[Any] = []
        for item in reader:
            if isinstance(item, Reject):
                blocks.seen += 1
                blocks.refused[item.reason] += 1
            elif isinstance(item, HashRecord):
                blocks.seen += 1
                values.append(getattr(item.digests, blocks.algorithm))
            if len(values) >= ROWS:
                yield blocks.decode_each(values)
                values = []
        if values:
            yield blocks.decode_each(values)
