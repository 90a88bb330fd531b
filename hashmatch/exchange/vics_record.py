"""The members of one VICS media object to a HashRecord, or to a reject with the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from hashmatch.exchange.fields import FieldReader
from hashmatch.exchange.json_text import to_json
from hashmatch.exchange.schemes import Classifier
from hashmatch.exchange.vics_hashes import FIELD, read_alternative_hashes
from hashmatch.exchange.vics_keys import KEPT
from hashmatch.exchange.vics_walk import Members
from hashmatch.types import NOTHING, Digests, HashRecord, HashValue, MediaKind, Opinion, Reject

BASELINE_TAGS = {"interpol-baseline:yes": True, "interpol-baseline:no": False}
"""How a Baseline travels in VICS, which has no member for it."""

FLAGS = (
    ("IsDistributed", "distributed"),
    ("VictimIdentified", "victim_identified"),
    ("OffenderIdentified", "offender_identified"),
    ("IsPrecategorized", "precategorized"),
    ("IsSuspected", "suspected"),
    ("SelfGenerated", "self_generated"),
)
"""Tri-state members and the fields of ``Opinion`` that hold them."""

_KNOWN = frozenset(KEPT)
_UNIQUE = frozenset(("MD5", "SHA1", "SHA256", "PhotoDNA"))
_KINDS = {"image": MediaKind.IMAGE, "video": MediaKind.VIDEO}
_NO_KIND = frozenset(("application/octet-stream",))


class RecordBuilder:
    """Builds the records of one list.

    Args:
        classifier: the list's category schemes.
        warnings: counts what is tolerated.
    """

    def __init__(self, classifier: Classifier, warnings: Counter[str]) -> None:
        self._classifier = classifier
        self._warnings = warnings

    def build(self, members: Members, position: int) -> HashRecord | Reject:
        fields = FieldReader(position)
        values, extra = self._sorted(members, fields)
        get = values.get
        md5 = fields.digest("MD5", "md5", get("MD5"))
        sha1 = fields.digest("SHA1", "sha1", get("SHA1"))
        sha256 = fields.digest("SHA256", "sha256", get("SHA256"))
        hashes: tuple[HashValue, ...] = ()
        photodna = fields.perceptual("PhotoDNA", "photodna", get("PhotoDNA"))
        if photodna is not None:
            hashes = (photodna,)
        if FIELD in values:
            found = read_alternative_hashes(values[FIELD], fields)
            md5 = _settled("md5", md5, found.digests, fields)
            sha1 = _settled("sha1", sha1, found.digests, fields)
            sha256 = _settled("sha256", sha256, found.digests, fields)
            hashes = _distinct((*hashes, *found.hashes))
            if found.others:
                extra[FIELD] = to_json(found.others)
        key = _record_key(md5, sha1, sha256, hashes)
        if key is None:
            return fields.refuse_record("no usable hash")
        size = fields.whole_number("MediaSize", get("MediaSize"))
        if size == 0:
            return fields.refuse_record("zero-size media")
        kind, mime = _kind(fields.text("MimeType", get("MimeType")))
        return HashRecord(
            record_key=key,
            position=position,
            digests=Digests(md5, sha1, sha256),
            opinion=self._opinion(values, fields),
            kind=kind,
            mime=mime,
            size=size,
            hashes=hashes,
            extra=extra or NOTHING,
            rejects=tuple(fields.rejects),
        )

    def _sorted(
        self, members: Members, fields: FieldReader
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """Known members by name, the others as JSON text; what stands there twice is settled."""
        values: dict[str, Any] = {}
        extra: dict[str, str] = {}
        for name, value in members:
            if value is None or value == "":
                continue
            if name not in _KNOWN:
                if name == "PrecategorizationSource" and "\\" in str(value):
                    self._warnings["dropped file path"] += 1  # an old writer's mistake
                    continue
                if name in extra:
                    self._warnings["duplicate key"] += 1
                extra[name] = to_json(value)
            elif name not in values:
                values[name] = value
            else:
                self._warnings["duplicate key"] += 1
                if name == FIELD and isinstance(values[name], list) and isinstance(value, list):
                    values[name] = values[name] + value
                elif name in _UNIQUE and not _same(values[name], value):
                    # Which of two digests is right can't be known: neither is taken.
                    fields.refuse(name, f"{name.lower()} conflict", value)
                    values[name] = None
                elif name not in _UNIQUE:
                    values[name] = value
        return values, extra

    def _opinion(self, values: dict[str, Any], fields: FieldReader) -> Opinion:
        get = values.get
        raw = fields.text("Category", get("Category"))
        raw = raw.strip() or None if raw is not None else None
        verdict = self._classifier.classify(raw)
        baseline, tags = self._baseline(_items("Tags", get("Tags"), fields))
        flags = {flag: fields.flag(name, values[name]) for name, flag in FLAGS if name in values}
        return Opinion(
            scheme=verdict.scheme,
            raw_category=raw,
            label=verdict.label,
            baseline=baseline,
            series=_items("Series", get("Series"), fields),
            tags=tags,
            updated_raw=fields.text("DateUpdated", get("DateUpdated")),
            **flags,
        )

    def _baseline(self, tags: tuple[str, ...]) -> tuple[bool | None, tuple[str, ...]]:
        """Take the baseline tag out; of two that contradict, the alarm counts."""
        if not tags:
            return None, ()
        words = {tag: tag.lower().removeprefix("#") for tag in tags}
        answers = {BASELINE_TAGS[word] for word in words.values() if word in BASELINE_TAGS}
        if not answers:
            return None, tags
        if len(answers) > 1:
            self._warnings["contradictory baseline tags"] += 1
        return True in answers, tuple(t for t, word in words.items() if word not in BASELINE_TAGS)


def _record_key(
    md5: str | None, sha1: str | None, sha256: str | None, hashes: tuple[HashValue, ...]
) -> str | None:
    """MD5 first: it is the digest that every edition of every VICS list carries."""
    if md5 is not None:
        return f"md5:{md5}"
    if sha1 is not None:
        return f"sha1:{sha1}"
    if sha256 is not None:
        return f"sha256:{sha256}"
    return f"{hashes[0].algorithm}:{hashes[0].hex}" if hashes else None


def _settled(
    name: str, member: str | None, others: list[tuple[str, str]], fields: FieldReader
) -> str | None:
    """The member's digest; without it that of the alternative hashes, where they agree."""
    found = {digest for other, digest in others if other == name}
    known = member or (min(found) if len(found) == 1 else None)
    for digest in sorted(found - {known}):
        fields.refuse(FIELD, f"{name} conflict", digest)
    return known


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one == other or one.strip().lower() == other.strip().lower()
    return False


