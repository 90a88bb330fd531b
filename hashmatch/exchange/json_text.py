"""JSON values to text and back for ``HashRecord.extra``: nothing of an unknown member is lost."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

_encode = json.JSONEncoder(ensure_ascii=False).encode


def to_json(value: Any) -> str:
    """Compact JSON; a number keeps the digits that the file gave it.

    An object is a dictionary, or a tuple of its members as pairs.
    """
    if isinstance(value, str):
        return _encode(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{_encode(k)}:{to_json(v)}" for k, v in value.items()) + "}"
    if isinstance(value, tuple):
        return "{" + ",".join(f"{_encode(k)}:{to_json(v)}" for k, v in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(to_json, value)) + "]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal) and not value.is_finite():
        return "null"
    return str(value)


def is_json(text: str) -> bool:
    """Whether a text can stand in a document as it is."""
    try:
        json.loads(text, parse_int=str, parse_float=str, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return False
    return True


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
