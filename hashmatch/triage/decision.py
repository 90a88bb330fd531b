"""What an examiner decided about contents, as one value and as one line of JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from hashmatch.encoding import parse_hex
from hashmatch.errors import InputError, InputTypeError
from hashmatch.types import DIGEST_BYTES, Label

SCHEMA = "hashmatch.decision/1"
MOST_TEXT = 4096
"""Characters of an examiner's name, a note or a path."""


class DecisionKind(StrEnum):
    """What a decision says."""

    SAME = "same"
    """The contents are copies of each other."""
    NOT_SAME = "not_same"
    """Two contents are no copies of each other."""
    CATEGORY = "category"
    """The contents have a label."""
    WITHDRAW = "withdraw"
    """An earlier decision does not hold any more."""


@dataclass(frozen=True)
class Decision:
    """One decision.

    Attributes:
        number: place in its file, from 1.
        kind: what it says.
        at: when, UTC.
        examiner: who.
        contents: SHA-256 in hex, sorted, each once; none of a withdrawal.
        paths: where each of ``contents`` lay then, for people; empty, or one for each.
        label: of a category.
        group: it was said of a whole group, whose members are the contents.
        withdraws: ``id`` of the decision that is withdrawn.
        note: in the examiner's words.

    Raises:
        InputError: values that do not belong together, or that are out of their range.
    """

    number: int
    kind: DecisionKind
    at: datetime
    examiner: str
    contents: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    label: Label | None = None
    group: bool = False
    withdraws: str | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if self.at.utcoffset() is None:
            raise InputError(f"at: expected a time with a zone, got {self.at.isoformat()}")
        object.__setattr__(self, "at", self.at.astimezone(UTC))
        _require_text("examiner", self.examiner)
        if not self.examiner.strip():
            raise InputError("examiner: expected a name, got none")
        _require_text("note", self.note)
        for path in self.paths:
            _require_text("paths", path)
        if self.paths and len(self.paths) != len(self.contents):
            raise InputError(f"paths: expected {len(self.contents)}, got {len(self.paths)}")
        if list(self.contents) != sorted(set(self.contents)):
            raise InputError("contents: expected them sorted, each once")
        for sha256 in self.contents:
            if parse_hex(sha256, DIGEST_BYTES["sha256"], name="sha256").hex() != sha256:
                raise InputError(f"contents: expected lower case, got {sha256}")
        self._require_shape()

    def _require_shape(self) -> None:
        n = len(self.contents)
        wanted = {
            DecisionKind.SAME: n >= 2,
            DecisionKind.NOT_SAME: n == 2,
            DecisionKind.CATEGORY: n >= 1,
            DecisionKind.WITHDRAW: n == 0,
        }[self.kind]
        if not wanted:
            raise InputError(f"contents: {n} are not what {self.kind} is said of")
        if (self.label is not None) is not (self.kind is DecisionKind.CATEGORY):
            raise InputError(f"label: {self.label} does not go with {self.kind}")
        if (self.withdraws is not None) is not (self.kind is DecisionKind.WITHDRAW):
            raise InputError(f"withdraws: {self.withdraws} does not go with {self.kind}")
        if self.group and self.kind is not DecisionKind.CATEGORY:
            raise InputError(f"group: does not go with {self.kind}")

    @cached_property
    def id(self) -> str:
        """32 hex digits of all that it says; the same in every file that holds it."""
        said = {name: value for name, value in self.to_dict().items() if name != "number"}
        text = json.dumps(said, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode("ascii")).hexdigest()[:32]

    @property
    def order(self) -> tuple[datetime, str]:
        """The later of two that contradict each other counts: the same in merged files."""
        return self.at, self.id

    def to_dict(self) -> dict[str, Any]:
        """As a line has it; what does not go with the kind is left out."""
        said: dict[str, Any] = {
            "schema": SCHEMA,
            "number": self.number,
            "kind": self.kind.value,
            "at": self.at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "examiner": self.examiner,
            "contents": list(self.contents),
            "paths": list(self.paths),
            "label": None if self.label is None else self.label.value,
            "group": self.group,
            "withdraws": self.withdraws,
            "note": self.note,
        }
        return {name: value for name, value in said.items() if value not in (None, [], "", False)}


def decision_of(said: object) -> Decision:
    """Back from ``to_dict``.

    Raises:
        InputError: it is no decision.
    """
    if not isinstance(said, Mapping):
        raise InputTypeError(f"decision: expected an object, got {type(said).__name__}")
    if said.get("schema") != SCHEMA:
        raise InputError(f"schema: expected {SCHEMA}, got {said.get('schema')!r}")
    unknown = sorted(set(said) - _NAMES)
    if unknown:
        raise InputError(f"decision: unknown {', '.join(map(repr, unknown))}")
    number = said.get("number")
    if type(number) is not int or number < 1:
        raise InputError(f"number: expected an integer from 1 on, got {number!r}")
    try:
        kind = DecisionKind(_text(said, "kind"))
        label = Label(_text(said, "label")) if "label" in said else None
        at = datetime.fromisoformat(_text(said, "at"))
    except ValueError as error:
        raise InputError(str(error)) from error
    group = said.get("group", False)
    if not isinstance(group, bool):
        raise InputTypeError(f"group: expected true or false, got {group!r}")
    return Decision(
        number=number,
        kind=kind,
        at=at,
        examiner=_text(said, "examiner"),
        contents=_texts(said, "contents"),
        paths=_texts(said, "paths"),
        label=label,
        group=group,
        withdraws=_text(said, "withdraws") if "withdraws" in said else None,
        note=_text(said, "note") if "note" in said else "",
    )


_NAMES = {
    *("schema", "number", "kind", "at", "examiner", "contents", "paths", "label", "group"),
    *("withdraws", "note"),
}


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str):
        raise InputTypeError(f"{name}: expected a text, got {value!r}")
    return value


def _texts(said: Mapping[str, Any], name: str) -> tuple[str, ...]:
    values = said.get(name, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise InputTypeError(f"{name}: expected a list of texts")
    return tuple(values)


def _require_text(name: str, value: str) -> None:
    if len(value) > MOST_TEXT:
        raise InputError(f"{name}: expected at most {MOST_TEXT} characters, got {len(value)}")
