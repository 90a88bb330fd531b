"""The fast walk, the slow walk and the obvious one over the parsed document give the same answer.

The obvious one is over what ``json`` makes of the document; fast and slow are one reader with and
without its C parsers.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashmatch.errors import ExchangeError
from hashmatch.exchange import json_cursor, json_plain, open_reader, vics_walk
from hashmatch.exchange.vics_document import VicsDocument
from hashmatch.exchange.vics_keys import is_kept
from hashmatch.exchange.vics_walk import REST_OF_CASE, Refusal

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
WAYS = ("fast", "one by one", "without parse_flat", "slow")


@contextmanager
def way(name: str) -> Iterator[None]:
    """Reading as it is done, or without the parsers in C."""

    def no_flat(text: str, pos: int) -> None:
        return None

    def no_plain(text: str, pos: int) -> Any:
        raise ValueError

    with ExitStack() as stack:
        if name != "fast":
            stack.enter_context(mock.patch.object(vics_walk, "parse_run", no_flat))
        if name in ("without parse_flat", "slow"):
            stack.enter_context(mock.patch.object(vics_walk, "parse_flat", no_flat))
        if name == "slow":
            stack.enter_context(mock.patch.object(vics_walk, "parse_plain", no_plain))
            stack.enter_context(mock.patch.object(json_cursor, "parse_plain", no_plain))
        yield


def obvious(value: Any) -> Any:
    """Tuples of pairs to dictionaries."""
    if isinstance(value, tuple):
        return {key: obvious(inner) for key, inner in value}
    return [obvious(inner) for inner in value] if isinstance(value, list) else value


def kept(record: dict[str, Any], around: list[tuple[str, Any]], inside: bool) -> list[Answer]:
    """What one object gives: its media if it is a case, then what else stands in it."""
    answers: list[Answer] = []
    members: list[tuple[str, Any]] = []
    is_case = False
    for key, value in record.items():
        if key.lower() == "media" and isinstance(value, list) and not inside:
            is_case = True
            answers += elements(value, [m for m in members if m[0] in REFERENCES], True)
        else:
            members.append((key, value))
    return [*answers, [("rest", None), *members] if is_case else [*around, *members]]


def elements(value: list[Any], around: list[tuple[str, Any]], inside: bool) -> list[Answer]:
    answers: list[Answer] = []
    for element in value:
        if isinstance(element, dict):
            answers += kept(element, around, inside)
        else:
            answers.append("record is no object")
    return answers


def masked(answer: Answer) -> Answer:
    """Of members that are only counted it matters that something is there, not what."""
    if isinstance(answer, str):
        return answer
    return [
        (key, value if value in (None, "") or is_kept(key) or key == "MediaFiles" else "…")
        for key, value in answer
    ]


def walk(data: bytes, step: int, place: str = "value") -> tuple[list[Answer] | None, Any]:
    chunks = (data[i : i + step] for i in range(0, len(data), step))
    warnings: Counter[str] = Counter()
    document = VicsDocument(chunks, "list", place, warnings)
    answers: list[Answer] = []
    try:
        for item in document.records():
            if isinstance(item, Refusal):
                answers.append(item.reason)
                continue
            around = document.around
            before = (("rest", None),) if around is REST_OF_CASE else around or ()
            members = (*before, *(item.items() if isinstance(item, dict) else item))
            answers.append(masked([(key, obvious(value)) for key, value in members]))
    except ExchangeError:
        return None, warnings
    return answers, warnings


@given(documents, st.integers(1, 40), st.sampled_from([None, 2]))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_every_walk_equals_the_obvious_one(
    document: dict[str, Any], step: int, indent: int | None
) -> None:
    # Two arrays under "value" are both read; json has room for one key only.
    arrays = [v for k, v in document.items() if k.lower() == "value" and isinstance(v, list)]
    expected = [masked(a) for value in arrays for a in elements(value, [], False)]
    data = json.dumps(document, ensure_ascii=False, indent=indent).encode()
    for name in WAYS:
        with way(name):
            assert walk(data, step) == (expected, Counter()), name


@given(
    st.text('{}[]",:\\ \n0123456789.eE+-truefalsnMD5u\u00e9\ud800\x00', max_size=60),
    st.integers(1, 40),
)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_every_walk_gives_the_same_answer_to_damage(noise: str, step: int) -> None:
    text = '{"value":[{"MD5":"1","X":' + noise + '},{"MD5":"2"},{"MD5":"3","X":[{"a":1}]}]}'
    data = text.encode("utf-8", "surrogatepass")
    answers = []
    for name in WAYS:
        with way(name):
            answers.append(walk(data, step))
            assert walk(data, 10_000) == answers[-1]
    assert answers[0] == answers[1] == answers[2]


@pytest.mark.parametrize("path", sorted((Path(__file__).parents[1] / "golden").rglob("vics*.json")))
def test_every_golden_file_in_every_way(path: Path) -> None:
    answers = []
    for name in WAYS:
        with way(name), open_reader(path) as reader:
            answers.append((list(reader), reader.warnings, reader.info))
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0]


def test_the_fast_way_is_taken() -> None:
    record = '{"MD5":"1","X":"\u00e9","N":null,"B":true,"I":12}'
    assert json_plain.parse_flat(record, 0) == (json.loads(record), len(record))


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":2}',
        '{"a":1,"a" : 1}',
        '{"a":1.50}',
        '{"a":12345678901234567890123}',
        '{"a":"}"}',
        '{"a":"\\""}',
        '{"a":{}}',
        '{"a":[]}',
        '{"a":1,}',
        '{"a":NaN}',
        '{"a":"\\ud83d"}',
        '{"a":1e999}',
        '{"a":',
        "[1]",
        "",
        '"}"',
    ],
)
def test_the_fast_way_refuses_what_it_may_get_wrong(text: str) -> None:
    assert json_plain.parse_flat(text, 0) is None


@pytest.mark.parametrize("space", ["", " ", "\n\t", " " * 70_000])
@pytest.mark.parametrize("big", ["x" * 300_000, ["x" * 1000] * 300, {"a": ["x" * 300_000]}])
def test_large_members_that_are_left_out_cost_no_record(
    space: str, big: Any, tmp_path: Path
) -> None:
    """Wherever white space stands: before the value, behind it, and across the reader's window."""
    member = f'"Miniature"{space}:{space}{json.dumps(big)}{space}'
    record = f'{{"MD5":"{"5a" * 16}",{member},"SHA1":"{"a5" * 20}"}}'
    path = tmp_path / "list.json"
    path.write_text(f'{{"value":[{record},{record}]}}')
    with open_reader(path, format="vics-2.0") as reader:
        items = list(reader)
        assert reader.warnings["dropped Miniature"] == 2
    assert [getattr(item, "record_key", item) for item in items] == ["md5:" + "5a" * 16] * 2
