"""The places that a mapping names: values there, and their names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from hashmatch.exchange.mapping import ListMapping, Place

Get = Callable[[Place], Any]
"""The value at a place: text of a cell, or a JSON value; None where there is none."""


def getter(value: Any) -> Get:
    """Access to members of a JSON value; their case does not matter where it decides nothing."""

    def get(place: Place) -> Any:
        found = value
        for name in place:
            if not isinstance(found, Mapping):
                return None
            if name in found:
                found = found[name]
                continue
            lowered = name.lower()
            found = next((v for k, v in found.items() if k.lower() == lowered), None)
        return found

    return get


def used_names(mapping: ListMapping) -> dict[str, str]:
    """Members that have a place of their own in a record: name in lower case to name."""
    places: list[Place | None] = [rule.place for rule in mapping.fields.values()]
    for rule in mapping.hashes:
        if rule.each is not None:
            places.append(rule.each if not rule.value or rule.type_from is None else None)
        else:
            places += [rule.value, rule.type_from, rule.quality, rule.frame, rule.time]
    places += mapping.key
    names = [place[0] for place in places if place is not None and len(place) == 1]
    return {name.lower(): name for name in names}


def field_rules(mapping: ListMapping) -> Iterator[tuple[str, Place]]:
    """Every place that a mapping names, with its key, for checking a header."""
    for rule in mapping.hashes:
        for key, place in (
            ("from", rule.value),
            ("type_from", rule.type_from),
            ("quality", rule.quality),
            ("frame", rule.frame),
            ("time", rule.time),
        ):
            if place:
                yield f"{rule.where}.{key}", place
    for field in mapping.fields.values():
        yield field.where, field.place
    for place in mapping.key:
        yield "key.from", place
