"""Real-file quirks of JSON syntax: each row with its stated behaviour, good records beside it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hashmatch.errors import ExchangeError, HashmatchError
from hashmatch.exchange.base import INCOMPLETE
from hashmatch.exchange.json_window import CHUNK

MD5 = "477dab6fc5dff588410cd697abd3d3e2"
MD5_2 = "dc83d5a2f987ac823853e6f8ed4674f3"
SHA1 = "e9efc060ec30f65a6c0efb4fdcfe7afe4e0817ed"
CONTEXT = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/Default/$metadata#Media"
HEAD = f'"@odata.context":"{CONTEXT}"'
ONE = f'{{"MediaID":1,"Category":1,"MD5":"{MD5}"}}'
TWO = f'{{"MediaID":2,"Category":2,"MD5":"{MD5_2}"}}'


def document(body: str) -> str:
    return f'{{{HEAD},"value":[{body}]}}'


def md5s(found: Any) -> list[str]:
    return [record.digests.md5 for record in found.records]


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        pytest.param(f'{{"value":[{ONE},{TWO}],{HEAD}}}', set(), id="context key last"),
        pytest.param(f'{{"x":1,"y":{{"z":[]}},{HEAD},"value":[{ONE},{TWO}],"w":[{{}}]}}', set(),
                     id="unknown members of the root"),
        pytest.param(f'{{"value":[{ONE},{TWO}]}}', {"no context"}, id="context key missing"),
        pytest.param(f"[{ONE},{TWO}]", {"no context"}, id="root is an array"),
        *(
            pytest.param(f'{{{HEAD},"{key}":[{ONE},{TWO}]}}',
                         {"records are not in an array under 'value'"}, id=f"wrapper {key}")
            for key in ("media", "Media", "objects", "data")
        ),
        pytest.param(document(f"{ONE},{TWO},"), {"spare comma"}, id="trailing comma"),
        pytest.param(f'{{{HEAD},"value":[{ONE},,{TWO},],}}', {"spare comma"}, id="commas"),
        pytest.param(document(f"{ONE} {TWO}"), {"missing comma"}, id="missing comma"),
        pytest.param(document(f"{ONE}\n,\r\n\t{TWO}") + "\n\n", set(), id="white space"),
        pytest.param(document(f"{ONE[:-1]},}},{TWO}"), {"spare comma"}, id="comma in a record"),
        pytest.param(document(f'{ONE[:-1]},"X":"a\r\n\tb\x01"}},{TWO}'),
                     {"control character in a text"}, id="raw control characters"),
        pytest.param(document(f'{ONE[:-1]},"X":"C:\\Users\\Q"}},{TWO}'),
                     {"backslash that escapes nothing, kept as it stands"}, id="single backslash"),
        pytest.param(document(f'{ONE[:-1]},"X":{{"MD5":"{SHA1}","Y":[[{{}}]]}}}},{TWO}'), set(),
                     id="nested objects in a record"),
        pytest.param(document(ONE.replace("MD5", "mD5").replace("Category", "CATEGORY")
                              + "," + TWO), set(), id="key case"),
        pytest.param(document(f'{ONE[:-1]},"Category":"","MD5":null}},{TWO}'), set(),
                     id="duplicate keys, empty last"),
        pytest.param(document(f'{ONE[:-1]},"Category":1,"MD5":"{MD5.upper()}"}},{TWO}'),
                     {"duplicate key"}, id="duplicate keys that agree"),
    ],
)  # fmt: skip
def test_accepted(read: Any, text: str, warnings: set[str]) -> None:
    found = read(text)
    assert md5s(found) == [MD5, MD5_2]
    assert not found.rejects
    assert warnings <= found.warnings.keys()
    if HEAD in text:
        assert [r.opinion.raw_category for r in found.records] == ["1", "2"]
    assert bool(found.warnings) == bool(warnings)


def test_single_object(read: Any) -> None:
    found = read(ONE)
    assert md5s(found) == [MD5]
    assert found.warnings["records are not in an array under 'value'"] == 1


def test_a_single_backslash_is_kept_as_it_stands(read: Any) -> None:
    found = read(document(f'{ONE[:-1]},"X":"C:\\Users\\Q\\u12"}}'))
    assert json.loads(found.records[0].extra["X"]) == "C:\\Users\\Q\\u12"


BROKEN = [
    pytest.param(f'{{"MD5":"{SHA1}","IsSuspected":"true""}}', id='"true""'),
    pytest.param('{"Comments":"he said "hi" there","Category":1}', id="unescaped quotes"),
    pytest.param('{"Comments":"x","y"}', id="key without a value"),
    pytest.param('{"RelativeFilePath":"Files\\","Category":1}', id="backslash before the quote"),
    pytest.param("{'MD5':'x'}", id="single quotes"),
    pytest.param('{"Category":NaN}', id="NaN"),
    pytest.param('{"Category":01}', id="leading zero"),
    pytest.param('{"Category":tru}', id="half a word"),
    pytest.param('{"a" "b"}', id="no colon"),
    pytest.param("null", id="null"),
    pytest.param("[1]", id="array"),
    pytest.param("{}", id="empty"),
]


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_broken_record_is_refused_and_the_next_one_is_read(
    read: Any, broken: str, place: int
) -> None:
    """Whatever stands before, between or after it: the good records are all there, once."""
    records = [ONE, TWO]
    records.insert(place, broken)
    found = read(document(",".join(records)))
    assert md5s(found) == [MD5, MD5_2]
    assert found.rejects
    assert all(reject.whole_record and reject.reason for reject in found.rejects)
    assert [item.position for item in found.items] == list(range(1, len(found.items) + 1))


def test_every_broken_record_is_counted(read: Any) -> None:
    """A thousand good records between a thousand broken ones."""
    records = [f'{{"MD5":"{n + 1:032x}"}},{{"Comments":"a "b" c"}}' for n in range(1000)]
    found = read(document(",".join(records)))
    assert len(found.records) == 1000
    assert len(found.rejects) == 1000


@pytest.mark.parametrize("first", ["MD5", "SHA1", "MediaID"])
def test_broken_records_in_a_row_are_as_many_refusals(read: Any, first: str) -> None:
    good = [f'{{"{first}":"{SHA1}","MD5":"{md5}"}}' for md5 in (MD5, MD5_2)]
    broken = [f'{{"{first}":"{n}","Comments":"a "b" c"}}' for n in range(500)]
    found = read(document(",".join([good[0], *broken, good[1]])).replace(f'"MD5":"{SHA1}",', ""))
    assert md5s(found) == [MD5, MD5_2]
    assert len(found.rejects) == 500


@pytest.mark.parametrize("behind", ["", "a\tb", "x" * 3000])
@pytest.mark.parametrize("first", ["MD5", "MediaID"])
def test_nothing_is_lost_where_the_window_ends(read: Any, first: str, behind: str) -> None:
    """Behind a broken record, good ones that the end of what was read so far cuts in two."""
    good = [
        f'{{"{first}":"{n + 1:032x}","MD5":"{n + 1:032x}","X":"{"y" * 500}{behind}"}}'
        for n in range(12)
    ]
    for size in range(CHUNK - 4000, CHUNK + 200, 300):
        broken = f'{{"{first}":"x"y","Z":"{"z" * size}"}}'
        found = read(document(",".join([broken, *good])))
        assert len(found.records) == len(good)
        assert len(found.rejects) == 1


def test_cut_short(read: Any) -> None:
    text = document(f"{ONE},{TWO}")
    for cut in range(text.index(MD5_2) + 40, len(text)):
        with pytest.raises(ExchangeError, match="cut short"):
            read(text[:cut])
        found = read(text[:cut], salvage=True)
        assert md5s(found) == [MD5, MD5_2][: len(found.records)]
        assert "cut short" in found.info.facts[INCOMPLETE]


TWICE = ["md5 conflict", "md5 conflict"]


@pytest.mark.parametrize(
    ("members", "kept", "reasons"),
    [
        (f'"MD5":"{MD5}","MD5":"{MD5_2}","SHA1":"{SHA1}"', None, ["md5 conflict"]),
        (f'"MD5":"{MD5}","md5":"{MD5_2}","Md5":"{MD5}","SHA1":"{SHA1}"', None, TWICE),
        (f'"MD5":"","MD5":"{MD5}","MD5":null,"SHA1":"{SHA1}"', MD5, []),
    ],
)  # fmt: skip
def test_duplicate_hashes(read: Any, members: str, kept: str | None, reasons: list[str]) -> None:
    """Which of two hashes is right can't be known: neither is taken, the rest stands."""
    (record,) = read(document("{" + members + "}")).records
    assert (record.digests.md5, record.digests.sha1) == (kept, SHA1)
    assert [reject.reason for reject in record.rejects] == reasons


