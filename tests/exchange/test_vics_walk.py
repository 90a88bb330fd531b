"""The streaming walk against the obvious one over the parsed document, for random documents."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hashmatch.errors import ExchangeError
from hashmatch.exchange.vics_keys import route
from hashmatch.exchange.vics_tokens import read_tokens
from hashmatch.exchange.vics_walk import MediaWalk, Refusal

HASHES = {"MD5", "SHA1", "SHA256", "PhotoDNA", "AlternativeHashes"}
REFERENCES = {"CaseID", "CaseNumber"}
KEYS = [
    "value",
    "Media",
    "media",
    "MD5",
    "AlternativeHashes",
    "X",
    "MediaFiles",
    "ContactName",
    "CaseID",
    "CaseNumber",
    "MediaID",
]

scalars = st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "x", "\u00e9"])
trees = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=8,
)
objects = st.dictionaries(st.sampled_from(KEYS), trees, max_size=5)
records = (
    objects
    | st.builds(
        lambda before, media, after: {**before, "Media": media, **after},
        objects,
        st.lists(objects | scalars, max_size=3),
        objects,
    )
    | scalars
    | st.lists(scalars, max_size=2)
)
documents = st.builds(
    lambda before, value, after: {**before, "value": value, **after},
    objects,
    st.lists(records, max_size=4),
    objects,
)

Answer = list[tuple[str, Any]] | str


def kept(record: dict[str, Any], inherited: list[tuple[str, Any]], inside: bool) -> list[Answer]:
    """What one object gives: its media if it is a case, then itself if it is a medium."""
    answers: list[Answer] = []
    members = list(inherited)
    is_case = False
    for key, value in record.items():
        if not route(key).kept:
            continue
        if key.lower() == "media" and isinstance(value, list) and not inside:
            is_case = True
            references = [member for member in members if member[0] in REFERENCES]
            answers += elements(value, references, True)
        else:
            members.append((route(key).name, value))
    names = {name for name, _ in members}
    if names & HASHES or (not is_case and (inside or not names & REFERENCES)):
        answers.append(members)
    return answers


def elements(value: list[Any], inherited: list[tuple[str, Any]], inside: bool) -> list[Answer]:
    answers: list[Answer] = []
    for element in value:
        if isinstance(element, dict):
            answers += kept(element, inherited, inside)
        else:
            answers.append("record is no object")
    return answers


def walk(data: bytes, step: int) -> list[Answer] | None:
    chunks = (data[i : i + step] for i in range(0, len(data), step))
    items = MediaWalk(read_tokens(chunks, "list"), "list", Counter())
    try:
        return [item.reason if isinstance(item, Refusal) else item for item in items]
    except ExchangeError:
        return None


@given(documents, st.integers(1, 40))
@settings(max_examples=500, deadline=None, derandomize=True)
def test_walk_equals_the_obvious_walk(document: dict[str, Any], step: int) -> None:
    value = document["value"]
    expected = elements(value, [], False) if isinstance(value, list) else None
    assert walk(json.dumps(document, ensure_ascii=False).encode(), step) == expected


@given(trees, st.integers(1, 40))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_any_document(tree: Any, step: int) -> None:
    value = tree.get("value") if isinstance(tree, dict) else None
    expected = elements(value, [], False) if isinstance(value, list) else None
    assert walk(json.dumps(tree).encode(), step) == expected
