"""Facts, places and refused fields in a line of our own JSONL."""

from __future__ import annotations

from dataclasses import fields as fields_of
from typing import Any

from hashmatch.errors import InputError
from hashmatch.exchange.fields import FieldReader
from hashmatch.facts import NO_FACTS, WORDS, Facts
from hashmatch.types import NOTHING, Reject, Sighting

_PLACE = tuple(field.name for field in fields_of(Sighting) if field.name != "extra")


def place_members(place: Sighting) -> dict[str, Any]:
    """A place; what is None or empty is left out."""
    members: dict[str, Any] = {name: getattr(place, name) for name in _PLACE}
    members["extra"] = dict(sorted(place.extra.items())) or None
    return {name: value for name, value in members.items() if value is not None}


def read_places(value: Any, fields: FieldReader) -> tuple[Sighting, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        fields.refuse("seen_at", "list type", value)
        return ()
    return tuple(_place(place, fields) for place in value if _is_object(place, fields))


def _is_object(value: Any, fields: FieldReader) -> bool:
    if not isinstance(value, dict):
        fields.refuse("seen_at", "object type", value)
        return False
    return True


def _place(members: dict[str, Any], fields: FieldReader) -> Sighting:
    texts: dict[str, str] = {}
    for name, text in members.items():
        if name == "extra" or text is None:
            continue
        if name not in _PLACE:
            fields.refuse("seen_at", "unknown member", name)
        elif isinstance(text, str):
            texts[name] = text
        else:
            fields.refuse(name, "text type", text)
    extra = members.get("extra")
    if extra is not None and not isinstance(extra, dict):
        fields.refuse("extra", "object type", extra)
        extra = None
    kept: dict[str, str] = {}
    for name, text in (extra or {}).items():
        if isinstance(text, str):
            kept[name] = text
        else:
            fields.refuse(name, "text type", text)
    return Sighting(**texts, extra=kept or NOTHING)


def read_facts(value: Any, fields: FieldReader) -> Facts:
    """Facts; a name or word that is none is a refused field."""
    if not isinstance(value, dict):
        fields.refuse("facts", "object type", value)
        return NO_FACTS
    found: dict[str, Any] = {}
    for name, word in value.items():
        try:
            Facts.parse({name: word})
        except InputError:
            reason = "unknown word" if name in WORDS else "unknown fact"
            fields.refuse(f"facts.{name}", reason, word)
        else:
            found[name] = word
    return Facts.parse(found)


def read_rejects(value: Any, position: int, fields: FieldReader) -> tuple[Reject, ...]:
    """What the reader of the original list refused of this record."""
    found: list[Reject] = []
    for element in value if isinstance(value, list) else []:
        texts = element if isinstance(element, dict) else {}
        field, reason, raw = (texts.get(name) for name in ("field", "reason", "raw"))
        if not isinstance(reason, str) or not isinstance(raw, str):
            fields.refuse("rejects", "object type", element)
            continue
        where = texts.get("position")
        at = where if type(where) is int and where > 0 else position
        found.append(Reject(at, field if isinstance(field, str) else None, reason, raw, False))
    if value is not None and not isinstance(value, list):
        fields.refuse("rejects", "list type", value)
    return tuple(found)
