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
    """The objects from ``pos`` on and the end of the last, where ``parse_flat`` would take each.

    None where it would not, or where there are not two whole objects in the next ``RUN``
    characters.
    """
    end = text.rfind("}", pos, pos + RUN) + 1
    piece = text[pos:end]
    objects = piece.count("{")
    if objects < 2 or "[" in piece:
        return None
    try:
        values = orjson.loads(f"[{piece}]")
    except ValueError:
        return None
    if len(values) != objects or set(map(type, values)) != {dict}:
        return None
    kinds = list(map(type, chain.from_iterable(map(dict.values, values))))
    if float in kinds or piece.count('"') != 2 * (len(kinds) + kinds.count(str)):
        return None
    return values, end
