"""Reads NIST's reference data set (NSRL RDS) version 2: ``NSRLFile.txt``, alone or in a zip.

Columns are found by name: version 1 has them in another order. Names of files are not kept. Source:
NIST, RDS 2 documentation; The Sleuth Kit and IPED as readers of both orders.
"""

from __future__ import annotations

from collections.abc import Iterator

from hashmatch.exchange.base import ListInfo, ReadOptions
from hashmatch.exchange.csv_table import Table, TableRow, head_names
from hashmatch.exchange.fields import FieldReader
from hashmatch.exchange.known_files import KNOWN, SCHEME, note_scheme
from hashmatch.exchange.one_pass import Item, OnePassReader
from hashmatch.exchange.source import Source
from hashmatch.exchange.zip_member import MAGIC, ZipMember, first_member_head
from hashmatch.types import Digests, HashRecord, Reject

FORMAT = "nsrl-rds2"
_NEEDED = frozenset(("sha-1", "md5", "filename", "productcode"))
_COMPANIONS = (
    frozenset(("productcode", "productname")),
    frozenset(("mfgcode", "mfgname")),
    frozenset(("opsystemcode", "opsystemname")),
)
_KEPT = ("CRC32", "MD4", "OpSystemCode", "ProductCode", "SpecialCode")
_WHAT = "NSRLFile.txt, a table with the columns SHA-1, MD5, FileName and ProductCode"


def is_nsrl_file(head: bytes) -> bool:
    """The header of NSRLFile.txt, of either version."""
    return head_names(head) >= _NEEDED


def looks_like_nsrl_text(head: bytes) -> bool:
    """NSRLFile.txt, or a zip whose first member is one of the four tables of the set."""
    if not head.startswith(MAGIC):
        return is_nsrl_file(head)
    member = first_member_head(head)
    return is_nsrl_file(member) or any(head_names(member) >= names for names in _COMPANIONS)


class NsrlTextReader(OnePassReader):
    """Reader of RDS 1 and 2, see ``hashmatch.exchange.base.Reader``.

    ``record_key`` is "<product code>:<strongest digest>". The label is always KNOWN_IGNORABLE.

    Raises:
        ExchangeError: no such header, or no such table in the archive.
    """

    def __init__(self, source: Source, options: ReadOptions) -> None:
        head = source.head()
        opened = source
        if head.startswith(MAGIC):
            opened = ZipMember(source.path, is_nsrl_file, _WHAT)
            source.close()
        super().__init__(opened, options, ListInfo(FORMAT, "table", "", SCHEME))
        try:
            self._table = Table(opened, self.warnings, ",")
        except BaseException:
            opened.close()
            raise
        order = "1" if "md4" in self._table.columns else "2"
        self.info = ListInfo(FORMAT, "table", f"RDS {order}: {self._table.header}", SCHEME)
        note_scheme(options, self.warnings)

    def _items(self) -> Iterator[Item]:
        for row in self._table.rows():
            yield row if isinstance(row, Reject) else self._record(row)

    def _record(self, row: TableRow) -> HashRecord | Reject:
        columns = self._table.columns
        fields = FieldReader(row.number)

        def cell(name: str) -> str:
            position = columns.get(name.lower())
            return "" if position is None else row.cells[position]

        digests = Digests(
            md5=fields.digest("MD5", "md5", cell("MD5")),
            sha1=fields.digest("SHA-1", "sha1", cell("SHA-1")),
            sha256=fields.digest("SHA-256", "sha256", cell("SHA-256")),
        )
        if not digests:
            return fields.refuse_record("no usable hash")
        size = fields.whole_number("FileSize", cell("FileSize"))
        if size == 0:
            return fields.refuse_record("zero-size media")
        strongest = ":".join(digests.items()[-1])
        product = cell("ProductCode")
        return HashRecord(
            record_key=f"{product}:{strongest}" if product else strongest,
            position=row.number,
            digests=digests,
            opinion=KNOWN,
            size=size,
            extra={name: cell(name) for name in _KEPT if cell(name)},
            rejects=tuple(fields.rejects),
        )
