"""Reads HashKeeper hash sets: a table with the MD5 of each file and names of sets by number.

Names of files and directories are not kept. Source: The Sleuth Kit, tsk/hashdb/hk.
"""

from __future__ import annotations

from collections.abc import Iterator

from hashmatch.errors import ExchangeError
from hashmatch.exchange.base import ListInfo, ReadOptions
from hashmatch.exchange.csv_table import Table, TableRow, head_names
from hashmatch.exchange.fields import FieldReader
from hashmatch.exchange.one_pass import Item, OnePassReader
from hashmatch.exchange.source import Source
from hashmatch.types import Digests, HashRecord, Opinion, Reject

FORMAT = "hashkeeper"
_NEEDED = frozenset(("file_id", "hashset_id", "hash"))
_DROPPED = ("file_name", "directory")
_OWN = frozenset(("hash", "file_size", *_DROPPED))


def looks_like_hashkeeper(head: bytes) -> bool:
    """A header line with HashKeeper's columns, quoted or not."""
    return head_names(head) >= _NEEDED


class HashKeeperReader(OnePassReader):
    """Reader of a HashKeeper table, see ``hashmatch.exchange.base.Reader``.

    ``record_key`` is "<set id>:<file id>". The table does not say what its sets are about.

    Raises:
        ExchangeError: the header has no column ``hash``.
    """

    def __init__(self, source: Source, options: ReadOptions) -> None:
        classifier = options.schemes.classifier(FORMAT, "", options.scheme)
        super().__init__(source, options, ListInfo(FORMAT, "table", "", classifier.default_id))
        self._table = Table(source, self.warnings, ",")
        if "hash" not in self._table.columns:
            raise ExchangeError(
                f"{source.path}: expected a column hash, got {self._table.header[:200]}"
            )
        self.info = ListInfo(FORMAT, "table", self._table.header, classifier.default_id)
        verdict = classifier.classify(None)
        self._opinion = Opinion(verdict.scheme, None, verdict.label)
        self._others = [
            (position, name)
            for position, name in enumerate(self._table.names)
            if name and name.lower() not in _OWN
        ]

    def _items(self) -> Iterator[Item]:
        for row in self._table.rows():
            yield row if isinstance(row, Reject) else self._record(row)

    def _record(self, row: TableRow) -> HashRecord | Reject:
        columns = self._table.columns
        fields = FieldReader(row.number)

        def cell(name: str) -> str:
            return row.cells[columns[name]] if name in columns else ""

        md5 = fields.digest("hash", "md5", cell("hash"))
        if md5 is None:
            return fields.refuse_record("no usable hash")
        size = fields.whole_number("file_size", cell("file_size"))
        if size == 0:
            return fields.refuse_record("zero-size media")
        if any(cell(name) for name in _DROPPED):
            self.warnings["dropped file name"] += 1
        key = ":".join(part for part in (cell("hashset_id"), cell("file_id")) if part)
        return HashRecord(
            record_key=key or f"md5:{md5}",
            position=row.number,
            digests=Digests(md5=md5),
            opinion=self._opinion,
            size=size,
            extra={name: row.cells[n] for n, name in self._others if row.cells[n]},
            rejects=tuple(fields.rejects),
        )
