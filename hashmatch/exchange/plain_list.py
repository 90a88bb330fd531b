"""Reads plain lists: one hash a line, X-Ways text, and checksum files such as md5sum writes.

Comments, quotes, margins and blank lines are tolerated; a line that is no hash is refused and the
next one read. Names of files are never kept. Source: the hash database rooms of The Sleuth Kit,
the manual of X-Ways Forensics, GNU coreutils.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from hashmatch.errors import ExchangeError
from hashmatch.exchange.base import ListInfo, ReadOptions
from hashmatch.exchange.fields import MAX_RAW, FieldReader
from hashmatch.exchange.hash_text import (
    HASH_TYPES,
    HOW_TO_DECLARE,
    UNDECLARED,
    Hashes,
    checked_type,
    is_base32_sha1,
    n_bytes_of,
    read_hash_text,
    type_of,
)
from hashmatch.exchange.icse_rows import read_lines
from hashmatch.exchange.last_line import KnowsLast
from hashmatch.exchange.list_sample import (
    Layout,
    ListSample,
    is_comment,
    is_undeclared,
    sample_list,
    split_line,
    title_type,
)
from hashmatch.exchange.one_pass import Item, OnePassReader
from hashmatch.exchange.source import Source
from hashmatch.types import DIGEST_BYTES, Digests, HashRecord, Opinion, Reject

LISTS = {"md5-list": "md5", "sha1-list": "sha1", "sha256-list": "sha256"}
FORMATS = (*LISTS, "plain-list", "md5sum", "xways-text")
_BARE = {32: "md5", 40: "sha1"}
_HEX = re.compile(r"[0-9a-fA-F]+").fullmatch
_DROPPED_NAME = "dropped file name"
_TWO = "two hashes on one line, describe the list by a mapping"


def looks_like_plain_list(head: bytes) -> bool:
    """Lines of hashes from the first one on, with comments at most."""
    return sample_list(head) is not None


class PlainListReader(OnePassReader):
    """Reader of a plain list, see ``hashmatch.exchange.base.Reader``.

    ``record_key`` is "<type>:<hex>". ``info.format`` is "md5-list", "sha1-list" or "sha256-list"
    where the head holds one type, else "plain-list"; "xways-text" and "md5sum" by their layout.

    Raises:
        ExchangeError: the head holds values that are SHA-256 or PDQ, and nothing says which.
        InputError: the declared hash type or the forced scheme is unknown.
    """

    def __init__(self, source: Source, options: ReadOptions) -> None:
        declared = checked_type(options.hash_type) or LISTS.get(options.format or "")
        sample = sample_list(source.head())
        if sample is not None and declared is None and is_undeclared(sample):
            raise ExchangeError(
                f"{source.path}: expected hashes of one meaning, got 64 hex digits or 44 "
                f"characters of base64, which are SHA-256 or PDQ: {HOW_TO_DECLARE}"
            )
        self._sha1_wanted = checked_type(options.hash_type) == "sha1"
        name = _format(sample, options.format, declared)
        self._declared = declared or (sample.declared if sample is not None else None)
        context = _context(sample)
        classifier = options.schemes.classifier(name, context, options.scheme)
        super().__init__(source, options, ListInfo(name, "table", context, classifier.default_id))
        self._verdict = classifier.classify(None)
        self._main = LISTS.get(name) or _only_type(sample, declared)

    def _items(self) -> Iterator[Item]:
        opinion = Opinion(self._verdict.scheme, None, self._verdict.label)
        first = True
        lines = KnowsLast(read_lines(self._source, self.warnings), self._source)
        for line in lines:
            if line.text is None:
                yield Reject(line.number, None, "line too long", "", True)
                continue
            text = line.text.strip()
            if is_comment(text):
                self.warnings["comment line"] += 1
                continue
            if first:
                first = False
                if title_type(text)[0]:
                    self.warnings["title line"] += 1
                    continue
            item = self._record(line.number, text, opinion)
            if lines.unfinished:
                lines.require(self._is_whole(item, text), line.number, text)
            yield item

    def _is_whole(self, item: HashRecord | Reject, text: str) -> bool:
        """Whether the last line is no shorter than the list's hashes: see ``last_line``."""
        expected = 0 if self._main is None else n_bytes_of(self._main)
        if isinstance(item, HashRecord):
            return n_bytes_of(item.record_key.partition(":")[0]) >= expected
        # Refused for what it says, such as all zero, or for being too long.
        value = split_line(text).value
        return type_of(value) is not None or 0 < 2 * expected < len(value)

    def _record(self, number: int, text: str, opinion: Opinion) -> HashRecord | Reject:
        name = _BARE.get(len(text))
        if name is not None and _HEX(text) and (name != "md5" or not self._sha1_wanted):
            # The most frequent line by far: nothing around the digits, which say what they are.
            fields = FieldReader(number)
            digest = fields.digest("hash", name, text)
            if digest is None:
                return Reject(number, "hash", fields.rejects[-1].reason, text, True)
            if name != self._main and self._main is not None:
                self._count_other(name)
            digests = Digests(md5=digest) if name == "md5" else Digests(sha1=digest)
            return HashRecord(f"{name}:{digest}", number, digests, opinion)
        return self._uncommon(number, text, opinion)

    def _uncommon(self, number: int, text: str, opinion: Opinion) -> HashRecord | Reject:
        line = split_line(text)
        if line.second:
            return Reject(number, None, _TWO, text[:MAX_RAW], True)
        fields = FieldReader(number)
        if self._sha1_wanted and is_base32_sha1(line.value):
            # Of 10,000 MD5 in hex one could be this too, so nobody but the caller can say it.
            found = read_hash_text(fields, "hash", line.value, "sha1", encoding="base32")
        else:
            kind = line.declared or self._type_of(line.value)
            found = read_hash_text(fields, "hash", line.value, kind)
        key = _key(found)
        if key is None:
            reason = fields.rejects[-1].reason if fields.rejects else "no usable hash"
            return Reject(number, "hash", reason, text[:MAX_RAW], True)
        if line.has_name:
            self.warnings[_DROPPED_NAME] += 1
        if self._main is not None and not key.startswith(self._main):
            self._count_other(key.partition(":")[0])
        return HashRecord(key, number, found[0], opinion, hashes=found[1])

    def _count_other(self, name: str) -> None:
        self.warnings[f"{name} in a list of {self._main}"] += 1

    def _type_of(self, value: str) -> str | None:
        """What the value says of itself goes first, unless it leaves a doubt."""
        kind = type_of(value)
        if self._declared is None or kind not in (None, UNDECLARED):
            return kind
        # No length says "phash": what is declared is what such a value is. A digest of another
        # length than its own is damaged, and the reason says so.
        return self._declared if kind or self._declared not in DIGEST_BYTES else None


