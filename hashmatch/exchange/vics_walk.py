"""Tokens of a VICS document to the members of one media object after the other.

The walk knows the two document shapes, ``value: [media…]`` and ``value: [{…, Media: [media…]}]``,
and tells them apart record by record: what a record is counts, not what the context promised.
Only one record's kept members are in memory, and their weight is bounded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from hashmatch.errors import ExchangeError
from hashmatch.exchange.vics_head import RECORDS_KEY
from hashmatch.exchange.vics_keys import Routes
from hashmatch.exchange.vics_tokens import MAX_DEPTH, Token, too_deep

MAX_RECORD_WEIGHT = 1 << 20
"""Kept characters of one record, plus ``_NODE`` for every value: some 20 MB at the very most."""
_NODE = 64

Members = list[tuple[str, Any]]
"""A media object's members as (name, value), duplicates included, in file order."""

_SCALARS = frozenset(("string", "number", "boolean", "null"))
_CASE_REFERENCES = frozenset(("CaseID", "CaseNumber"))
_HASH_MEMBERS = frozenset(("MD5", "SHA1", "SHA256", "PhotoDNA", "AlternativeHashes"))


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that could not be walked, with the reason."""

    reason: str


@dataclass(slots=True)
class _Object:
    """An element of ``value``, or of a case's ``Media``, while it is read."""

    depth: int
    members: Members
    weight: int = 0
    is_case: bool = False
    dropped: set[str] = field(default_factory=set)


class MediaWalk:
    """Iterates ``Members | Refusal``, one for every media object.

    Args:
        batches: what ``read_tokens`` gives.
        name: the document's name in messages.
        warnings: counts what is left out.

    Raises:
        ExchangeError: no ``value`` array, nested too deeply, and what ``batches`` raises.
    """

    def __init__(self, batches: Iterable[list[Token]], name: str, warnings: Counter[str]) -> None:
        self._batches = batches
        self._name = name
        self._warnings = warnings
        self._routes = Routes()

    def __iter__(self) -> Iterator[Members | Refusal]:
        # One flat loop over local variables: a call for every token would halve the speed.
        depth = 0  # open containers
        skip_to: int | None = None  # while skipping a container: where reading goes on
        items_depth: int | None = None  # depth of the array whose elements are records
        found = False
        key = ""
        record: _Object | None = None
        case: _Object | None = None  # the case around the record
        top: Any = None  # innermost open container below the record's own level
        stack: list[Any] = []
        for batch in self._batches:
            for event, value in batch:
                if event == "map_key":
                    key = value
                    continue
                if event in _SCALARS:
                    if skip_to is not None:
                        continue
                    if record is None:
                        if depth == items_depth:
                            yield Refusal("record is no object")
                        continue
                    starts, made = False, value
                elif event == "start_map" or event == "start_array":
                    depth += 1
                    if depth > MAX_DEPTH:
                        raise too_deep(self._name)
                    if skip_to is not None:
                        continue
                    if record is None:
                        if depth - 1 == items_depth:
                            if event == "start_map":
                                record, top = _Object(depth, _references(case)), None
                            else:
                                yield Refusal("record is no object")
                                skip_to = depth - 1
                        elif event == "start_array" and depth == 2 and key.lower() == RECORDS_KEY:
                            items_depth, found = depth, True
                        elif event == "start_array" or depth > 1:
                            skip_to = depth - 1
                        continue
                    starts, made = True, {} if event == "start_map" else []
                else:
                    depth -= 1
                    if skip_to is not None:
                        if depth == skip_to:
                            skip_to = None
                    elif record is None:
                        if items_depth is not None and depth < items_depth:
                            record, case = case, None
                            items_depth = None if record is None else 2
                    elif top is not None:
                        top = stack.pop()
                    else:
                        if self._finish(record, case):
                            yield record.members
                        record = None
                    continue

                # A value of the record: its own member, or something below.
                if top is None:
                    route = self._routes[key]
                    if not route.kept:
                        if route.dropped is not None and made != "" and made is not None:
                            record.dropped.add(route.dropped)
                        if starts:
                            skip_to = depth - 1
                        continue
                    if event == "start_array" and case is None and key.lower() == "media":
                        record.is_case = True
                        record, case, items_depth = None, record, depth
                        continue
                    record.members.append((route.name, made))
                    record.weight += len(key)
                elif type(top) is list:
                    top.append(made)
                else:
                    if key in top:
                        self._warnings["duplicate key"] += 1
                        if not starts:
                            made = _merged(key, top[key], made)
                    top[key] = made
                    record.weight += len(key)
                record.weight += _NODE + (len(made) if event == "string" else 0)
                if starts:
                    stack.append(top)
                    top = made
                if record.weight > MAX_RECORD_WEIGHT:
                    yield Refusal("record too large")
                    stack.clear()
                    skip_to, record, top = record.depth - 1, None, None
        if not found:
            raise ExchangeError(
                f"{self._name}: expected an object with a {RECORDS_KEY!r} array, got none"
            )

    def _finish(self, record: _Object, case: _Object | None) -> bool:
        """Count what was dropped; whether the object is a medium and not only a case."""
        for kind in record.dropped:
            self._warnings[f"dropped {kind}"] += 1
        for name, _ in record.members:
            if name in _HASH_MEMBERS:
                return True
        if record.is_case:
            return False
        if case is None and any(name in _CASE_REFERENCES for name, _ in record.members):
            self._warnings["case without media"] += 1
            return False
        return True


def _references(case: _Object | None) -> Members:
    """What a medium inherits from its case: the reference, never a person's name."""
    if case is None:
        return []
    return [member for member in case.members if member[0] in _CASE_REFERENCES]


def _merged(key: str, old: Any, new: Any) -> Any:
    """The value of a key that stands twice in a nested object: the last non-empty one.

    Not for a hash: which of two is right can't be known, and the object makes it refused.
    """
    if new is None or new == "":
        return old
    if key.casefold() in ("hashname", "hashvalue") and old not in (None, "", new):
        return {}
    return new
