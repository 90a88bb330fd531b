"""Tables of a TOML file, checked: every message names file and key, and no key is unread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from hashmatch.errors import InputError

T = TypeVar("T")
_NAMES: Mapping[type, str] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    list: "an array",
    dict: "a table",
}


class CheckedTable:
    """One table.

    Args:
        values: as TOML gives it.
        where: file and key of the table.
        allowed: its keys.

    Raises:
        InputError: a key that is not allowed; the message lists those that are.
    """

    def __init__(self, values: Mapping[str, Any], where: str, allowed: Iterable[str]) -> None:
        self._values = values
        self.where = where
        self._allowed = sorted(allowed)
        unknown = sorted(set(values) - set(self._allowed))
        if unknown:
            raise InputError(
                f"{self._key(unknown[0])}: expected one of {', '.join(self._allowed)}, "
                f"got a key {unknown[0]!r}"
            )

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def _key(self, key: str) -> str:
        joint = ": " if self.where.endswith((".toml", "mapping")) else "."
        return f"{self.where}{joint}{key}"

    def fail(self, key: str, expected: str) -> InputError:
        """The error to raise for a wrong value."""
        value = self._values.get(key)
        got = "nothing" if key not in self._values else repr(value)[:200]
        return InputError(f"{self._key(key)}: expected {expected}, got {got}")

    def get(self, key: str, kind: type[T], default: T) -> T:
        """The value of an optional key."""
        if key not in self._values:
            return default
        value = self._values[key]
        # True is an int to Python, and a typo to everybody else.
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.fail(key, _NAMES[kind])
        return value

    def text(self, key: str) -> str:
        """A text that must be there and say something."""
        value = self.get(key, str, "")
        if not value.strip():
            raise self.fail(key, "a text")
        return value

    def optional_text(self, key: str) -> str | None:
        return self.text(key) if key in self._values else None

    def choice(self, key: str, choices: Iterable[str], default: str | None = None) -> str:
        """A text that is one of several."""
        known = list(choices)
        value = self.get(key, str, default or "")
        if value not in known:
            raise self.fail(key, f"one of {', '.join(known)}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """An array of texts; empty where the key is not there."""
        value = self.get(key, list, [])
        if not all(isinstance(item, str) and item for item in value):
            raise self.fail(key, "an array of texts")
        return tuple(value)

    def table(self, key: str, allowed: Iterable[str] | None = None) -> CheckedTable:
        """A table inside, empty where it is not there; without ``allowed`` it has any keys."""
        values = self.get(key, dict, {})
        return CheckedTable(values, self._key(key), values if allowed is None else allowed)

    def raw(self, key: str) -> Any:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)
