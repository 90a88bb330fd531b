"""A checker's answer as bytes for a catalogue, and back; the same answer has the same bytes.

Neither the time of the check nor what it cost is kept: outputs must not depend on them.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from hashmatch.errors import CatalogueCorruptError
from hashmatch.matching import Alert, CheckResult, CheckStatus, Match
from hashmatch.report import FileEntry, MatchEntry, OpinionEntry, TriageClass, match_entry
from hashmatch.triage.verdict import Verdict

NO_FILE = FileEntry(path="", triage=TriageClass.UNKNOWN)
"""Stands in a verdict's matches for any file that has the content."""

Check = Callable[[Any], Any]


class _WrongError(ValueError):
    """A value is not what it should be."""


def verdict_bytes(result: CheckResult) -> bytes:
    """The answer as compact JSON with sorted keys; what is empty or None is left out."""
    said: dict[str, Any] = {
        "status": result.status.value,
        "alert": result.alert.value,
        "revision": result.revision,
        "reason": result.reason,
        "known_sets": list(result.known_sets),
        "gates": list(result.gates),
        "matches": [_match_dict(match_entry(NO_FILE, match)) for match in _gravest_first(result)],
    }
    return json.dumps(_full(said), sort_keys=True, separators=(",", ":")).encode("ascii")


def read_verdict(data: bytes) -> Verdict:
    """Back from ``verdict_bytes``; everything is checked.

    Raises:
        CatalogueCorruptError: it is no verdict.
    """
    try:
        values = _values(json.loads(data), _VERDICT, ("status", "alert", "revision"))
    except (ValueError, RecursionError) as error:
        raise CatalogueCorruptError(f"a verdict can't be read: {error}") from error
    return Verdict(**values)


def _gravest_first(result: CheckResult) -> list[Match]:
    return sorted(result.matches, key=lambda match: -match.alert.gravity)


def _full(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value not in (None, [], ())}


def _match_dict(entry: MatchEntry) -> dict[str, Any]:
    said = {
        field.name: getattr(entry, field.name)
        for field in dataclasses.fields(entry)
        if field.name != "file"
    }
    opinions = [_full(dataclasses.asdict(opinion)) for opinion in entry.opinions]
    return _full({**said, "opinions": opinions})


def _values(given: Any, checks: Mapping[str, Check], required: tuple[str, ...]) -> dict[str, Any]:
    """The checked values of an object's keys."""
    if not isinstance(given, dict):
        raise _WrongError(f"expected an object, got {type(given).__name__}")
    wrong = sorted(set(given) - set(checks)) + sorted(set(required) - set(given))
    if wrong:
        raise _WrongError(f"unknown or missing: {', '.join(map(repr, wrong))}")
    made = {}
    for name, value in given.items():
        try:
            made[name] = checks[name](value)
        except ValueError as error:
            raise _WrongError(f"{name}: {error}") from error
    return made


def _of(kind: type, value: Any) -> Any:
    # JSON's true is an int for Python, and no number here.
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise _WrongError(f"expected {kind.__name__}, got {type(value).__name__}")
    return value


def _number(value: Any) -> float:
    return float(value) if type(value) is int else float(_of(float, value))


def _count(value: Any) -> int:
    if _of(int, value) < 0:
        raise _WrongError(f"expected no negative number, got {value}")
    return int(value)


def _tuple_of(check: Check, value: Any) -> tuple[Any, ...]:
    return tuple(check(item) for item in _of(list, value))


_text: Check = partial(_of, str)
_flag: Check = partial(_of, bool)
_texts: Check = partial(_tuple_of, _text)

_OPINION: Mapping[str, Check] = MappingProxyType(
    {
        **dict.fromkeys(("source", "label", "scheme", "raw_category"), _text),
        **dict.fromkeys(("record_key", "list_file", "imported_at"), _text),
        "baseline": _flag,
        "series": _texts,
    }
)


def _opinion(value: Any) -> OpinionEntry:
    return OpinionEntry(**_values(value, _OPINION, ("source", "label", "scheme")))


_NEEDED = ("status", "alert", "kind", "how", "algorithm", "distance", "threshold", "media_id")
_MATCH: Mapping[str, Check] = MappingProxyType(
    {
        "status": CheckStatus,
        "alert": Alert,
        **dict.fromkeys(("kind", "how", "algorithm", "variant", "query_value"), _text),
        **dict.fromkeys(("stored_value", "reason", "label"), _text),
        **dict.fromkeys(("distance", "threshold", "media_id"), _count),
        "expected_false_matches": _number,
        "baseline": _flag,
        "conflict": _flag,
        "parts": _texts,
        "opinions": partial(_tuple_of, _opinion),
    }
)


def _match(value: Any) -> MatchEntry:
    return MatchEntry(file=NO_FILE, **_values(value, _MATCH, _NEEDED))


_VERDICT: Mapping[str, Check] = MappingProxyType(
    {
        "status": CheckStatus,
        "alert": Alert,
        "revision": _count,
        "reason": _text,
        "known_sets": _texts,
        "gates": _texts,
        "matches": partial(_tuple_of, _match),
    }
)
