"""JSON values by the parsers in C, where their answer is certain.

They are many times as fast as reading character by character, and tolerate less: who calls them
has another way where they have no answer.
"""

from __future__ import annotations

import json
from decimal import Decimal
from itertools import chain
from typing import Any, NoReturn

import orjson

MAX_VALUE = 1 << 17
"""Characters of the longest value that is built; with it, some 10 MB at the very most."""
RUN = 1 << 15
"""Characters in which ``parse_run`` looks for objects."""
_MOST_ENDS = 16
PARSE_ERRORS = (ValueError, ArithmeticError, RecursionError, StopIteration)
"""What ``parse_plain`` raises: no JSON, an exponent that no Decimal holds, too deep, no value."""


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")


parse_plain = json.JSONDecoder(
    object_pairs_hook=tuple, parse_float=Decimal, parse_constant=_no_constant
).raw_decode
"""``(text, position) -> (value, end)`` for JSON; raises ``PARSE_ERRORS``."""


def parse_flat(text: str, pos: int) -> tuple[dict[str, Any], int] | None:
    """The object at ``pos`` and its end, where it is plain JSON and holds no array or object.

    For speed: a third of the time of ``parse_plain``, with the same answer or none. None where
    anything is not certain: a closing brace in a text, fractions (their digits would be lost), a
    key that stands there twice (the parser would keep one: the quotes in the text tell), an escaped
    quote.
    """
    end = text.find("}", pos) + 1
    piece = text[pos:end]
    if "[" in piece or piece.count("{") != 1 or len(piece) > MAX_VALUE:
        return None
    try:
        value = orjson.loads(piece)
    except ValueError:
        return None
    if type(value) is not dict:
        return None
    kinds = list(map(type, value.values()))
    if float in kinds or piece.count('"') != 2 * (len(kinds) + kinds.count(str)):
        return None
    return value, end


def parse_run(text: str, pos: int) -> tuple[list[dict[str, Any]], int] | None:
    """The objects from ``pos`` on and the end of the last, where all of them are plain.

    Plain is what ``parse_flat`` takes, and arrays of such objects in them. None where anything is
    not certain, or where there are not two whole objects in the next ``RUN`` characters.
    """
    end = _last_object(text, pos)
    piece = text[pos:end]
    if piece.count("{") < 2:
        return None
    try:
        values = orjson.loads(f"[{piece}]")
    except ValueError:
        return None
    if set(map(type, values)) != {dict}:
        return None
    kinds = list(map(type, chain.from_iterable(map(dict.values, values))))
    objects, lists = len(values), kinds.count(list)
    if lists:
        inner = [v for value in values for v in value.values() if type(v) is list]
        elements = list(chain.from_iterable(inner))
        of_elements = set(map(type, elements))
        if not of_elements <= {dict}:
            return None
        objects += len(elements)
        kinds += map(type, chain.from_iterable(map(dict.values, elements)))
    # What the parser would not tell shows in the text: keys twice, braces and quotes in texts.
    if (
        float in kinds
        or dict in kinds
        or kinds.count(list) != lists
        or piece.count("{") != objects
        or piece.count("[") != lists
        or piece.count('"') != 2 * (len(kinds) + kinds.count(str))
    ):
        return None
    return values, end


def _last_object(text: str, pos: int) -> int:
    """Where in the next ``RUN`` characters an object ends that none of the others is in."""
    end = text.rfind("}", pos, pos + RUN) + 1
    if text.find("[", pos, end) < 0:
        return end
    for _ in range(_MOST_ENDS):
        if text.count("{", pos, end) == text.count("}", pos, end):
            return end
        end = text.rfind("}", pos, end - 1) + 1
    return pos
