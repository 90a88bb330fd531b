"""Reads PDQ hashes as text, one picture a line, in every form that PDQ's own tools write.

``hash``; ``hash,anything``; ``hash,quality,filename``; ``hash=…,norm=…,delta=…,quality=…,
filename=…``; the hash in hex or, as Project Arachnid sends it, in base64. Only the form with
names can be told from a table of SHA-256: the others are read where the caller says that they are
PDQ.
Source: facebook/ThreatExchange, pdq/cpp and pdq/README.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from hashmatch.errors import ExchangeError
from hashmatch.exchange.base import ListInfo, ReadOptions
from hashmatch.exchange.fields import MAX_RAW, FieldReader
from hashmatch.exchange.icse_rows import read_lines
from hashmatch.exchange.last_line import KnowsLast
from hashmatch.exchange.list_sample import is_comment
from hashmatch.exchange.one_pass import Item, OnePassReader
from hashmatch.exchange.pdq_value import read_pdq
from hashmatch.exchange.source import Source
from hashmatch.types import Digests, HashRecord, MediaKind, Opinion, Reject

FORMAT = "pdq-text"
_FORMS = "lines of PDQ hashes"
_NAMED = re.compile(rb"\s*hash=[0-9a-fA-F]{64}(?:,|\s|$)").match
_UNNAMED = re.compile(rb"\s*(?:[0-9a-fA-F]{64}|[A-Za-z0-9+/]{43}=)\s*,").match
_QUALITY_AND_NAME = re.compile(r"\s*([0-9]{1,3})\s*,(.*)", re.DOTALL).fullmatch
_NAME = re.compile(r"[A-Za-z_]{1,40}").fullmatch
_FILE_NAME = "dropped file name"


def looks_like_pdq_text(head: bytes) -> bool:
    """Whether the first line is ``hash=<64 hex digits>,…``, or 32 bytes as text and a comma.

    What the latter is, the caller must say. Lines with nothing but a hash are plain lists, which
    ask the same.
    """
    text = head.removeprefix(b"\xef\xbb\xbf")
    return _NAMED(text) is not None or _UNNAMED(text) is not None


@dataclass(slots=True)
class _Parts:
    """One line taken apart. ``has_name``: it ended in a file name, which is never kept."""

    value: str
    quality: str | None = None
    extra: dict[str, str] = field(default_factory=dict)
    has_name: bool = False


class PdqTextReader(OnePassReader):
    """Reader of PDQ text, see ``hashmatch.exchange.base.Reader``.

    ``record_key`` is "pdq:<hex>". What follows a hash and has no name of its own is kept as
    ``extra["metadata"]``; file names are left out and counted.

    Raises:
        ExchangeError: nobody says that it is PDQ: neither the first line nor the caller, by the
            format or by ``hash_type="pdq"``.
    """

    def __init__(self, source: Source, options: ReadOptions) -> None:
        declared = options.format is not None or options.hash_type == "pdq"
        if not declared and not _NAMED(source.head().removeprefix(b"\xef\xbb\xbf")):
            raise ExchangeError(
                f"{source.path}: expected hashes of one meaning, got lines that begin with 32 "
                "bytes as text, which are SHA-256 or PDQ: say hash_type='pdq' (--hash-type pdq), "
                "or describe a table of SHA-256 by a mapping file"
            )
        classifier = options.schemes.classifier(FORMAT, _FORMS, options.scheme)
        super().__init__(source, options, ListInfo(FORMAT, "table", _FORMS, classifier.default_id))
        self._verdict = classifier.classify(None)

    def _items(self) -> Iterator[Item]:
        lines = KnowsLast(read_lines(self._source, self.warnings), self._source)
        commas = 0
        for line in lines:
            if line.text is None:
                yield Reject(line.number, None, "line too long", "", True)
            elif is_comment(line.text.partition(",")[0].strip() or line.text):
                self.warnings["comment line"] += 1
            else:
                item = self._record(line.number, line.text.strip())
                # The beginning of a quality is another quality.
                is_whole = isinstance(item, HashRecord) and line.text.count(",") >= commas
                lines.require(is_whole, line.number, line.text)
                commas = line.text.count(",")
                yield item

    def _record(self, number: int, text: str) -> HashRecord | Reject:
        fields = FieldReader(number)
        parts = _named(text) if text.startswith("hash=") else _plain(text)
        quality = fields.whole_number("quality", parts.quality)
        if quality is not None and quality > 100:
            fields.refuse("quality", "quality over 100", parts.quality)
            quality = None
        value = read_pdq(fields, "hash", parts.value, quality)
        if value is None:
            reason = fields.rejects[-1].reason if fields.rejects else "no usable hash"
            return Reject(number, "hash", reason, text[:MAX_RAW], True)
        if parts.has_name:
            self.warnings[_FILE_NAME] += 1
        return HashRecord(
            record_key=f"pdq:{value.hex}",
            position=number,
            digests=Digests(),
            opinion=Opinion(self._verdict.scheme, None, self._verdict.label),
            kind=MediaKind.IMAGE,
            hashes=(value,),
            extra=parts.extra,
            rejects=tuple(fields.rejects),
        )


def _plain(text: str) -> _Parts:
    value, comma, rest = text.partition(",")
    found = _QUALITY_AND_NAME(rest)
    if found is not None and int(found[1]) <= 100:
        return _Parts(value.strip(), found[1], has_name=bool(found[2].strip()))
    return _Parts(value.strip(), extra={"metadata": rest} if comma and rest.strip() else {})


def _named(text: str) -> _Parts:
    """The form with names. The file name stands last and may hold commas and equal signs."""
    parts = _Parts("")
    rest = text
    while rest:
        name, equals, after = rest.partition("=")
        if name == "filename":
            parts.has_name = bool(after)
            break
        if not equals or not _NAME(name):
            parts.extra["metadata"] = rest
            break
        value, _, rest = after.partition(",")
        if name == "hash" and not parts.value:
            parts.value = value.strip()
        elif name == "quality" and parts.quality is None:
            parts.quality = value
        else:
            parts.extra[name] = value
    return parts