def test_duplicate_members_last_that_is_not_empty(read: Any) -> None:
    found = read(document(f'{{"MD5":"{MD5}","Category":1,"Category":2,"Category":null}}'))
    assert found.records[0].opinion.raw_category == "2"
    assert found.warnings["duplicate key"] == 1


def test_duplicate_members_in_lines_of_json(read: Any, golden: Any) -> None:
    """A parser that takes the last one would make up which hash was meant."""
    toml = golden / "mapped" / "saferlist_like.toml"
    lines = (golden / "mapped" / "saferlist_like.jsonl").read_text().splitlines()
    first = lines[0]
    name = next(iter(json.loads(first)))
    value = json.dumps(json.loads(first)[name])
    same = first.replace("{", "{" + f'"{name}":{value},', 1)
    other = first.replace("{", "{" + f'"{name}":"something else",', 1)
    found = read("\n".join([first, same, other, '{"x":NaN}', ""]), mapping=toml)
    assert [r.position for r in found.records] == [1, 2]
    assert [(r.position, r.reason) for r in found.rejects] == [
        (3, "one member twice with different values"),
        (4, "line is no JSON"),
    ]


@pytest.mark.parametrize("bomb", ["[", '{"a":'])
@pytest.mark.parametrize("before", ["", '{"value":[', f'{{"value":[{ONE},{{"X":', '{"x":'])
def test_deep_nesting_fails(read: Any, bomb: str, before: str) -> None:
    with pytest.raises(HashmatchError, match="nested"):
        read(before + bomb * 50_000, format="vics", salvage=False)
