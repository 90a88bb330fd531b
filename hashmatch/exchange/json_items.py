"""The elements of named arrays and objects of a JSON document, one after the other.

One element is in memory at a time, its weight, depth and texts bounded; what stands around them is
``facts``. For the documents of feeds, whose layout is known; VICS has its own walk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from hashmatch.errors import ExchangeError
from hashmatch.exchange.source import Source
from hashmatch.exchange.vics_tokens import MAX_DEPTH, Token, read_chunks, read_tokens, too_deep

MAX_WEIGHT = 1 << 20
"""Characters of one element, plus ``_NODE`` for every value in it."""
MEMBER_TWICE = "one member twice with different values"
"""Why an element is refused where which of two values is right can't be known."""
_NODE = 64
_MAX_FACTS = 64
_MAX_FACT = 8192
_SCALARS = frozenset(("string", "number", "boolean", "null"))

Path = tuple[str, ...]
"""Member names from the root; "[]" for an element of an array. The root is ()."""


@dataclass(frozen=True, slots=True)
class JsonItem:
    """One element.

    Attributes:
        number: 1-based, in file order.
        path: the array or object that it stands in.
        name: its member name where that is an object.
        value: as ``json`` gives it, but fractions are Decimal. None where it was refused.
        refusal: why it was refused; None where it was not.
    """

    number: int
    path: Path
    name: str | None
    value: Any
    refusal: str | None = None


@dataclass(slots=True)
class _Open:
    """An open container outside of elements."""

    path: Path
    is_array: bool
    holds_items: bool


class JsonItems:
    """Iterates ``JsonItem``.

    Args:
        source: at its beginning.
        arrays: paths of arrays whose elements are items.
        maps: paths of objects whose members are items.
        whole: whether a root that is an object is itself the one item.
        drop: whether a text member of that name is left out, and weighs nothing.

    Attributes:
        facts: scalars around the items by their path, dotted; bounded, complete after the last.

    Raises (while iterating):
        ExchangeError: malformed, cut short, over a limit, or none of the places exists.
    """

    def __init__(
        self,
        source: Source,
        *,
        arrays: tuple[Path, ...] = (),
        maps: tuple[Path, ...] = (),
        whole: bool = False,
        drop: Callable[[str], bool] = lambda name: False,
    ) -> None:
        self._name = str(source.path)
        self._batches: Iterator[list[Token]] = read_tokens(read_chunks(source), self._name)
        self._arrays, self._maps, self._whole = frozenset(arrays), frozenset(maps), whole
        self._drop = drop
        self._expected = ", ".join(".".join(p) or "the root" for p in (*arrays, *maps))
        self.facts: dict[str, Any] = {}

    def __iter__(self) -> Iterator[JsonItem]:
        opened: list[_Open] = []
        key: str | None = None
        building: _Builder | None = None
        number = 0
        found = False
        for batch in self._batches:
            for event, value in batch:
                if building is not None:
                    if building.take(event, value):
                        yield building.item(number)
                        building = None
                    continue
                top = opened[-1] if opened else None
                if event == "map_key":
                    key = value
                elif event == "end_map" or event == "end_array":
                    opened.pop()
                elif top is not None and top.holds_items:
                    found = True
                    number += 1
                    name = None if top.is_array else key
                    if event in _SCALARS:
                        yield JsonItem(number, top.path, name, value)
                    else:
                        building = _Builder(top.path, name, len(opened), self._name, self._drop)
                        building.take(event, value)
                elif event in _SCALARS:
                    if top is not None and not top.is_array:
                        self._note(top.path, key or "", value)
                elif top is None and event == "start_map" and self._whole:
                    found = True
                    number += 1
                    building = _Builder((), None, 0, self._name, self._drop)
                    building.take(event, value)
                else:
                    if len(opened) >= MAX_DEPTH:
                        raise too_deep(self._name)
                    is_array = event == "start_array"
                    path = _path(top, key)
                    places = self._arrays if is_array else self._maps
                    opened.append(_Open(path, is_array, path in places))
                    found = found or path in places
        if not found:
            raise ExchangeError(f"{self._name}: expected records in {self._expected}, got none")

    def _note(self, path: Path, key: str, value: Any) -> None:
        if "[]" in path:
            return
        small = not isinstance(value, str) or len(value) <= _MAX_FACT
        name = ".".join((*path, key))
        if small and len(name) <= 200 and len(self.facts) < _MAX_FACTS:
            self.facts[name] = value


def _path(top: _Open | None, key: str | None) -> Path:
    if top is None:
        return ()
    return (*top.path, "[]" if top.is_array else key or "")


class _Builder:
    """Makes one element from its tokens."""

    def __init__(
        self,
        path: Path,
        name: str | None,
        depth: int,
        document: str,
        drop: Callable[[str], bool],
    ) -> None:
        self._drop = drop
        self._path, self._name = path, name
        self._outside, self._document = depth, document
        self._depth = 0
        self._stack: list[Any] = []
        self._keys: list[str] = []
        self._value: Any = None
        self._weight = 0
        self._refusal: str | None = None

    def take(self, event: str, value: Any) -> bool:
        """Add one token; whether the element is complete."""
        if event == "end_map" or event == "end_array":
            self._depth -= 1
            if self._refusal is None:
                self._stack.pop()
                self._keys.pop()
            return self._depth == 0
        if event == "map_key":
            if self._refusal is None:
                self._keys[-1] = value
                self._weigh(value)
            return False
        starts = event not in _SCALARS
        if starts:
            self._depth += 1
            if self._outside + self._depth > MAX_DEPTH:
                raise too_deep(self._document)
        if self._refusal is None:
            made: Any = value
            if event == "string" and self._keys and self._drop(self._keys[-1]):
                return False
            if starts:
                made = {} if event == "start_map" else []
            self._weigh(value)
            if self._refusal is None:
                self._place(made)
            if starts and self._refusal is None:
                self._stack.append(made)
                self._keys.append("")
        return False

    def _place(self, made: Any) -> None:
        if not self._stack:
            self._value = made
            return
        parent = self._stack[-1]
        if isinstance(parent, list):
            parent.append(made)
            return
        key = self._keys[-1]
        known = parent.get(key)
        if known in (None, "") or made == known:
            parent[key] = made
        elif made is not None and made != "":
            self._refuse(MEMBER_TWICE)

    def _weigh(self, value: Any) -> None:
        self._weight += _NODE + (len(value) if isinstance(value, str) else 0)
        if self._weight > MAX_WEIGHT:
            self._refuse("record too large")

    def _refuse(self, reason: str) -> None:
        if self._refusal is None:
            self._refusal, self._value = reason, None
            self._stack.clear()
            self._keys.clear()

    def item(self, number: int) -> JsonItem:
        return JsonItem(number, self._path, self._name, self._value, self._refusal)
