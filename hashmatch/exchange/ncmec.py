"""Reads pages of NCMEC's Hash Sharing API v2: ``queryResult`` documents in XML.

A page is a set of changes: an entry replaces the one of its key, a ``deletedImage`` or
``deletedVideo`` withdraws it. An entry's id is unique for one member and one kind only. Source: the
public reference client (facebook/ThreatExchange, ncmec/hash_api.py) and NCMEC's documentation
pages; where they are ambiguous, both readings are taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from hashmatch.errors import ExchangeError
from hashmatch.exchange.base import ListInfo, ReadOptions
from hashmatch.exchange.fields import MAX_RAW, FieldReader
from hashmatch.exchange.json_text import to_json
from hashmatch.exchange.ncmec_feedback import feedback_facts
from hashmatch.exchange.ncmec_fingerprints import read_fingerprints
from hashmatch.exchange.one_pass import Item, OnePassReader
from hashmatch.exchange.source import Source
from hashmatch.exchange.xml_entries import Element, Path, XmlEntries
from hashmatch.types import Deletion, HashRecord, MediaKind, Opinion, Reject

FORMAT = "ncmec-v2"
NAMESPACE = "https://hashsharing.ncmec.org/hashsharing/v2"
_HEAD = re.compile(rb"<(?:[A-Za-z0-9_.-]+:)?queryResult[\s/>]")
_LISTS = {"images": MediaKind.IMAGE, "videos": MediaKind.VIDEO}
_OWN = frozenset(("member", "id", "timestamp", "classification", "fingerprints", "feedback"))
_WHOLE = re.compile(r"[0-9]{1,18}").fullmatch


def looks_like_ncmec(head: bytes) -> bool:
    """An XML document with NCMEC's namespace whose root is ``queryResult``."""
    text = head.replace(b"\0", b"")  # as UTF-16 has them
    return NAMESPACE.encode() in text and _HEAD.search(text) is not None


class NcmecReader(OnePassReader):
    """Reader of one page, see ``hashmatch.exchange.base.Reader``.

    ``record_key`` is "<member id>/<image or video>/<entry id>". Fingerprints without a place of
    their own stand in ``extra`` as "fingerprints/<name>"; of those that must be fetched one by one
    only the names are kept, never the links. ``info.facts`` are complete after the last entry:
    "next" (the link to the next page, absent on the last), "images", "videos" (the counts that the
    page states) and "maxTimestamp" of each list.
    """

    def __init__(self, source: Source, options: ReadOptions) -> None:
        classifier = options.schemes.classifier(FORMAT, NAMESPACE, options.scheme)
        info = ListInfo(FORMAT, "feed", NAMESPACE, classifier.default_id)
        super().__init__(source, options, info)
        self._classifier = classifier
        self._counted = dict.fromkeys(_LISTS, 0)
        self._root = ""

    def _items(self) -> Iterator[Item]:
        entries = XmlEntries(
            self._source,
            wanted=_is_entry,
            around=self._around,
            text_around=self._text_around,
        )
        for entry in entries:
            self._counted[entry.parent[-1]] += 1
            element = entry.element
            if element is None:
                yield Reject(entry.number, None, entry.refusal or "", "", True)
            else:
                yield self._item(entry.number, element, _LISTS[entry.parent[-1]])
        for name, count in self._counted.items():
            stated = self.info.facts.get(name)
            if stated is not None and stated != str(count):
                self.warnings[f"count of {name} is not what the page holds"] += 1

    def _around(self, path: Path, attributes: dict[str, str]) -> None:
        if len(path) == 1 and path[0] != "queryResult":
            raise ExchangeError(
                f"{self._source.path}: expected the root queryResult, got {path[0][:MAX_RAW]!r}"
            )
        if len(path) == 2 and path[1] in _LISTS:
            if "count" in attributes:
                self.info.facts[path[1]] = attributes["count"][:MAX_RAW]
            if "maxTimestamp" in attributes:
                self.info.facts[f"{path[1]} maxTimestamp"] = attributes["maxTimestamp"][:MAX_RAW]
        elif len(path) == 2 and path[1] != "paging":
            self.warnings["unknown element beside images and videos"] += 1

    def _text_around(self, path: Path, text: str) -> None:
        if path[1:] == ("paging", "next") and text.strip():
            self.info.facts["next"] = text.strip()

    def _item(self, number: int, element: Element, kind: MediaKind) -> Item:
        member = element.first("member")
        member_id = "" if member is None else member.attributes.get("id", "").strip()
        entry_id = element.text_of("id")
        if not _WHOLE(member_id) or not entry_id:
            raw = f"member={member_id}; id={entry_id}"
            return Reject(number, None, "no member and id", raw[:MAX_RAW], True)
        deleted = element.name.startswith("deleted")
        named = element.name.removeprefix("deleted").lower()
        if named != kind.value:
            return Reject(number, None, "unknown element", element.name[:MAX_RAW], True)
        key = f"{int(member_id)}/{kind.value}/{entry_id}"
        if deleted:
            return Deletion(key, number, element.name, element.text_of("timestamp")[:MAX_RAW])
        return self._record(number, element, kind, key)

    def _record(
        self, number: int, element: Element, kind: MediaKind, key: str
    ) -> HashRecord | Reject:
        fields = FieldReader(number)
        found = read_fingerprints(fields, element, self.warnings)
        if not found.digests and not found.hashes:
            if found.extra and not fields.rejects:
                fields.refuse("fingerprints", "none of a known kind", ", ".join(found.extra))
            rejected = fields.refuse_record("no usable hash")
            return replace(rejected, raw=f"{key}: {rejected.raw}"[:MAX_RAW])
        extra = dict(found.extra)
        member = element.first("member")
        if member is not None and member.text.strip():
            extra["member"] = member.text.strip()
        feedback = [
            f
            for child in element.children
            if child.name == "feedback"
            for f in feedback_facts(child)
        ]
        if feedback:
            extra["feedback"] = to_json(feedback)
        others = [as_json(child) for child in element.children if child.name not in _OWN]
        if others:
            extra["elements"] = to_json(others)
        code = element.text_of("classification") or None
        verdict = self._classifier.classify(code)
        return HashRecord(
            record_key=key,
            position=number,
            digests=found.digests,
            opinion=Opinion(
                scheme=verdict.scheme,
                raw_category=code,
                label=verdict.label,
                facts=verdict.facts,
                updated_raw=element.text_of("timestamp") or None,
            ),
            kind=kind,
            hashes=found.hashes,
            extra=extra,
            rejects=tuple(fields.rejects),
        )


def as_json(element: Element) -> dict[str, object]:
    """An element that has no place of its own, with all that is in it."""
    return {
        "name": element.name,
        **({"attributes": element.attributes} if element.attributes else {}),
        **({"text": element.text.strip()} if element.text.strip() else {}),
        **({"children": [as_json(c) for c in element.children]} if element.children else {}),
    }


def _is_entry(path: Path) -> bool:
    return len(path) == 3 and path[0] == "queryResult" and path[1] in _LISTS
