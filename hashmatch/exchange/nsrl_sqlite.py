"""Reads NIST's reference data set (NSRL RDS) version 3, an SQLite file, minimal or full.

In the minimal set FILE is a table, in the full one a view over METADATA. Names of files are not
kept; the name of the software package is, as a tag. Source: NIST, RDSv3 schema pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from hashmatch.errors import ExchangeError
from hashmatch.exchange.base import ListInfo, ReadOptions
from hashmatch.exchange.fields import FieldReader
from hashmatch.exchange.known_files import KNOWN, SCHEME, note_scheme
from hashmatch.exchange.one_pass import Item, OnePassReader
from hashmatch.exchange.source import Source
from hashmatch.exchange.sqlite_list import MAGIC, SqliteList, select
from hashmatch.types import DIGEST_BYTES, Digests, HashRecord, Opinion, Reject

FORMAT = "nsrl-rds3"
_FILE = re.compile(
    rb"CREATE\s+(?:TABLE|VIEW)\s+(?:IF\s+NOT\s+EXISTS\s+)?[\"'`\[]?(?:FILE|METADATA)\b",
    re.IGNORECASE,
).search
_MAX_PACKAGES = 500_000
_MAX_NAME = 120
_DIGESTS = tuple(DIGEST_BYTES)


def looks_like_nsrl_sqlite(head: bytes) -> bool:
    """An SQLite file with a table or view FILE, or the METADATA behind it."""
    return head.startswith(MAGIC) and _FILE(head) is not None


def digest_columns(database: SqliteList) -> list[str]:
    """The digests that FILE has.

    Raises:
        ExchangeError: there is no FILE, or it has none.
    """
    columns = database.columns()
    found = [name for name in _DIGESTS if name in columns.get("file", frozenset())]
    if not found:
        raise ExchangeError(
            f"{database.path}: expected a table or view FILE with sha256, sha1 or md5, "
            f"got {', '.join(sorted(columns)[:20]) or 'no tables'}"
        )
    return found


class NsrlSqliteReader(OnePassReader):
    """Reader of an RDSv3 file, see ``hashmatch.exchange.base.Reader``.

    ``record_key`` is "<package id>:<strongest digest>": one file of one package, however it is
    called there. The label is always KNOWN_IGNORABLE. For digests alone ``digest_blocks`` is many
    times as fast.

    Raises:
        ExchangeError: no SQLite file, or one without FILE.
    """

    def __init__(self, source: Source, options: ReadOptions) -> None:
        self._database = SqliteList.of(source)
        try:
            self._digests = digest_columns(self._database)
            columns = self._database.columns()
            file = columns["file"]
            variant = "minimal" if self._database.has_rowid("file") else "full"
            context = f"RDSv3 {variant}: FILE({', '.join(sorted(file))})"
            super().__init__(source, options, ListInfo(FORMAT, "hash-set", context, SCHEME))
            note_scheme(options, self.warnings)
            self._others = [name for name in ("file_size", "package_id") if name in file]
            self._has_packages = {"package_id", "name"} <= columns.get("pkg", frozenset())
            self._share = 0.0
            counted = "file" if variant == "minimal" else "metadata"
            self._expected = self._count(counted) if self._database.has_rowid(counted) else 0
        except BaseException:
            self._database.close()
            raise

    @property
    def bytes_read(self) -> int:
        """As if rows lay in the file one after the other."""
        return int(self.total_bytes * self._share)

    def _count(self, table: str) -> int:
        # count(*) would read the whole file.
        row = self._database.row(select(["max(rowid)"], table))
        return row[0] if row is not None and isinstance(row[0], int) else 0

    def _items(self) -> Iterator[Item]:
        packages = self._packages() if self._has_packages and self._others else {}
        number = 0
        names = [*self._digests, *self._others]
        for batch in self._database.batches(select(names, self._database.rows_of("FILE"))):
            for row in batch:
                number += 1
                yield self._record(number, dict(zip(names, row, strict=True)), packages)
            if self._expected:
                self._share = min(number / self._expected, 1.0)
        self._share = 1.0

    def _record(
        self, number: int, row: dict[str, Any], packages: dict[int, Opinion]
    ) -> HashRecord | Reject:
        fields = FieldReader(number)
        digests = Digests(
            **{name: fields.digest(name, name, _digits(row[name])) for name in self._digests}
        )
        if not digests:
            return fields.refuse_record("no usable hash")
        size = fields.whole_number("file_size", row.get("file_size"))
        if size == 0:
            return fields.refuse_record("zero-size media")
        package = row.get("package_id")
        strongest = ":".join(digests.items()[-1])
        is_number = isinstance(package, int)
        opinion = packages.get(package, KNOWN) if isinstance(package, int) else KNOWN
        if package is not None and not is_number:
            fields.refuse("package_id", "number type", package)
        elif is_number and packages and opinion is KNOWN:
            self.warnings["package without a name"] += 1
        return HashRecord(
            record_key=f"{package}:{strongest}" if is_number else strongest,
            position=number,
            digests=digests,
            opinion=opinion,
            size=size,
            extra={"package_id": str(package)} if is_number else {},
            rejects=tuple(fields.rejects),
        )

    def _packages(self) -> dict[int, Opinion]:
        """The opinion of every package, up to a limit; the rest is known without a name."""
        found: dict[int, Opinion] = {}
        for batch in self._database.batches("SELECT package_id, name FROM PKG"):
            for package, name in batch:
                if isinstance(package, int) and isinstance(name, str) and name:
                    tag = name.encode("utf-8", "replace").decode()[:_MAX_NAME]
                    found.setdefault(package, Opinion(SCHEME, None, KNOWN.label, tags=(tag,)))
            if len(found) >= _MAX_PACKAGES:
                self.warnings["more packages than are named"] += 1
                break
        return found

    def close(self) -> None:
        self._database.close()
        super().close()


def _digits(value: Any) -> Any:
    """Digits that were stored as bytes are the same digits."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
