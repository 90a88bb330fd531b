"""What the readers of JSON feeds have in common: refused elements, facts, and extra members."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from hashmatch.exchange.fields import MAX_RAW
from hashmatch.exchange.json_items import JsonItem, JsonItems
from hashmatch.exchange.json_text import to_json
from hashmatch.exchange.one_pass import Item, OnePassReader
from hashmatch.types import Reject


class JsonFeedReader(OnePassReader):
    """A reader whose records are objects in named places of one JSON document."""

    _COUNT: str | None = None
    """Name of the member that says how many records there are."""

    @abstractmethod
    def _places(self) -> JsonItems:
        """Where the records are."""

    @abstractmethod
    def _read(self, number: int, item: JsonItem, value: dict[str, Any]) -> Iterable[Item]:
        """The records of one object."""

    @abstractmethod
    def _fact(self, name: str, value: Any) -> str | None:
        """A member around the records as ``info.facts`` keeps it; None where it does not."""

    def _items(self) -> Iterator[Item]:
        places = self._places()
        seen = 0
        for item in places:
            seen = item.number
            if item.refusal is not None:
                yield Reject(item.number, None, item.refusal, "", True)
            elif not isinstance(item.value, dict):
                yield Reject(item.number, None, "record is no object", show(item.value), True)
            else:
                yield from self._read(item.number, item, item.value)
        stated = None if self._COUNT is None else places.facts.get(self._COUNT)
        if stated is not None and stated != seen:
            self.warnings[f"{self._COUNT} is not what the page holds"] += 1
        for name, value in places.facts.items():
            text = self._fact(name, value)
            if text is not None:
                self.info.facts[name] = text


def show(value: Any) -> str:
    """A value for ``Reject.raw``."""
    return (value if isinstance(value, str) else to_json(value))[:MAX_RAW]


def extra_of(value: Mapping[str, Any], own: frozenset[str]) -> dict[str, str]:
    """The members that have no place of their own, each as JSON; null and "" are absent."""
    return {
        name: to_json(member)
        for name, member in value.items()
        if name not in own and member is not None and member != ""
    }


def texts(value: Any) -> tuple[str, ...]:
    """The texts of a list; a text alone is a list of one. Anything else in it is its JSON."""
    if value is None or value == "":
        return ()
    items = value if isinstance(value, list) else [value]
    return tuple(item if isinstance(item, str) else to_json(item) for item in items)
