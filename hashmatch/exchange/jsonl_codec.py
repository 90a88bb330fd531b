"""One line of our own JSONL for every record and deletion, and back: nothing is lost.

A member has the name of the attribute that it stands for in ``hashmatch.types``; one that is None
or empty is left out. ASCII only, so that texts that are no UTF-8 (lone surrogates) survive. Reading
is as strict as for any other list: a digest is checked, a value of another type is refused.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hashmatch.algorithms import ALGORITHMS
from hashmatch.exchange.fields import FieldReader
from hashmatch.exchange.jsonl_parts import (
    place_members,
    read_facts,
    read_places,
    read_rejects,
)
from hashmatch.exchange.schemes import Classifier
from hashmatch.exchange.vics_keys import route
from hashmatch.facts import NO_FACTS
from hashmatch.types import (
    DIGEST_BYTES,
    NOTHING,
    Deletion,
    Digests,
    HashRecord,
    HashValue,
    Label,
    MediaKind,
    Opinion,
    Reject,
)

_COUNTS = ("submissions",)
_LISTS = ("series", "tags")
_FLAGS = ("baseline", *Opinion.FLAGS)
_RECORD = frozenset(
    (
        *("record_key", "position", "digests", "opinion", "kind", "mime", "size", "hashes"),
        *("extra", "rejects", "seen_at"),
    )
)
_HASH = frozenset(("algorithm", "value", "quality", "frame", "time_s"))
_REJECT = ("position", "field", "reason", "raw")
_OPINION = frozenset(
    ("scheme", "raw_category", "label", *_FLAGS, *_COUNTS, *_LISTS, "updated_raw", "facts")
)
_KINDS = {kind.value: kind for kind in MediaKind}
_LABELS = {label.value: label for label in Label}
_NEVER_KEPT = frozenset(("Miniature", "Contact"))

DELETED = "deleted"
"""The member that only the line of a deletion has: the key of the entry that is gone."""

_encode = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode


def to_line(value: Mapping[str, Any]) -> str:
    """Compact ASCII JSON without the line feed."""
    return _encode(value)


def encode_item(item: HashRecord | Deletion) -> str:
    """One line, without its end."""
    if isinstance(item, Deletion):
        return _encode(
            {
                DELETED: item.record_key,
                "position": item.position,
                "reason": item.reason,
                "raw": item.raw,
            }
        )
    members: dict[str, Any] = {"record_key": item.record_key, "position": item.position}
    members["digests"] = dict(item.digests.items()) or None
    members["opinion"] = _opinion_members(item.opinion)
    members["kind"] = item.kind.value if item.kind is not MediaKind.UNKNOWN else None
    members["mime"] = item.mime
    members["size"] = item.size
    members["hashes"] = [_hash_members(value) for value in item.hashes] or None
    members["extra"] = dict(sorted(item.extra.items())) or None
    members["rejects"] = [
        {name: getattr(reject, name) for name in _REJECT} for reject in item.rejects
    ] or None
    members["seen_at"] = [place_members(place) for place in item.seen_at] or None
    return _encode({name: value for name, value in members.items() if value is not None})


def _hash_members(item: HashValue) -> dict[str, Any]:
    members: dict[str, Any] = {"algorithm": item.algorithm, "value": item.hex}
    for name in ("quality", "frame", "time_s"):
        value = getattr(item, name)
        if value is not None:
            members[name] = value
    return members


def _opinion_members(opinion: Opinion) -> dict[str, Any]:
    members: dict[str, Any] = {"scheme": opinion.scheme, "label": opinion.label.value}
    for name in ("raw_category", *_FLAGS, *_COUNTS, "updated_raw"):
        value = getattr(opinion, name)
        if value is not None:
            members[name] = value
    for name in _LISTS:
        value = getattr(opinion, name)
        if value:
            members[name] = list(value)
    if opinion.facts:
        members["facts"] = opinion.facts.to_dict()
    return members


def decode_item(
    members: dict[str, Any], position: int, classifier: Classifier | None, warnings: Counter[str]
) -> HashRecord | Deletion | Reject:
    """One line's object.

    Args:
        members: the object.
        position: number of the line, for what has no position of its own.
        classifier: says what the raw category means, whatever the line says; None to believe it.
        warnings: counts members that this version does not know; they are kept in ``extra``.
    """
    given = members.get("position")
    if type(given) is int and given > 0:
        position = given
    fields = FieldReader(position)
    if DELETED in members:
        return _deletion(members, position)
    key = members.get("record_key")
    if not isinstance(key, str) or not key:
        return Reject(position, "record_key", "no record key", "", True)
    digests = _digests(members.get("digests"), fields)
    hashes = _hashes(members.get("hashes"), fields)
    if not digests and not hashes:
        return fields.refuse_record("no usable hash")
    opinion = _opinion(members.get("opinion"), classifier, fields)
    if opinion is None:
        return fields.refuse_record("no usable opinion")
    size = fields.whole_number("size", members.get("size"))
    if size == 0:
        return fields.refuse_record("zero-size media")
    kind = members.get("kind", MediaKind.UNKNOWN.value)
    if not isinstance(kind, str) or kind not in _KINDS:
        fields.refuse("kind", "media kind", kind)
        kind = MediaKind.UNKNOWN.value
    extra = _extra(members, fields, warnings)
    return HashRecord(
        record_key=key,
        position=position,
        digests=digests,
        opinion=opinion,
        kind=_KINDS[kind],
        mime=_text("mime", members.get("mime"), fields),
        size=size,
        hashes=hashes,
        extra=extra or NOTHING,
        seen_at=read_places(members.get("seen_at"), fields),
        rejects=(*read_rejects(members.get("rejects"), position, fields), *fields.rejects),
    )


def _deletion(members: dict[str, Any], position: int) -> Deletion | Reject:
    key, reason, raw = members[DELETED], members.get("reason", ""), members.get("raw", "")
    if not isinstance(key, str) or not key:
        return Reject(position, DELETED, "no record key", "", True)
    if not isinstance(reason, str) or not isinstance(raw, str):
        return Reject(position, "reason", "text type", "", True)
    return Deletion(key, position, reason, raw)


def _digests(value: Any, fields: FieldReader) -> Digests:
    if value is None:
        return Digests()
    if not isinstance(value, dict):
        fields.refuse("digests", "object type", value)
        return Digests()
    for name in value.keys() - DIGEST_BYTES.keys():
        fields.refuse("digests", "unknown digest", name)
    found = {name: fields.digest(name, name, value.get(name)) for name in DIGEST_BYTES}
    return Digests(**found)


def _hashes(value: Any, fields: FieldReader) -> tuple[HashValue, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        fields.refuse("hashes", "list type", value)
        return ()
    found = (_hash(element, fields) for element in value)
    return tuple(item for item in found if item is not None)


def _hash(value: Any, fields: FieldReader) -> HashValue | None:
    if not isinstance(value, dict):
        fields.refuse("hashes", "object type", value)
        return None
    algorithm = value.get("algorithm")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        fields.refuse("hashes", "unknown algorithm", algorithm)
        return None
    for name in sorted(value.keys() - _HASH):
        fields.refuse("hashes", "unknown member", name)
    quality = fields.whole_number("quality", value.get("quality"))
    if quality is not None and quality > 100:
        fields.refuse("quality", "quality over 100", quality)
        quality = None
    found = fields.perceptual("value", algorithm, value.get("value"), quality)
    if found is None:
        return None
    frame = fields.whole_number("frame", value.get("frame"))
    time_s = value.get("time_s")
    # NaN and infinity are no JSON; a number so large that it becomes infinite is no time either.
    if time_s is not None and not (type(time_s) in (int, float) and 0 <= time_s <= 1e9):
        fields.refuse("time_s", "time value", time_s)
        time_s = None
    return found if frame is None and time_s is None else replace(found, frame=frame, time_s=time_s)


def _opinion(value: Any, classifier: Classifier | None, fields: FieldReader) -> Opinion | None:
    """None, with the refusal in ``fields``, where the meaning of the category is not known."""
    if not isinstance(value, dict):
        fields.refuse("opinion", "object type", value)
        return None
    for name in sorted(value.keys() - _OPINION):
        fields.refuse("opinion", "unknown member", name)
    scheme, label = value.get("scheme"), value.get("label")
    raw = _text("raw_category", value.get("raw_category"), fields)
    if classifier is not None:
        verdict = classifier.classify(raw)
        scheme, label = verdict.scheme, verdict.label.value
    if not isinstance(scheme, str) or not scheme:
        fields.refuse("scheme", "text type", scheme)
        return None
    if not isinstance(label, str) or label not in _LABELS:
        fields.refuse("label", "unknown label", label)
        return None
    said: dict[str, Any] = {n: fields.flag(n, value[n]) for n in _FLAGS if n in value}
    said |= {name: fields.whole_number(name, value.get(name)) for name in _COUNTS}
    said |= {name: _texts(name, value.get(name), fields) for name in _LISTS}
    facts = NO_FACTS if value.get("facts") is None else read_facts(value["facts"], fields)
    if classifier is not None and verdict.facts:
        facts = verdict.facts
    return Opinion(
        scheme=scheme,
        raw_category=raw,
        label=_LABELS[label],
        updated_raw=_text("updated_raw", value.get("updated_raw"), fields),
        facts=facts,
        **said,
    )


def _text(name: str, value: Any, fields: FieldReader) -> str | None:
    """Text as it stands there; unlike a list's own, an empty one is not absent."""
    if value is None or isinstance(value, str):
        return value
    fields.refuse(name, "text type", value)
    return None


def _texts(name: str, value: Any, fields: FieldReader) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        fields.refuse(name, "list type", value)
        return ()
    for element in value:
        if not isinstance(element, str):
            fields.refuse(name, "text type", element)
    return tuple(element for element in value if isinstance(element, str))


def _extra(members: dict[str, Any], fields: FieldReader, warnings: Counter[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    given = members.get("extra")
    if isinstance(given, dict):
        for name, text in given.items():
            if route(name).dropped in _NEVER_KEPT:
                warnings[f"dropped {route(name).dropped}"] += 1
            elif isinstance(text, str):
                found[name] = text
            else:
                fields.refuse(name, "text type", text)
    elif given is not None:
        fields.refuse("extra", "object type", given)
    for name in members.keys() - _RECORD:
        if route(name).dropped in _NEVER_KEPT:
            warnings[f"dropped {route(name).dropped}"] += 1
        else:
            warnings["unknown member kept"] += 1
            found.setdefault(name, _encode(members[name]))
    return found
