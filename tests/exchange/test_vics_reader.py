"""VICS documents: the shapes in which they come, and what is kept of a record."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hashmatch.errors import ExchangeError
from hashmatch.exchange.schemes import NO_MEANING
from hashmatch.types import Digests, HashRecord, HashValue, Label, MediaKind, Opinion

MD5 = "477dab6fc5dff588410cd697abd3d3e2"
SHA1 = "e9efc060ec30f65a6c0efb4fdcfe7afe4e0817ed"
SHA256_2 = "ad5bceaf0ee36d32ac6d20504c7dfff100124a05dc52fc26f35c5e5d1072c484"
PHOTODNA = bytes(range(0x90))
MODEL_1 = "http://github.com/ICMEC/ProjectVic/DataModels/{}.xml#Media"


def test_minimal_2_0_set(read: Any, golden: Path) -> None:
    found = read(golden / "vics_2_0_minimal.json")
    assert (found.info.format, found.info.document) == ("vics-2.0", "hash-set")
    assert found.info.scheme == "vics-us-current"
    assert found.warnings == {}
    first, second = found.items
    assert first == HashRecord(
        record_key=f"md5:{MD5}",
        position=1,
        digests=Digests(MD5, SHA1),
        opinion=Opinion(
            scheme="vics-us-current",
            raw_category="1",
            label=Label.CSAM,
            precategorized=True,
            updated_raw="2023-06-07T02:31:49.8300Z",
        ),
        size=19,
    )
    assert second.opinion.label is Label.EXPLOITIVE
    assert second.opinion.precategorized is False
    assert second.position == 2


def test_full_2_0_set(read: Any, golden: Path) -> None:
    first, second = read(golden / "vics_2_0_full.json").records
    assert first.hashes == (HashValue("photodna", PHOTODNA),)
    assert (first.kind, first.mime) == (MediaKind.IMAGE, "image/jpeg")
    opinion = first.opinion
    assert opinion.distributed is opinion.victim_identified is opinion.precategorized is True
    assert opinion.offender_identified is opinion.suspected is opinion.baseline is None
    assert (opinion.series, opinion.tags) == (("SERIES-A", "SERIES-B"), ("tag1", "tag2"))
    assert first.extra == {"PrecategorizationSource": '"National DB"'}
    assert second.digests.sha256 == SHA256_2
    assert second.extra == {}


def test_1_3_set_with_hash_value_before_hash_name(read: Any, golden: Path) -> None:
    found = read(golden / "vics_1_3_media.json")
    assert (found.info.format, found.info.scheme) == ("vics-1.3", "vics-1x-unknown-era")
    (record,) = found.records
    assert record.hashes == (HashValue("photodna", PHOTODNA),)
    assert record.size == 19
    assert record.opinion.victim_identified is False
    assert record.opinion.distributed is True
    assert record.extra == {}


def test_case(read: Any, golden: Path) -> None:
    found = read(golden / "vics_2_0_cases.json")
    assert (found.info.format, found.info.document) == ("vics-2.0", "case")
    (record,) = found.records
    assert record.record_key == f"md5:{MD5}"
    assert record.extra == {
        "CaseID": '"{0F0E0D0C-0B0A-0908-0706-050403020100}"',
        "CaseNumber": '"2024-000123/EX1"',
    }
    assert found.warnings == {"dropped Contact": 1, "dropped Exifs": 1}
    assert "Example Person" not in repr(found.items)
    assert record.seen_at
    assert {place.case for place in record.seen_at} == {"2024-000123/EX1"}
    assert record.seen_at[0].file_name == "a.jpg"


def test_nist_known_media_are_never_csam(read: Any, golden: Path) -> None:
    found = read(golden / "vics_1_2_nist_caid.json")
    (record,) = found.records
    assert found.info.format == "vics-1.2"
    assert record.opinion.scheme == "nist-caid-known"
    assert record.opinion.label is Label.KNOWN_IGNORABLE
    assert record.opinion.raw_category == "8"


def test_several_cases_and_a_case_whose_reference_comes_last(read: Any) -> None:
    found = read(
        {
            "@odata.context": "http://x/ProjectVic/DataModels/2.0.xml/US/$metadata#Cases",
            "value": [
                {"CaseNumber": "one", "Media": [{"MD5": MD5}, {"MD5": MD5[::-1]}], "x": {"y": []}},
                {"Media": [{"SHA1": SHA1}], "CaseNumber": "two"},
                {"CaseNumber": "three"},
                {"CaseNumber": "four", "Media": []},
            ],
        }
    )
    assert [(r.position, r.record_key, dict(r.extra)) for r in found.records] == [
        (1, f"md5:{MD5}", {"CaseNumber": '"one"'}),
        (2, f"md5:{MD5[::-1]}", {"CaseNumber": '"one"'}),
        (3, f"sha1:{SHA1}", {}),
    ]
    assert found.rejects == []
    assert found.warnings == {"case without media": 1}


def test_a_medium_of_a_case_without_a_hash_is_rejected_not_lost(read: Any) -> None:
    found = read(
        {
            "@odata.context": "http://x/ProjectVic/DataModels/2.0.xml/US/$metadata#Cases",
            "value": [{"CaseNumber": "one", "Media": [{"Category": 1}, {"MD5": MD5}]}],
        }
    )
    assert [r.position for r in found.records] == [2]
    assert [(r.position, r.reason) for r in found.rejects] == [(1, "no usable hash")]


def test_records_count_where_the_context_says_otherwise(read: Any) -> None:
    found = read({"odata.metadata": MODEL_1.format("1.1"), "value": [{"Media": [{"MD5": MD5}]}]})
    assert found.info.document == "case"
    assert len(found.records) == 1
    assert found.warnings == {"context contradicts the records": 1}


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "1.3"])
def test_models_1(read: Any, hash_set: Callable[..., Any], version: str) -> None:
    found = read(hash_set({"MD5": MD5, "Category": 1}, context=MODEL_1.format(version)))
    assert found.info.format == f"vics-{version}"
    assert found.records[0].opinion.label is Label.CSAM


def test_context_last_unknown_root_members_nested_objects(read: Any, golden: Path) -> None:
    plain = json.loads((golden / "vics_2_0_full.json").read_text())
    moved = {
        "first": {"value": [{"MD5": "0"}], "@odata.context": "no"},
        "count": 2,
        "value": [{**media, "Vendor": {"a": [1.50, None]}} for media in plain["value"]],
        "more": [[], {}, [{"MD5": "1"}]],
        "@odata.context": plain["@odata.context"],
    }
    found, expected = read(moved), read(plain)
    assert found.info == expected.info
    assert [r.digests for r in found.records] == [r.digests for r in expected.records]
    assert [r.opinion for r in found.records] == [r.opinion for r in expected.records]
    assert found.records[0].extra["Vendor"] == '{"a":[1.5,null]}'


def test_numbers_of_unknown_members_keep_their_digits(read: Any) -> None:
    text = f'{{"value":[{{"MD5":"{MD5}","X":[1.50,1E+2,12345678901234567890]}}]}}'
    assert read(text).records[0].extra["X"] == "[1.50,1E+2,12345678901234567890]"


def test_byte_order_mark_and_white_space_change_nothing(read: Any, golden: Path) -> None:
    data = (golden / "vics_2_0_full.json").read_bytes()
    assert read(b"\xef\xbb\xbf" + data).items == read(data).items
    assert read(b"\r\n\t " + data + b"\n\n").items == read(data).items


def test_keys_in_any_case(read: Any, golden: Path) -> None:
    document = json.loads((golden / "vics_2_0_full.json").read_text())
    lower = {
        "@odata.context": document["@odata.context"],
        "Value": [{k.lower(): v for k, v in media.items()} for media in document["value"]],
    }
    expected = read(document).records
    found = read(lower).records
    assert [(r.digests, r.opinion, r.hashes, r.size) for r in found] == [
        (r.digests, r.opinion, r.hashes, r.size) for r in expected
    ]


def test_no_context_is_read_and_labels_nothing(read: Any) -> None:
    found = read({"value": [{"MD5": MD5, "Category": 1}]})
    assert (found.info.format, found.info.context) == ("vics", "")
    assert found.warnings == {"no context": 1, NO_MEANING: 1}
    assert found.records[0].opinion.label is Label.UNCATEGORIZED
    assert found.records[0].opinion.raw_category == "1"
    forced = read({"value": [{"MD5": MD5, "Category": 1}]}, format="vics-1.3")
    assert forced.info.format == "vics-1.3"
    assert forced.records[0].opinion.scheme == "vics-1x-unknown-era"


def test_forced_format_that_the_context_contradicts(read: Any, golden: Path) -> None:
    found = read(golden / "vics_2_0_full.json", format="vics-1.3")
    assert found.info.format == "vics-1.3"
    assert found.info.scheme == "vics-us-current"
    assert found.warnings["context contradicts the forced format"] == 1


def test_an_empty_set_is_a_set(read: Any, hash_set: Callable[..., Any]) -> None:
    assert read(hash_set()).items == []


@pytest.mark.parametrize("text", ['{"a":1}', "{}", '{"value":{"MD5":"x"}}', '{"value":1}'])
def test_no_value_array(read: Any, text: str) -> None:
    with pytest.raises(ExchangeError, match="'value' array"):
        read(text, format="vics")


def test_elements_that_are_no_object(read: Any, hash_set: Callable[..., Any]) -> None:
    found = read(hash_set(1, "x", None, [{"MD5": MD5}], {"MD5": MD5}, True))
    assert [(r.position, r.reason, r.whole_record) for r in found.rejects] == [
        (n, "record is no object", True) for n in (1, 2, 3, 4, 6)
    ]
    assert [r.position for r in found.records] == [5]


def test_what_is_private_is_never_kept_and_counted_once_a_record(
    read: Any, hash_set: Callable[..., Any]
) -> None:
    secret = {
        "Miniature": "aW1hZ2U=",
        "ContactName": "SECRET",
        "contactphone": "SECRET",
        "MediaFiles": [{"FileName": "SECRET", "deep": [[{"MD5": "SECRET"}]]}],
        "MEDIAFILES": [{"FileName": "SECRET"}],
        "Exifs": [{"PropertyValue": "SECRET"}],
        "MediaMetadata": {"x": "SECRET"},
        "RelativeFilePath": "C:\\SECRET",
        "FileName": "SECRET",
        "Name": "SECRET",
        "PrecategorizationSource": "Files\\SECRET",
    }
    found = read(hash_set({**secret, "MD5": MD5}, {"MD5": MD5, "Miniature": None, **secret}))
    assert len(found.records) == 2
    assert all(not record.extra for record in found.records)
    assert "SECRET" not in repr(found.items)
    assert "aW1hZ2U" not in repr(found.items)
    assert found.warnings == {
        "dropped Miniature": 2,
        "dropped Contact": 2,
        "dropped MediaFiles": 2,
        "dropped Exifs": 2,
        "dropped MediaMetadata": 2,
        "dropped file path": 4,
        "dropped file name": 2,
    }


def test_shuffled_records_give_the_same_content(read: Any, golden: Path) -> None:
    document = json.loads((golden / "vics_2_0_full.json").read_text())
    forward = read(document).records
    backward = read({**document, "value": document["value"][::-1]}).records
    assert {(r.record_key, r.digests, r.opinion, r.hashes) for r in forward} == {
        (r.record_key, r.digests, r.opinion, r.hashes) for r in backward
    }
