"""JSON as broken writers make it: one value at a position of a text, tolerated and noted.

For valid JSON the answer is that of ``json`` with ``object_pairs_hook=tuple``: objects are tuples
of (key, value), so that a key that stands there twice is seen. Tolerated beyond it: commas before
a closing bracket or doubled, backslashes that escape nothing (they are kept), raw control
characters in texts. What else is wrong is ``MalformedError``: no guess is made where a text ends.
"""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal, InvalidOperation
from typing import Any

MAX_DEPTH = 64
SPARE_COMMA = "spare comma"
BAD_ESCAPE = "backslash that escapes nothing, kept as it stands"
CONTROL = "control character in a text"

_SPACE = re.compile(r"[ \t\r\n]*")
_PLAIN = re.compile(r'[^"\\\x00-\x1f]*')
_HEX4 = re.compile(r"[0-9A-Fa-f]{4}")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
NUMBER_CHARACTERS = re.compile(r"[-+0-9.eE]*")
_ESCAPES = {
    '"': '"',
    "\\": "\\",
    "/": "/",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
}
_WORDS = {"t": ("true", True), "f": ("false", False), "n": ("null", None)}

Pairs = tuple[tuple[str, Any], ...]
"""An object: its members in order, duplicates included."""


class IncompleteError(Exception):
    """The text ends inside the value."""


class MalformedError(Exception):
    """The value is no JSON, and no tolerated defect of it; the message is short and stable."""


class TooDeepError(Exception):
    """Nested beyond ``MAX_DEPTH``."""


def parse_value(text: str, pos: int, depth: int, notes: Counter[str]) -> tuple[Any, int]:
    """The value at ``pos``, behind white space, and the position after it.

    Args:
        depth: how many arrays and objects are open around it.
        notes: counts what was tolerated.

    Raises:
        IncompleteError, MalformedError, TooDeepError.
    """
    pos = skip_space(text, pos)
    if pos >= len(text):
        raise IncompleteError
    character = text[pos]
    if character == '"':
        return parse_text(text, pos + 1, notes)
    if character in "{[":
        if depth >= MAX_DEPTH:
            raise TooDeepError
        if character == "{":
            return _object(text, pos + 1, depth + 1, notes)
        return _array(text, pos + 1, depth + 1, notes)
    if character in _WORDS:
        word, value = _WORDS[character]
        found = text[pos : pos + len(word)]
        if found == word:
            return value, pos + len(word)
        if word.startswith(found):
            raise IncompleteError
        raise MalformedError("unexpected word")
    return _number(text, pos)


def parse_text(text: str, pos: int, notes: Counter[str]) -> tuple[str, int]:
    """The text whose opening quote is before ``pos``, and the position after its closing one."""
    parts: list[str] = []
    while True:
        plain = _PLAIN.match(text, pos)
        if plain is not None:
            parts.append(plain[0])
            pos = plain.end()
        if pos >= len(text):
            raise IncompleteError
        character = text[pos]
        if character == '"':
            return "".join(parts), pos + 1
        if character == "\\":
            piece, pos = _escape(text, pos, notes)
            parts.append(piece)
        else:
            notes[CONTROL] += 1
            parts.append(character)
            pos += 1


def skip_space(text: str, pos: int) -> int:
    found = _SPACE.match(text, pos)
    return pos if found is None else found.end()


def depth_of(value: Any) -> int:
    """How many arrays and objects are nested in a value, itself included."""
    deepest = 0
    level = [value]
    while level := [v for v in level if isinstance(v, (list, tuple))]:
        deepest += 1
        level = [
            inner
            for v in level
            for inner in (v if isinstance(v, list) else [member[1] for member in v])
        ]
    return deepest


def _object(text: str, pos: int, depth: int, notes: Counter[str]) -> tuple[Pairs, int]:
    members: list[tuple[str, Any]] = []
    pos, ended = _next_item(text, pos, "}", notes, first=True)
    while not ended:
        if text[pos] != '"':
            raise MalformedError("expected a key")
        key, pos = parse_text(text, pos + 1, notes)
        pos = skip_space(text, pos)
        if pos >= len(text):
            raise IncompleteError
        if text[pos] != ":":
            raise MalformedError("expected a colon")
        value, pos = parse_value(text, pos + 1, depth, notes)
        members.append((key, value))
        pos, ended = _next_item(text, pos, "}", notes)
    return tuple(members), pos


def _array(text: str, pos: int, depth: int, notes: Counter[str]) -> tuple[list[Any], int]:
    items: list[Any] = []
    pos, ended = _next_item(text, pos, "]", notes, first=True)
    while not ended:
        value, pos = parse_value(text, pos, depth, notes)
        items.append(value)
        pos, ended = _next_item(text, pos, "]", notes)
    return items, pos


def _next_item(
    text: str, pos: int, closing: str, notes: Counter[str], *, first: bool = False
) -> tuple[int, bool]:
    """Where the next item begins, or after the closing bracket with True."""
    commas = 0
    while True:
        pos = skip_space(text, pos)
        if pos >= len(text):
            raise IncompleteError
        character = text[pos]
        if character == ",":
            commas += 1
        elif character == closing:
            notes[SPARE_COMMA] += commas
            return pos + 1, True
        elif first or commas:
            notes[SPARE_COMMA] += commas if first else commas - 1
            return pos, False
        else:
            raise MalformedError("expected a comma")
        pos += 1


def _escape(text: str, pos: int, notes: Counter[str]) -> tuple[str, int]:
    """What the escape at ``pos`` stands for, and the position after it."""
    if pos + 1 >= len(text):
        raise IncompleteError
    character = text[pos + 1]
    if character in _ESCAPES:
        return _ESCAPES[character], pos + 2
    if character == "u":
        unit = _unit(text, pos)
        if unit is not None:
            pos += 6
            if 0xD800 <= unit < 0xDC00:
                # Its other half may stand beyond the text's end.
                if len(text) < pos + 6 and r"\u".startswith(text[pos : pos + 2]):
                    raise IncompleteError
                low = _unit(text, pos) if text.startswith(r"\u", pos) else None
                if low is not None and 0xDC00 <= low < 0xE000:
                    return chr(0x10000 + ((unit - 0xD800) << 10) + low - 0xDC00), pos + 6
            return chr(unit), pos
    notes[BAD_ESCAPE] += 1
    return "\\", pos + 1


def _unit(text: str, pos: int) -> int | None:
    digits = _HEX4.match(text, pos + 2)
    if digits is not None:
        return int(digits[0], 16)
    if len(text) < pos + 6 and re.fullmatch("[0-9A-Fa-f]*", text[pos + 2 :]):
        raise IncompleteError
    return None


def _number(text: str, pos: int) -> tuple[int | Decimal, int]:
    characters = NUMBER_CHARACTERS.match(text, pos)
    if characters is not None and characters.end() == len(text) > pos:
        raise IncompleteError
    found = _NUMBER.match(text, pos)
    if found is None:
        raise MalformedError("unexpected character")
    try:
        if found[1] is None and found[2] is None:
            return int(found[0]), found.end()
        return Decimal(found[0]), found.end()
    except (ValueError, InvalidOperation):
        raise MalformedError("number out of range") from None
