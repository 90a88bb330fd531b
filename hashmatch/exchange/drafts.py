"""Frozen records by the million.

A frozen dataclass sets each of its fields through a call of its own; for the types of a hash list
that takes longer than parsing the record. A *draft* is a class of the same fields and layout that
is not frozen, and ``seal`` makes the real thing of it, which nobody can tell from one that was
made in the ordinary way. What ``__post_init__`` would check, whoever makes a draft has checked.
"""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar

from hashmatch.types import Digests, HashRecord, HashValue, Opinion

T = TypeVar("T")


def draft_of(cls: type[Any]) -> Any:
    """The draft class of a frozen dataclass with slots: same arguments, same defaults."""
    fields: list[Any] = []
    for field in dataclasses.fields(cls):
        copied = dataclasses.field(default=field.default, default_factory=field.default_factory)
        fields.append((field.name, Any, copied))
    return dataclasses.make_dataclass(f"{cls.__name__}Draft", fields, eq=False, slots=True)


def seal(draft: Any, cls: type[T]) -> T:
    """The instance of ``cls`` that the draft is of; the draft itself, with another class."""
    draft.__class__ = cls
    return draft  # type: ignore[no-any-return]


DigestsDraft = draft_of(Digests)
HashRecordDraft = draft_of(HashRecord)
HashValueDraft = draft_of(HashValue)
OpinionDraft = draft_of(Opinion)
