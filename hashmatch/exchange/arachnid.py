"""Reads answers of Project Arachnid's Shield: scanned media, and answers about PDQ hashes.

An answer names the scanned medium and, where it was near to known ones, those. Its SHA-1 is in
base32, whose 32 characters look like an MD5: the alphabet is checked, never the length alone.
Source: CdnCentreForChildProtection/arachnid-shield-sdk-python.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from typing import Any

from hashmatch.exchange.base import ListInfo, ReadOptions
from hashmatch.exchange.fields import FieldReader
from hashmatch.exchange.json_feed import JsonFeedReader, extra_of, show
from hashmatch.exchange.json_items import JsonItem, JsonItems
from hashmatch.exchange.one_pass import Item
from hashmatch.exchange.pdq_value import read_pdq
from hashmatch.exchange.source import Source
from hashmatch.types import Digests, HashRecord, HashValue, MediaKind, Opinion, Reject

FORMAT = "arachnid"
_CONTEXT = "Arachnid Shield"
_SCANNED_HASHES = re.compile(rb'\s*\{\s*"scanned_hashes"\s*:').match
_MEDIUM = re.compile(rb"\s*[\[{]").match
_BASE32 = re.compile(r"[A-Z2-7]{32}").fullmatch
_UNKNOWN = "no-known-match"
_OWN = frozenset(("size_bytes", "sha1_base32", "sha256_hex", "classification"))
_HASHES = ("scanned_hashes",)


def looks_like_arachnid(head: bytes) -> bool:
    """A scanned medium, an array of them, or an answer about PDQ hashes."""
    text = head.removeprefix(b"\xef\xbb\xbf")
    if _SCANNED_HASHES(text):
        return True
    members = (b'"sha1_base32"', b'"sha256_hex"', b'"classification"')
    return _MEDIUM(text) is not None and all(member in text for member in members)


class ArachnidReader(JsonFeedReader):
    """Reader of answers, see ``hashmatch.exchange.base.Reader``.

    ``record_key`` is the strongest hash ("sha256:…", "pdq:…"). A medium or hash without a known
    match is no entry and is refused as such. The known media that an answer names as near are
    records of their own, each once.
    """

    def __init__(self, source: Source, options: ReadOptions) -> None:
        head = source.head().removeprefix(b"\xef\xbb\xbf")
        self._of_hashes = _SCANNED_HASHES(head) is not None
        context = f"{_CONTEXT}, {'PDQ hashes' if self._of_hashes else 'scanned media'}"
        classifier = options.schemes.classifier(FORMAT, context, options.scheme)
        super().__init__(source, options, ListInfo(FORMAT, "feed", context, classifier.default_id))
        self._classifier = classifier

    def _places(self) -> JsonItems:
        if self._of_hashes:
            return JsonItems(self._source, maps=(_HASHES,))
        return JsonItems(self._source, arrays=((),), whole=True)

    def _fact(self, name: str, value: Any) -> str | None:
        return None

    def _read(self, number: int, item: JsonItem, value: dict[str, Any]) -> Iterable[Item]:
        fields = FieldReader(number)
        known = value.get("classification") != _UNKNOWN
        if self._of_hashes:
            found = read_pdq(fields, "hash", item.name)
            hashes: tuple[HashValue, ...] = () if found is None else (found,)
            main = self._record(fields, value, Digests(), hashes, MediaKind.IMAGE)
        else:
            main = self._record(fields, value, _digests(fields, value), (), MediaKind.UNKNOWN)
        if isinstance(main, HashRecord) and not known:
            yield Reject(number, "classification", _UNKNOWN, main.record_key, True)
        else:
            yield main
        yield from self._near(number, value.get("near_match_details"))

    def _near(self, number: int, details: Any) -> Iterator[Item]:
        seen: set[tuple[str | None, str | None]] = set()
        for detail in details if isinstance(details, list) else [details]:
            if not isinstance(detail, dict):
                continue
            identity = (str(detail.get("sha1_base32")), str(detail.get("sha256_hex")))
            if identity in seen:
                continue
            seen.add(identity)
            fields = FieldReader(number)
            # The time is a place in the scanned medium and says nothing of the known one.
            own = {name: detail[name] for name in _OWN if name in detail}
            yield self._record(fields, own, _digests(fields, own), (), MediaKind.UNKNOWN)

    def _record(
        self,
        fields: FieldReader,
        value: dict[str, Any],
        digests: Digests,
        hashes: tuple[HashValue, ...],
        kind: MediaKind,
    ) -> HashRecord | Reject:
        if not digests and not hashes:
            return fields.refuse_record("no usable hash")
        size = fields.whole_number("size_bytes", value.get("size_bytes"))
        if size == 0:
            return fields.refuse_record("zero-size media")
        code = fields.text("classification", value.get("classification"))
        verdict = self._classifier.classify(code)
        names = digests.items()
        name, text = names[-1] if names else ("pdq", hashes[0].hex)
        return HashRecord(
            record_key=f"{name}:{text}",
            position=fields.position,
            digests=digests,
            opinion=Opinion(verdict.scheme, code, verdict.label, facts=verdict.facts),
            kind=kind,
            size=size,
            hashes=hashes,
            extra=extra_of(value, _OWN),
            rejects=tuple(fields.rejects),
        )


def _digests(fields: FieldReader, value: dict[str, Any]) -> Digests:
    return Digests(
        sha1=read_base32_sha1(fields, "sha1_base32", value.get("sha1_base32")),
        sha256=fields.digest("sha256_hex", "sha256", value.get("sha256_hex")),
    )


def read_base32_sha1(fields: FieldReader, field: str, value: Any) -> str | None:
    """A SHA-1 in RFC 4648 base32, as lower-case hex; None where absent or refused."""
    if value is None or value == "":
        return None
    text = value.strip() if isinstance(value, str) else ""
    if not _BASE32(text):
        fields.refuse(field, "sha1 is not base32", show(value))
        return None
    return fields.digest(field, "sha1", base64.b32decode(text).hex())
