"""Writers of lists with one hash a line: digests alone, md5sum's layout, ThreatExchange's table."""

from __future__ import annotations

from os import PathLike

from hashmatch.errors import InputError
from hashmatch.exchange.hash_text import HASH_TYPES, checked_type
from hashmatch.exchange.sorted_lines import SortedLinesWriter
from hashmatch.types import DIGEST_BYTES, HashRecord

_ONLY_DIGEST = "only the digest is in this format"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class OneColumnWriter(SortedLinesWriter):
    """One kind of digest, in lower-case hex, a line each.

    Args:
        path: where the file appears.
        digest: "md5", "sha1" or "sha256".
        overwrite: whether an existing file is replaced.
    """

    def __init__(
        self, path: str | PathLike[str], *, digest: str = "md5", overwrite: bool = False
    ) -> None:
        if digest not in DIGEST_BYTES:
            raise InputError(f"digest: expected one of {', '.join(DIGEST_BYTES)}, got {digest!r}")
        super().__init__(path, overwrite=overwrite)
        self._digest = digest

    def _encode(self, record: HashRecord) -> tuple[list[str], str | None] | str:
        value = dict(record.digests.items()).get(self._digest)
        if value is None:
            return f"no {self._digest}"
        return [value], _ONLY_DIGEST


class Md5sumWriter(SortedLinesWriter):
    """md5sum's layout, with the label of the record where a file name would stand: we have none."""

    def _encode(self, record: HashRecord) -> tuple[list[str], str | None] | str:
        if record.digests.md5 is None:
            return "no md5"
        return [f"{record.digests.md5}  {record.opinion.label.value}"], _ONLY_DIGEST


class SimpleCsvWriter(SortedLinesWriter):
    """python-threatexchange's ``simple`` table of one signal type, ``simple.<TYPE>.te``.

    ``indicator, descriptor id, added on, tags``: the record key, the list's own date text and the
    tags, joined by blanks, stand in the last three. Cells that a spreadsheet would run as a formula
    begin with an apostrophe. Source: facebook/ThreatExchange, python-threatexchange.

    Args:
        path: where the file appears.
        hash_type: which hash of the records is the indicator, see ``HASH_TYPES``.
        overwrite: whether an existing file is replaced.
    """

    def __init__(
        self, path: str | PathLike[str], *, hash_type: str = "md5", overwrite: bool = False
    ) -> None:
        self._type = checked_type(hash_type)
        if self._type is None:
            raise InputError(f"hash_type: expected one of {', '.join(HASH_TYPES)}, got None")
        super().__init__(path, overwrite=overwrite)

    def _encode(self, record: HashRecord) -> tuple[list[str], str | None] | str:
        values = [value for name, value in record.digests.items() if name == self._type]
        values += [item.hex for item in record.hashes if item.algorithm == self._type]
        if not values:
            return f"no {self._type}"
        opinion = record.opinion
        tags = " ".join("_".join(tag.split()) for tag in opinion.tags)
        rest = [record.record_key, opinion.updated_raw or "", tags]
        tail = ",".join(map(_cell, rest))
        return [f"{value},{tail}" for value in values], "category and flags are not in this format"


def _cell(text: str) -> str:
    text = " ".join(text.splitlines()).replace("\0", "")
    if text.startswith(_FORMULA):
        text = f"'{text}"
    return f'"{text.replace(chr(34), 2 * chr(34))}"' if set(text) & set('",;') else text