def _distinct(hashes: Iterable[HashValue]) -> tuple[HashValue, ...]:
    """Each value once, the one with a known quality first; PDQ before PhotoDNA, then by value."""
    best: dict[tuple[str, bytes], HashValue] = {}
    for item in hashes:
        known = best.get((item.algorithm, item.value))
        if known is None or known.quality is None:
            best[item.algorithm, item.value] = item
    return tuple(best[key] for key in sorted(best))


def _kind(mime: str | None) -> tuple[MediaKind, str | None]:
    """("image/jpeg") is a MIME type; the coarse words "image", "video" are only a kind."""
    text = (mime or "").strip().lower()
    if not text:
        return MediaKind.UNKNOWN, None
    major, slash, _ = text.partition("/")
    if text in _NO_KIND:
        return MediaKind.UNKNOWN, text
    return _KINDS.get(major, MediaKind.OTHER), text if slash else None


def _items(field: str, value: Any, fields: FieldReader) -> tuple[str, ...]:
    """A list, a comma-separated text, or an object with a Name."""
    if value is None:
        return ()
    if isinstance(value, str):
        parts: Iterable[Any] = value.split(",")
    elif isinstance(value, list):
        parts = value
    elif isinstance(value, dict):
        parts = [value]
    else:
        fields.refuse(field, "list type", value)
        return ()
    items: dict[str, None] = {}
    for part in parts:
        name = part.get("Name") if isinstance(part, dict) else part
        if isinstance(name, str):
            if name.strip():
                items[name.strip()] = None
        elif name is not None:
            fields.refuse(field, "list item type", name)
    return tuple(items)
