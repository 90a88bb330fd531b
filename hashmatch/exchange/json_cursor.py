"""Steps through a JSON document of any length: one value at a time, or past one unread.

``value`` takes the C parser where the text is plain JSON and the lenient one where it is not, with
the same answer where both have one. A value over ``MAX_VALUE`` characters is passed over and never
built.
"""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from typing import Any

from hashmatch.errors import ExchangeError
from hashmatch.exchange.json_lenient import (
    MAX_DEPTH,
    NUMBER_CHARACTERS,
    SPARE_COMMA,
    IncompleteError,
    MalformedError,
    TooDeepError,
    depth_of,
    parse_value,
    skip_space,
)
from hashmatch.exchange.json_plain import MAX_VALUE, PARSE_ERRORS, parse_plain
from hashmatch.exchange.json_window import NUL, TextWindow

TOO_LARGE = object()
"""Stands for a value over ``MAX_VALUE``."""
MISSING_COMMA = "missing comma"
SURROGATE_KEPT = "text with half a character or a byte that is no UTF-8, kept as it is"

_STRUCTURE = re.compile(r'["{}\[\]]')
_TEXT_REST = re.compile(r'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]").search


class CutShortError(Exception):
    """The document ends where more is expected."""


class JsonCursor:
    """A position in a document.

    Args:
        window: at the document's beginning.
        name: the document's name in messages.
        warnings: counts what is tolerated.
    """

    def __init__(self, window: TextWindow, name: str, warnings: Counter[str]) -> None:
        self.window = window
        self.name = name
        self.warnings = warnings

    def peek(self) -> str:
        """Step over white space; the character there, "" at the document's end."""
        window = self.window
        while True:
            window.pos = skip_space(window.text, window.pos)
            if window.pos < len(window.text):
                return window.text[window.pos]
            if window.ended or not window.fill():
                return ""

    def expect(self, character: str) -> None:
        """Step over one character and the white space before it.

        Raises:
            MalformedError: another one stands there.
            CutShortError: the document ends.
        """
        found = self.peek()
        if found == "":
            raise CutShortError
        if found != character:
            raise MalformedError(f"expected {character!r}")
        self.window.pos += 1

    def next_item(
        self, closing: str, *, commas: int, start: bool = False, comma_needed: bool = True
    ) -> bool:
        """Step to the next item of an array or object; False, behind ``closing``, if there is none.

        Args:
            commas: stepped over since the last item.
            start: there was no item yet, and the comma is one that need not be there.
            comma_needed: whether a missing comma is an error, or only counted.

        Raises:
            MalformedError: a comma is missing.
            CutShortError: the document ends.
        """
        while True:
            character = self.peek()
            if character == "":
                raise CutShortError
            if character == closing:
                if commas > start:
                    self.warnings[SPARE_COMMA] += 1
                self.window.pos += 1
                return False
            if character != ",":
                break
            commas += 1
            self.window.pos += 1
        if commas > 1:
            self.warnings[SPARE_COMMA] += 1
        elif commas == 0:
            if comma_needed:
                raise MalformedError("expected a comma")
            self.warnings[MISSING_COMMA] += 1
        return True

    def key(self, depth: int) -> Any:
        """The member's name here, its colon stepped over; ``TOO_LARGE`` where it is."""
        if self.peek() != '"':
            raise MalformedError("expected a key")
        key = self.value(depth)
        self.expect(":")
        return key

    def value(self, depth: int) -> Any:
        """The value here, white space before it passed, and step behind it.

        ``TOO_LARGE`` where it is.

        Args:
            depth: how many arrays and objects are open around it.

        Raises:
            MalformedError: it is no JSON; the position is where it was.
            CutShortError: the document ends inside it.
            ExchangeError: nested too deeply.
        """
        window = self.window
        if self.peek() == "":
            raise CutShortError
        while True:
            try:
                value, end = self._parse(depth)
            except IncompleteError:
                if self.look_ahead():
                    continue
                if window.ended:
                    raise CutShortError from None
                if window.text[window.pos] not in '"{[':
                    raise MalformedError("number out of range") from None
                self.skip(depth)
                return TOO_LARGE
            except TooDeepError:
                raise self.too_deep() from None
            too_large = end - window.pos > MAX_VALUE
            window.pos = end
            if too_large:
                return TOO_LARGE
            return self.clean(value) if window.odd else value

    def _parse(self, depth: int) -> tuple[Any, int]:
        """The value here and its end. Raises IncompleteError, MalformedError, TooDeepError."""
        text, pos = self.window.text, self.window.pos
        try:
            value, end = parse_plain(text, pos)
        except PARSE_ERRORS:
            if not self.window.ended and len(text) - pos <= MAX_VALUE:
                raise IncompleteError from None
            notes: Counter[str] = Counter()
            value, end = parse_value(text, pos, depth, notes)
            self.warnings.update(+notes)
            return value, end
        if isinstance(value, (list, tuple)):
            if depth + depth_of(value) > MAX_DEPTH:
                raise TooDeepError
        elif isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            # The rest of a number may stand beyond the window.
            characters = NUMBER_CHARACTERS.match(text, pos)
            if characters is not None and characters.end() == len(text) and not self.window.ended:
                raise IncompleteError
        return value, end

    def look_ahead(self) -> bool:
        """Slide the window where less than the longest value is in it; whether it did."""
        window = self.window
        if window.ended or len(window.text) - window.pos > MAX_VALUE:
            return False
        window.fill()
        return True

    def skip(self, depth: int) -> None:
        """Step over the array, object or text here, unread and of any length.

        Raises:
            CutShortError, ExchangeError: as ``value``.
        """
        window = self.window
        opened = 0
        while True:
            found = _STRUCTURE.search(window.text, window.pos)
            if found is None:
                self._slide(len(window.text))
                continue
            window.pos = found.end()
            character = found[0]
            if character == '"':
                self._skip_text()
            elif character in "{[":
                opened += 1
                if depth + opened > MAX_DEPTH:
                    raise self.too_deep()
            else:
                opened -= 1
            if opened <= 0:
                return

    def _skip_text(self) -> None:
        window = self.window
        while True:
            rest = _TEXT_REST.match(window.text, window.pos)
            end = window.pos if rest is None else rest.end()
            if end < len(window.text) and window.text[end] == '"':
                window.pos = end + 1
                return
            self._slide(end)

    def _slide(self, pos: int) -> None:
        self.window.pos = pos
        if not self.window.fill():
            raise CutShortError

    def clean(self, value: Any) -> Any:
        """A value without U+0000; counts it, and what is no Unicode text and kept."""
        if isinstance(value, str):
            if value.isprintable():
                return value
            if _SURROGATE(value) is not None:
                self.warnings[SURROGATE_KEPT] += 1
            if "\0" in value:
                self.warnings[NUL] += value.count("\0")
                return value.replace("\0", "")
            return value
        if isinstance(value, tuple):
            return tuple((self.clean(key), self.clean(inner)) for key, inner in value)
        return [self.clean(inner) for inner in value] if isinstance(value, list) else value

    def too_deep(self) -> ExchangeError:
        return ExchangeError(
            f"{self.name}: expected at most {MAX_DEPTH} nested arrays, got more near byte "
            f"{self.window.near()}"
        )

    def malformed(self, why: str) -> ExchangeError:
        return ExchangeError(f"{self.name}: malformed JSON near byte {self.window.near()}: {why}")
