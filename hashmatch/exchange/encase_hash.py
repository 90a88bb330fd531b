"""Reads EnCase hash sets (``.hash``): a header, then MD5 values of 16 bytes and two bytes more.

Source: The Sleuth Kit, tsk/hashdb/encase.
"""

from __future__ import annotations

from collections.abc import Iterator

from hashmatch.errors import ExchangeError
from hashmatch.exchange.base import ListInfo, ReadOptions
from hashmatch.exchange.fields import FieldReader
from hashmatch.exchange.one_pass import Item, OnePassReader
from hashmatch.exchange.source import Source
from hashmatch.types import Digests, HashRecord, Opinion

FORMAT = "encase-hash"
MAGIC = b"HASH\r\n\xff\x00"
NAME_AT, RECORDS_AT = 1032, 1152
WIDTH = 18
_CONTEXT = "records of 18 bytes: MD5 and two bytes"
_BATCH = 4096 * WIDTH


def looks_like_encase_hash(head: bytes) -> bool:
    return head.startswith(MAGIC)


class EncaseHashReader(OnePassReader):
    """Reader of an EnCase hash set, see ``hashmatch.exchange.base.Reader``.

    ``record_key`` is "md5:<hex>"; the two bytes after it, of unknown meaning, stay in
    ``extra["encase"]`` as hex. The set's name is ``info.facts["name"]``.

    Raises:
        ExchangeError: another magic, a header cut short; while iterating, a last record cut short.
    """

    def __init__(self, source: Source, options: ReadOptions) -> None:
        classifier = options.schemes.classifier(FORMAT, _CONTEXT, options.scheme)
        info = ListInfo(FORMAT, "hash-set", _CONTEXT, classifier.default_id)
        super().__init__(source, options, info)
        source.rewind()
        header = source.read(RECORDS_AT)
        if not looks_like_encase_hash(header) or len(header) < RECORDS_AT:
            raise ExchangeError(
                f"{source.path}: expected the header of an EnCase hash set, {RECORDS_AT} bytes "
                f"that begin with {MAGIC!r}, got {len(header)} bytes, {header[:8]!r}"
            )
        name = header[NAME_AT:].decode("utf-16-le", "replace").partition("\0")[0].strip()
        if name:
            self.info.facts["name"] = name
        verdict = classifier.classify(None)
        self._opinion = Opinion(verdict.scheme, None, verdict.label)

    def _items(self) -> Iterator[Item]:
        number = 0
        left = b""
        while data := self._source.read(_BATCH):
            data = left + data
            whole = len(data) - len(data) % WIDTH
            left = data[whole:]
            for at in range(0, whole, WIDTH):
                number += 1
                yield self._record(number, data[at : at + WIDTH])
        if left:
            raise ExchangeError(
                f"{self._source.path}: cut short: expected records of {WIDTH} bytes, "
                f"got {len(left)} after record {number}"
            )

    def _record(self, number: int, data: bytes) -> Item:
        fields = FieldReader(number)
        md5 = fields.digest("md5", "md5", data[:16].hex())
        if md5 is None:
            return fields.refuse_record("no usable hash")
        rest = data[16:]
        return HashRecord(
            f"md5:{md5}",
            number,
            Digests(md5=md5),
            self._opinion,
            extra={"encase": rest.hex()} if any(rest) else {},
        )
