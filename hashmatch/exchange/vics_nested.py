"""Objects inside a VICS record: pairs to dictionaries, with what stands there twice settled."""

from __future__ import annotations

from collections import Counter
from typing import Any

DUPLICATE = "duplicate key"


def merged(value: Any, warnings: Counter[str]) -> Any:
    """A value whose objects are tuples of pairs, with dictionaries in their place."""
    if type(value) is list:
        return [merged(inner, warnings) for inner in value]
    if type(value) is not tuple:
        return value
    made: dict[str, Any] = {}
    for key, inner in value:
        inner = merged(inner, warnings)
        if key in made:
            warnings[DUPLICATE] += 1
            inner = _one_of(key, made[key], inner)
        made[key] = inner
    return made


def _one_of(key: str, old: Any, new: Any) -> Any:
    """Of two values of one key, the last that is not empty.

    Not for a hash: which of two is right can't be known, and the object makes it refused.
    """
    if new is None or new == "":
        return old
    if key.casefold() in ("hashname", "hashvalue") and old not in (None, "", new):
        return {}
    return new
