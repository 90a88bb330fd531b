"""Reads pages of Meta ThreatExchange's ``threat_updates``.

An indicator replaces the one of its id; one that ``should_delete``, or that nobody describes any
more, is withdrawn. Source: facebook/ThreatExchange, python-threatexchange,
exchanges/clients/fb_threatexchange/threat_updates.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from hashmatch.exchange.base import ListInfo, ReadOptions
from hashmatch.exchange.fields import FieldReader
from hashmatch.exchange.json_feed import JsonFeedReader, extra_of, show, texts
from hashmatch.exchange.json_items import JsonItem, JsonItems
from hashmatch.exchange.one_pass import Item
from hashmatch.exchange.pdq_value import read_pdq
from hashmatch.exchange.source import Source
from hashmatch.types import Deletion, Digests, HashRecord, HashValue, MediaKind, Opinion, Reject

FORMAT = "threatexchange"
_CONTEXT = "threat_updates"
_TYPES = {
    "HASH_MD5": ("md5", MediaKind.UNKNOWN),
    "HASH_SHA1": ("sha1", MediaKind.UNKNOWN),
    "HASH_SHA256": ("sha256", MediaKind.UNKNOWN),
    "HASH_VIDEO_MD5": ("md5", MediaKind.VIDEO),
    "HASH_VIDEO_SHA1": ("sha1", MediaKind.VIDEO),
    "HASH_VIDEO_SHA256": ("sha256", MediaKind.VIDEO),
    "HASH_PDQ": ("pdq", MediaKind.IMAGE),
}
"""Types whose indicator is a hash of a medium; HASH_URL_MD5 is one of an address, for example."""
_HEAD = re.compile(rb'"indicator"\s*:').search
_DATA = re.compile(rb'\s*\{.*?"data"\s*:\s*\[', re.DOTALL).match
_EMPTY_PAGE = re.compile(rb'\s*\{\s*"data"\s*:\s*\[\s*\]\s*,\s*"paging"\s*:').match
_OWN = frozenset(("id", "indicator", "type", "last_updated", "should_delete"))
_SECRETS = frozenset(("access_token", "appsecret_proof"))


def looks_like_threatexchange(head: bytes) -> bool:
    """A JSON object with an array ``data`` of objects with an ``indicator``, or an empty page."""
    text = head.removeprefix(b"\xef\xbb\xbf")
    if _EMPTY_PAGE(text):
        return True
    return _DATA(text) is not None and _HEAD(text) is not None and b'"type"' in text


class ThreatExchangeReader(JsonFeedReader):
    """Reader of one page, see ``hashmatch.exchange.base.Reader``.

    ``record_key`` is the indicator's id. The category is the statuses of all descriptors, sorted
    and joined by a comma ("MALICIOUS,NON_MALICIOUS" is a dispute), the tags are theirs together;
    the descriptors stand whole in ``extra``. ``info.facts["paging.next"]`` is the link to the next
    page without its access token.
    """

    def __init__(self, source: Source, options: ReadOptions) -> None:
        classifier = options.schemes.classifier(FORMAT, _CONTEXT, options.scheme)
        super().__init__(source, options, ListInfo(FORMAT, "feed", _CONTEXT, classifier.default_id))
        self._classifier = classifier

    def _places(self) -> JsonItems:
        return JsonItems(self._source, arrays=(("data",),))

    def _fact(self, name: str, value: Any) -> str | None:
        if not name.startswith("paging.") or not isinstance(value, str):
            return None
        return without_secrets(value) if name in ("paging.next", "paging.previous") else value

    def _read(self, number: int, item: JsonItem, value: dict[str, Any]) -> Iterable[Item]:
        key = value.get("id")
        if not isinstance(key, (str, int)) or isinstance(key, bool) or not str(key).strip():
            yield Reject(number, "id", "no record key", show(value), True)
            return
        descriptors = list(_descriptors(value.get("descriptors")))
        if value.get("should_delete") is True or (
            "should_delete" in value and str(value["should_delete"]).lower() == "true"
        ):
            yield Deletion(str(key), number, "should_delete", show(value.get("last_updated")))
        elif not descriptors:
            yield Deletion(str(key), number, "no descriptors", show(value.get("last_updated")))
        else:
            yield self._record(number, str(key), value, descriptors)

    def _record(
        self, number: int, key: str, value: dict[str, Any], descriptors: list[dict[str, Any]]
    ) -> HashRecord | Reject:
        kind = value.get("type")
        known = _TYPES.get(kind) if isinstance(kind, str) else None
        if known is None:
            return Reject(number, "type", "not a hash of a medium", show(kind), True)
        name, media = known
        fields = FieldReader(number)
        digests, hashes = read_hash(fields, "indicator", name, value.get("indicator"))
        if not digests and not hashes:
            return fields.refuse_record("no usable hash")
        statuses = sorted({s for d in descriptors for s in texts(d.get("status"))})
        code = ",".join(statuses) or None
        verdict = self._classifier.classify(code)
        return HashRecord(
            record_key=key,
            position=number,
            digests=digests,
            opinion=Opinion(
                scheme=verdict.scheme,
                raw_category=code,
                label=verdict.label,
                facts=verdict.facts,
                tags=tuple(sorted({t for d in descriptors for t in texts(d.get("tags"))})),
                updated_raw=fields.text("last_updated", value.get("last_updated")),
            ),
            kind=media,
            hashes=hashes,
            extra={"type": str(kind), **extra_of(value, _OWN)},
            rejects=tuple(fields.rejects),
        )


def read_hash(
    fields: FieldReader, field: str, name: str, value: Any
) -> tuple[Digests, tuple[HashValue, ...]]:
    """One value that is a digest or a PDQ hash, as a record holds it; empty where refused."""
    if name == "pdq":
        found = read_pdq(fields, field, value)
        return Digests(), () if found is None else (found,)
    return Digests(**{name: fields.digest(field, name, value)}), ()


def without_secrets(link: str) -> str | None:
    """A paging link without the caller's token, which the service writes into it."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return None
    kept = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k not in _SECRETS]
    return urlunsplit(parts._replace(query=urlencode(kept), fragment=""))


def _descriptors(value: Any) -> Iterator[dict[str, Any]]:
    items = value.get("data") if isinstance(value, dict) else value
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict):
            yield item
