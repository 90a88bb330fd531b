"""Reads ``Index.xml`` of C4P and C4All, the predecessors of VICS: one ``Image`` a picture.

The declaration says UTF-16 where the bytes are not, which the source puts right; bytes that are no
UTF-8 are of old Windows tools. Names and paths of files are not kept.
Source: the sample of ridders/c4all-json-converter.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from hashmatch.exchange.base import ListInfo, ReadOptions
from hashmatch.exchange.decoding import LEGACY, NOT_UTF8
from hashmatch.exchange.fields import FieldReader
from hashmatch.exchange.one_pass import Item, OnePassReader
from hashmatch.exchange.source import Source
from hashmatch.exchange.xml_entries import Element, Path, XmlEntries
from hashmatch.types import Digests, HashRecord, MediaKind, Opinion, Reject

FORMAT = "c4p-index"
_ROOT = "ReportIndex"
_CONTEXT = "ReportIndex/Image"
_OWN = frozenset(("hash", "category", "fileSize"))
_DROPPED = frozenset(("path", "picture", "fullpath", "homePic"))
_START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?[^>]{0,500}\?>\s*|<!--.{0,2000}?-->\s*){0,5}<ReportIndex[\s>/]",
    re.DOTALL,
).match
_ENCODING = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([^\"']{1,40})", re.IGNORECASE).search
_CHUNK = 1 << 16


def looks_like_c4p_index(head: bytes) -> bool:
    """XML whose root is ReportIndex."""
    return _START(head) is not None


class C4pIndexReader(OnePassReader):
    """Reader of an Index.xml, see ``hashmatch.exchange.base.Reader``.

    ``record_key`` is "md5:<hex>". Codes are those of an era that the file does not name: they are
    kept, and mean nothing until the caller forces a scheme.
    """

    def __init__(self, source: Source, options: ReadOptions) -> None:
        self._classifier = options.schemes.classifier(FORMAT, _CONTEXT, options.scheme)
        info = ListInfo(FORMAT, "case", _CONTEXT, self._classifier.default_id)
        super().__init__(source, options, info)

    def _items(self) -> Iterator[Item]:
        entries = XmlEntries(
            self._source,
            wanted=lambda path: path == (_ROOT, "Image"),
            around=_nothing,
            text_around=_nothing,
            encoding=self._encoding(),
        )
        for entry in entries:
            if entry.element is None:
                yield Reject(entry.number, None, entry.refusal or "", "", True)
            else:
                yield self._record(entry.number, entry.element)

    def _encoding(self) -> str | None:
        """What the parser has to be told; None where the document says it and is right."""
        declared = _ENCODING(self._source.head())
        if (declared is not None and declared[1].lower() != b"utf-8") or self._is_utf8():
            return None
        self.warnings[f"{NOT_UTF8}, read as {LEGACY}"] += 1
        return LEGACY

    def _is_utf8(self) -> bool:
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while chunk := self._source.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
        finally:
            self._source.rewind()
        return True

    def _record(self, number: int, image: Element) -> HashRecord | Reject:
        fields = FieldReader(number)
        md5 = fields.digest("hash", "md5", image.text_of("hash"))
        if md5 is None:
            return fields.refuse_record("no usable hash")
        size = fields.whole_number("fileSize", image.text_of("fileSize"))
        if size == 0:
            return fields.refuse_record("zero-size media")
        extra: dict[str, str] = {}
        for child in image.children:
            text = child.text.strip()
            if child.name in _DROPPED and text:
                self.warnings[f"dropped {child.name}"] += 1
            elif child.name not in _OWN and text:
                extra[child.name] = text
        code = image.text_of("category") or None
        verdict = self._classifier.classify(code)
        return HashRecord(
            record_key=f"md5:{md5}",
            position=number,
            digests=Digests(md5=md5),
            opinion=Opinion(verdict.scheme, code, verdict.label, facts=verdict.facts),
            kind=MediaKind.UNKNOWN,
            size=size,
            extra=extra,
            rejects=tuple(fields.rejects),
        )


def _nothing(path: Path, _: object) -> None:
    """What stands around the pictures says nothing about them."""
