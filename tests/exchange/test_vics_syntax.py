"""JSON as broken writers make it: what is tolerated with a warning, what is refused, what fails."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hashmatch.errors import ExchangeError
from hashmatch.exchange import open_reader
from hashmatch.exchange.base import INCOMPLETE
from hashmatch.exchange.json_cursor import MISSING_COMMA, SURROGATE_KEPT
from hashmatch.exchange.json_lenient import BAD_ESCAPE, CONTROL, SPARE_COMMA
from hashmatch.exchange.json_window import NUL
from hashmatch.exchange.schemes import NO_MEANING
from hashmatch.exchange.vics_read import NOT_UNDER_VALUE
from hashmatch.types import HashRecord, Reject

CONTEXT = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/Default/$metadata#Media"
OPEN = f'{{"@odata.context":"{CONTEXT}","value":['


def md5(number: int) -> str:
    return f"{number:032x}"


def media(number: int, **members: Any) -> str:
    return json.dumps({"MediaID": number, "Category": 1, "MD5": md5(number), **members})


def document(*records: str) -> str:
    return OPEN + ",".join(records) + "]}"


NOT_CLOSED = (
    media(2, Comments="AA").replace('AA"', 'C:\\"'),
    media(2, Comments="AA").replace('"AA"', '"AA'),
)


def keys(found: Any) -> list[str]:
    return [record.record_key.removeprefix("md5:").lstrip("0") for record in found.records]


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        (document(media(1), media(2)).replace("]}", ",]}"), {SPARE_COMMA: 1}),
        (document(media(1), media(2)).replace("},", "},,"), {SPARE_COMMA: 1}),
        (document(media(1), media(2)).replace("[{", "[,{"), {SPARE_COMMA: 1}),
        (document(media(1), media(2)).replace("},", "} "), {MISSING_COMMA: 1}),
        (document(media(1)[:-1] + ",}", media(2)), {SPARE_COMMA: 1}),
        (document(media(1, X=[1]).replace("[1]", "[1,]"), media(2)), {SPARE_COMMA: 1}),
        (document(media(1), media(2))[:-1] + ",}", {SPARE_COMMA: 1}),
        (document(media(1, Comments="a\nb").replace(r"\n", "\n"), media(2)), {CONTROL: 1}),
        (document(media(1, Comments="a\rb").replace(r"\r", "\r"), media(2)), {CONTROL: 1}),
        (document(media(1, Comments="a\x01b").replace(r"\u0001", "\x01"), media(2)), {CONTROL: 1}),
        (document(media(1, Comments=r"C:\Up").replace(r"\\", "\\"), media(2)), {BAD_ESCAPE: 1}),
        (document(media(1, Comments=r"a\u12").replace(r"\\", "\\"), media(2)), {BAD_ESCAPE: 1}),
        (document(media(1, Comments="\ud83d"), media(2)), {SURROGATE_KEPT: 1}),
        (document(media(1, Comments="a\0b"), media(2)), {NUL: 1}),
        (document(media(1, Comments="a\0b").replace(r"\u0000", "\0"), media(2)), {NUL: 1}),
    ],
)
def test_tolerated_and_counted(read: Any, text: str, warnings: dict[str, int]) -> None:
    found = read(text.encode("utf-8", "surrogatepass"))
    assert keys(found) == ["1", "2"]
    assert found.rejects == []
    assert found.warnings == warnings


def test_what_a_tolerated_text_becomes(read: Any) -> None:
    text = document(
        media(1, Comments="AA").replace("AA", "C:\\Users\\new\ta\0b\x02\\ud83d\\ud83d\\ude00")
    )
    (record,) = read(text.encode()).records
    assert json.loads(record.extra["Comments"]) == "C:\\Users\new\tab\x02\ud83d\U0001f600"


def test_bytes_that_are_no_utf8_are_kept(read: Any) -> None:
    text = document(media(1, Comments="AA"), media(2)).encode().replace(b"AA", b"caf\xe9")
    found = read(text)
    assert keys(found) == ["1", "2"]
    assert found.warnings == {SURROGATE_KEPT: 1}
    kept = json.loads(found.records[0].extra["Comments"])
    assert kept.encode("utf-8", "surrogateescape") == b"caf\xe9"


@pytest.mark.parametrize(
    "broken",
    [
        media(2, IsSuspected="true").replace('"true"', '"true""'),
        media(2, Comments="AA").replace("AA", 'a "b" c'),
        media(2, Comments="AA").replace('"AA"', "AA"),
        media(2).replace('"Category": 1', '"Category": 01'),
        media(2).replace('"Category": 1', '"Category": NaN'),
        media(2).replace('"Category": 1', '"Category": 1e99999999999999999999'),
        media(2).replace('"Category": 1', '"Category": ' + "9" * 6000),
        media(2).replace('"Category": 1', '"Category" 1'),
        media(2).replace('"Category": 1,', '"Category": 1'),
        media(2).replace('"Category"', "Category"),
        media(2, MediaFiles=[{"MD5": md5(2), "FileName": "AA", "FilePath": "x"}] * 3).replace(
            '"FileName": "AA"', '"FileName": "A"A"', 1
        ),
        media(2, AlternativeHashes=[{"HashName": "SHA256", "HashValue": "x"}]).replace("]", "", 1),
        media(2)[:-1],
        *NOT_CLOSED,
    ],
)
@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("separator", [",", ",\r\n  "])
def test_a_broken_record_is_refused_and_the_next_one_read(
    read: Any, broken: str, last: bool, separator: str
) -> None:
    records = [media(1), broken, *([] if last else [media(3), media(4)])]
    text = OPEN + separator.join(records) + "]}"
    if last and broken in NOT_CLOSED:
        # Nothing tells it from a document that is cut short, and that must not pass for whole.
        with pytest.raises(ExchangeError, match="cut short"):
            read(text)
        return
    found = read(text)
    assert keys(found) == (["1"] if last else ["1", "3", "4"])
    (refused,) = found.rejects
    assert (refused.position, refused.whole_record) == (2, True)
    assert refused.reason.startswith("malformed JSON: ")
    assert refused.raw == f"MediaID=2; MD5={md5(2)}"
    assert [item.position for item in found.items] == [*range(1, len(found.items) + 1)]


def test_the_first_record_is_broken(read: Any) -> None:
    for start in ("MediaID", "MD5"):
        good = [media(n) for n in (1, 2, 3)]
        if start == "MD5":
            files = [{"MD5": md5(1), "FileName": "a"}]
            good = [json.dumps({"MD5": md5(n), "MediaFiles": files}) for n in (1, 2, 3)]
        found = read(document(good[0].replace('"MD5"', '"MD5""', 1), *good[1:]))
        assert keys(found) == ["2", "3"]
        assert [r.position for r in found.rejects] == [1]


def test_objects_inside_a_broken_record_are_no_records(read: Any) -> None:
    files = [{"MD5": md5(8), "FileName": f"{n}.jpg", "FilePath": "x"} for n in range(50)]
    records = [
        json.dumps({"MD5": md5(n), "X": "AA", "MediaFiles": files, "Category": 1})
        for n in (1, 2, 3)
    ]
    found = read(document(records[0], records[1].replace('"AA"', '"A"A"'), records[2]))
    assert keys(found) == ["1", "3"]
    assert [r.position for r in found.rejects] == [2]


def test_a_broken_record_in_a_case(read: Any) -> None:
    def case(number: int, *records: str) -> str:
        return (
            f'{{"CaseNumber":"C{number}","Media":[{",".join(records)}],'
            f'"CaseMetadata":[{{"CaseID":"x","PropertyName":"a","PropertyValue":"b"}}]}}'
        )

    broken = media(2, Comments="AA").replace('"AA"', '"A"A"')
    found = read(
        document(case(1, media(1), broken, media(3)), case(2, media(4)), case(3, media(5)))
    )
    assert keys(found) == ["1", "3", "4", "5"]
    assert [r.position for r in found.rejects] == [2]
    # Behind the loss the case is not known, so none is named, until the next one begins.
    numbers = [r.extra.get("CaseNumber") for r in found.records]
    assert numbers == ['"C1"', None, '"C2"', '"C3"']


def test_the_context_behind_a_broken_record(read: Any) -> None:
    broken = media(2, Comments="AA").replace('"AA"', '"A"A"')
    found = read(f'{{"value":[{media(1)},{broken},{media(3)}],"@odata.context":"{CONTEXT}"}}')
    assert found.info.format == "vics-2.0"
    assert keys(found) == ["1", "3"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (f"[{media(1)},{media(2)}]", "array"),
        (f'{{"media":[{media(1)},{media(2)}]}}', "media"),
        (f'{{"x":1,"Media":[{media(1)},{media(2)}],"y":[]}}', "Media"),
        (f'{{"objects":[{media(1)},{media(2)}]}}', "objects"),
        (f'{{"data":[{media(1)},{media(2)}]}}', "data"),
    ],
)
def test_records_that_are_not_under_value(read: Any, text: str, place: str) -> None:
    found = read(text)
    assert keys(found) == ["1", "2"], place
    assert found.warnings == {NOT_UNDER_VALUE: 1, "no context": 1, NO_MEANING: 2}


def test_one_object_alone(read: Any) -> None:
    found = read(media(1))
    assert keys(found) == ["1"]
    assert found.warnings == {NOT_UNDER_VALUE: 1, "no context": 1, NO_MEANING: 1}


def test_a_case_alone(read: Any) -> None:
    found = read(f'{{"CaseNumber":"C1","Media":[{media(1)}],"ContactName":"SECRET"}}')
    assert keys(found) == ["1"]
    assert found.records[0].extra == {"CaseNumber": '"C1"'}
    assert "SECRET" not in repr(found)


def test_value_is_taken_where_another_word_is_there_too(read: Any) -> None:
    found = read(f'{{"data":[{media(1)}],"value":[{media(2)}],"media":[{media(3)}]}}')
    assert keys(found) == ["2"]


def salvaged(path: Path) -> tuple[list[HashRecord | Reject], str | None]:
    with open_reader(path, format="vics", salvage=True) as reader:
        items = [item for item in reader if isinstance(item, (HashRecord, Reject))]
        return items, reader.info.facts.get(INCOMPLETE)


def test_salvage_keeps_whole_records_and_says_that_the_list_is_not(
    read: Any, tmp_path: Path
) -> None:
    whole = document(media(1, X=[{"a": "]}"}]), media(2), media(3))
    expected = read(whole).items
    path = tmp_path / "list"
    first = whole.index("[") + 1
    for cut in range(first, len(whole)):
        path.write_text(whole[:cut])
        items, incomplete = salvaged(path)
        assert items == expected[: len(items)]
        assert "cut short at byte" in str(incomplete)
        ends = [whole.index(media(n)) + len(media(n)) for n in (2, 3)]
        assert len(items) >= sum(cut >= end for end in ends)
        with pytest.raises(ExchangeError, match="cut short"), open_reader(path) as reader:
            list(reader)
    path.write_text(whole)
    assert salvaged(path) == (expected, None)


def test_salvage_of_a_list_with_a_broken_record_and_no_end(tmp_path: Path) -> None:
    path = tmp_path / "list"
    broken = media(2, Comments="AA").replace('"AA"', '"A"A"')
    path.write_text(document(media(1), broken, media(3), media(4))[:-20])
    items, incomplete = salvaged(path)
    assert [item.position for item in items] == [1, 2, 3]
    assert "cut short" in str(incomplete)


def test_a_text_that_is_not_closed_does_not_swallow_the_rest(read: Any) -> None:
    for count in (4, 3000):
        records = [media(n) for n in range(1, count)]
        records[1] = media(2, Comments="AA").replace('"AA"', '"AA')
        found = read(document(*records))
        assert len(found.records) == count - 2
        assert [r.position for r in found.rejects] == [2]


def test_a_large_case_is_read_as_a_small_one(read: Any) -> None:
    def case(count: int) -> str:
        files = [{"MD5": md5(1), "FileName": "a.jpg", "FilePath": "x", "ContactName": "SECRET"}] * 3
        records = ",".join(media(n, MediaFiles=files) for n in range(1, count))
        return document(
            f'{{"CaseNumber":"C1","Media":[{records}],"CaseID":"x","ContactName":"SECRET"}}',
            f'{{"CaseNumber":"C2","Media":[{media(9)}]}}',
        )

    found = read(case(5000))
    assert len(found.records) == 5000
    assert {r.extra["CaseNumber"] for r in found.records[:-1]} == {'"C1"'}
    assert found.records[-1].extra["CaseNumber"] == '"C2"'
    assert [len(r.seen_at) for r in found.records] == [3] * 4999 + [0]
    assert {p.case for r in found.records for p in r.seen_at} == {"C1"}
    assert found.warnings["dropped Contact"] == 1
    assert "SECRET" not in repr(found.items)
    assert read(case(10)).records == [*found.records[:9], *read(case(10)).records[9:]]


@pytest.mark.parametrize("odd", ['{"a":"},{"}', '{"a":1}', '{"x":{"y":[]}}', "{}", '{"MD5":"x}'])
@pytest.mark.parametrize("broken", ['"},{"', '{"MD5":"5', '{"MD5":"x""}', "{,}", ""])
def test_what_looks_like_no_record_does_not_hide_those_behind_it(
    read: Any, odd: str, broken: str
) -> None:
    """How records begin is learnt from records; a stray one must not cost those that follow."""
    good = ",".join(media(n) for n in range(2, 6))
    found = read(document(*filter(None, (odd, broken, good))))
    assert {"3", "4", "5"} <= set(keys(found))
    found = read(document(*filter(None, (media(1), odd, broken, good))))
    assert {"1", "3", "4", "5"} <= set(keys(found))