def _key(found: Hashes) -> str | None:
    digests, hashes = found
    for name, value in digests.items():
        return f"{name}:{value}"
    return f"{hashes[0].algorithm}:{hashes[0].hex}" if hashes else None


def _only_type(sample: ListSample | None, declared: str | None) -> str | None:
    """The one type of a list's hashes."""
    if sample is None:
        return None
    if sample.declared is not None:
        return sample.declared
    types = {declared if t == UNDECLARED else t for t in sample.types}
    only = next(iter(types)) if len(types) == 1 else None
    return only if only in HASH_TYPES else None


def _format(sample: ListSample | None, forced: str | None, declared: str | None) -> str:
    if forced in FORMATS:
        return forced
    if sample is None:
        return Layout.BARE.value
    if sample.layout is not Layout.BARE:
        return sample.layout.value
    types = {(declared or sample.declared or t) if t == UNDECLARED else t for t in sample.types}
    only = next(iter(types)) if len(types) == 1 else ""
    return f"{only}-list" if f"{only}-list" in LISTS else Layout.BARE.value


def _context(sample: ListSample | None) -> str:
    if sample is None:
        return "lines of hashes"
    types = ", ".join(sorted(sample.types))
    return f"{sample.title}: {types}" if sample.title is not None else f"lines of {types}"
