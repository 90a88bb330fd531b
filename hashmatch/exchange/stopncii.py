"""Reads pages of StopNCII's ``FetchHashes``: hashes of intimate images shared without consent.

The list is of adults' images and never makes a record CSAM. A hash of a signal type is replaced by
its newest record, and withdrawn by the status Withdrawn or Deleted. Source:
facebook/ThreatExchange, python-threatexchange, exchanges/clients/stopncii.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from hashmatch.exchange.base import ListInfo, ReadOptions
from hashmatch.exchange.fields import FieldReader
from hashmatch.exchange.json_feed import JsonFeedReader, extra_of, show, texts
from hashmatch.exchange.json_items import JsonItem, JsonItems
from hashmatch.exchange.one_pass import Item
from hashmatch.exchange.source import Source
from hashmatch.exchange.threatexchange import read_hash
from hashmatch.types import Deletion, HashRecord, MediaKind, Opinion, Reject

FORMAT = "stopncii"
_CONTEXT = "FetchHashes"
_TYPES = {"imagepdq": ("pdq", MediaKind.IMAGE), "videomd5": ("md5", MediaKind.VIDEO)}
_NO_HASH = frozenset(("videotmk", "text", "url", "unknown"))
_GONE = frozenset(("withdrawn", "deleted"))
_HEAD = re.compile(rb'\s*\{.*?"hashRecords"\s*:\s*\[', re.DOTALL).match
_FACTS = frozenset(("count", "nextPageToken", "nextSetTimestamp", "hasMoreRecords"))
_OWN = frozenset(("signalType", "hashValue", "hashStatus", "lastModtimestamp"))


def looks_like_stopncii(head: bytes) -> bool:
    """A JSON object with an array ``hashRecords``."""
    return _HEAD(head.removeprefix(b"\xef\xbb\xbf")) is not None


class StopNciiReader(JsonFeedReader):
    """Reader of one page, see ``hashmatch.exchange.base.Reader``.

    ``record_key`` is "<signal type>:<hash value in lower case>". ``info.facts`` has
    "nextPageToken", "hasMoreRecords", "nextSetTimestamp" and "count".
    """

    _COUNT = "count"

    def __init__(self, source: Source, options: ReadOptions) -> None:
        classifier = options.schemes.classifier(FORMAT, _CONTEXT, options.scheme)
        super().__init__(source, options, ListInfo(FORMAT, "feed", _CONTEXT, classifier.default_id))
        self._classifier = classifier

    def _places(self) -> JsonItems:
        return JsonItems(self._source, arrays=(("hashRecords",),))

    def _fact(self, name: str, value: Any) -> str | None:
        return None if name not in _FACTS or value is None else _plain(value)

    def _read(self, number: int, item: JsonItem, value: dict[str, Any]) -> Iterable[Item]:
        kind, text, status = (value.get(n) for n in ("signalType", "hashValue", "hashStatus"))
        # The reference client writes its enums as "ClassName.Member".
        signal = kind.rpartition(".")[2] if isinstance(kind, str) else ""
        state = status.rpartition(".")[2] if isinstance(status, str) else ""
        if not signal or not isinstance(text, str) or not text.strip():
            yield Reject(number, None, "no record key", show(value), True)
            return
        known = _TYPES.get(signal.lower())
        key = f"{signal}:{text.strip().lower() if known else text.strip()}"
        if state.lower() in _GONE:
            yield Deletion(key, number, state, show(value.get("lastModtimestamp")))
            return
        if known is None:
            expected = signal.lower() in _NO_HASH
            reason = "not a hash that compares" if expected else "unknown signal type"
            yield Reject(number, "signalType", reason, show(kind), True)
            return
        name, media = known
        fields = FieldReader(number)
        digests, hashes = read_hash(fields, "hashValue", name, text)
        if not digests and not hashes:
            yield fields.refuse_record("no usable hash")
            return
        verdict = self._classifier.classify(state or None)
        yield HashRecord(
            record_key=key,
            position=number,
            digests=digests,
            opinion=Opinion(
                scheme=verdict.scheme,
                raw_category=state or None,
                label=verdict.label,
                facts=verdict.facts,
                tags=_tags(value.get("CSPFeedbacks")),
                updated_raw=fields.text("lastModtimestamp", value.get("lastModtimestamp")),
            ),
            kind=media,
            hashes=hashes,
            extra=extra_of(value, _OWN),
            rejects=tuple(fields.rejects),
        )


def _tags(feedbacks: Any) -> tuple[str, ...]:
    items = feedbacks if isinstance(feedbacks, list) else []
    return tuple(sorted({t for f in items if isinstance(f, dict) for t in texts(f.get("tags"))}))


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
