"""Reads indexes of The Sleuth Kit over hash databases (``…-md5.idx``, ``…-sha1.idx``).

Sorted lines ``HASH|offset`` after lines that name the database and its kind.
Source: The Sleuth Kit, tsk/hashdb/binsrch_index.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from hashmatch.exchange.base import ListInfo, ReadOptions
from hashmatch.exchange.fields import MAX_RAW, FieldReader
from hashmatch.exchange.icse_rows import Line, read_lines
from hashmatch.exchange.known_files import KNOWN, SCHEME, note_scheme
from hashmatch.exchange.last_line import KnowsLast
from hashmatch.exchange.one_pass import Item, OnePassReader
from hashmatch.exchange.source import Source
from hashmatch.types import Digests, HashRecord, Opinion, Reject

FORMAT = "tsk-index"
_HEAD = re.compile(rb"0{32,41}[01]?\|").match
# An entry of zeros is no line of the head: it is shorter than one, and an offset follows.
_HEAD_LINE = re.compile(r"(?:0{40}([01])\|(.*)|0{31,39}([01])\|(.*[^0-9].*))").fullmatch
_ENTRY = re.compile(r"([0-9A-Fa-f]+)\|([0-9]{1,20})").fullmatch
_NAMES = {"0": "database kind", "1": "database name"}
_BY_DIGITS = {32: "md5", 40: "sha1"}


def looks_like_tsk_index(head: bytes) -> bool:
    """A first line of zeros, a bar and the kind of the database."""
    return _HEAD(head) is not None


class TskIndexReader(OnePassReader):
    """Reader of an index, see ``hashmatch.exchange.base.Reader``.

    ``record_key`` is "<type>:<hex>". An index over NIST's data set is known software; one of
    another kind says nothing of what its files are.
    """

    def __init__(self, source: Source, options: ReadOptions) -> None:
        context = "HASH|offset"
        classifier = options.schemes.classifier(FORMAT, context, options.scheme)
        super().__init__(source, options, ListInfo(FORMAT, "table", context, classifier.default_id))
        self._lines = read_lines(source, self.warnings)
        self._first: Line | None = None
        for line in self._lines:
            found = _HEAD_LINE((line.text or "").strip())
            if found is None or len(self.info.facts) == len(_NAMES):
                self._first = line
                break
            which, text = found.groups()[:2] if found[1] is not None else found.groups()[2:]
            self.info.facts[_NAMES[which]] = text[:MAX_RAW]
        verdict = classifier.classify(None)
        self._opinion = Opinion(verdict.scheme, None, verdict.label)
        if self.info.facts.get("database kind", "").lower().startswith("nsrl"):
            self._opinion = KNOWN
            self.info = ListInfo(FORMAT, "table", context, SCHEME, self.info.facts)
            note_scheme(options, self.warnings)

    def _items(self) -> Iterator[Item]:
        first = () if self._first is None else (self._first,)
        lines = KnowsLast(chain(first, self._lines), self._source)
        for line in lines:
            item = self._record(line)
            lines.require(isinstance(item, HashRecord), line.number, line.text)
            yield item

    def _record(self, line: Line) -> HashRecord | Reject:
        if line.text is None:
            return Reject(line.number, None, "line too long", "", True)
        found = _ENTRY(line.text.strip())
        name = _BY_DIGITS.get(len(found[1])) if found is not None else None
        if found is None or name is None:
            return Reject(line.number, None, "no entry of an index", line.text[:MAX_RAW], True)
        fields = FieldReader(line.number)
        value = fields.digest("hash", name, found[1])
        if value is None:
            return fields.refuse_record("no usable hash")
        digests = Digests(**{name: value})
        return HashRecord(f"{name}:{value}", line.number, digests, self._opinion)
