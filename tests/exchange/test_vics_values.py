"""Values of VICS members: what is accepted, what is refused; nothing turns into another."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from hashmatch.types import HashRecord, HashValue, Label, MediaKind

MD5 = "477dab6fc5dff588410cd697abd3d3e2"
SHA1 = "e9efc060ec30f65a6c0efb4fdcfe7afe4e0817ed"
SHA256 = "ad5bceaf0ee36d32ac6d20504c7dfff100124a05dc52fc26f35c5e5d1072c484"
PDQ = "0109111921293139414951596169717981899199a1a9b1b9c1c9d1d9e1e9f1f9"
LEGACY = "vics-us-legacy"
EMPTY = {
    "MD5": "d41d8cd98f00b204e9800998ecf8427e",
    "SHA1": "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "SHA256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
}


@pytest.fixture(scope="session")
def media(read: Any, hash_set: Callable[..., Any]) -> Callable[..., HashRecord]:
    def read_one(member: dict[str, Any], **options: Any) -> HashRecord:
        found = read(hash_set({"MD5": MD5, **member}), **options)
        (record,) = found.records
        assert isinstance(record, HashRecord)
        return record

    return read_one


@pytest.mark.parametrize(
    ("value", "raw", "label"),
    [
        (1, "1", Label.CSAM),
        ("1", "1", Label.CSAM),
        (" 1 ", "1", Label.CSAM),
        (1.0, "1.0", Label.CSAM),
        (0, "0", Label.NON_PERTINENT),
        (5, "5", Label.UNCATEGORIZED),
        (None, None, Label.UNCATEGORIZED),
        ("", None, Label.UNCATEGORIZED),
        (" ", None, Label.UNCATEGORIZED),
        (99, "99", Label.UNCATEGORIZED),
        (-1, "-1", Label.UNCATEGORIZED),
        (1.5, "1.5", Label.UNCATEGORIZED),
        ("A", "A", Label.UNCATEGORIZED),
    ],
)
def test_category(media: Any, value: Any, raw: str | None, label: Label) -> None:
    opinion = media({"Category": value}).opinion
    assert (opinion.raw_category, opinion.label) == (raw, label)


def test_category_missing(media: Any) -> None:
    assert media({}).opinion.raw_category is None
    assert media({}).opinion.label is Label.UNCATEGORIZED


@pytest.mark.parametrize("value", [True, [1], {"a": 1}])
def test_category_of_another_type_is_refused(media: Any, value: Any) -> None:
    record = media({"Category": value})
    assert record.opinion.label is Label.UNCATEGORIZED
    assert [(r.field, r.reason) for r in record.rejects] == [("Category", "text type")]


@pytest.mark.parametrize(
    ("scheme", "zero", "five"),
    [
        (None, Label.NON_PERTINENT, Label.UNCATEGORIZED),
        (LEGACY, Label.UNCATEGORIZED, Label.NON_PERTINENT),
        ("vics-1x-unknown-era", Label.UNCATEGORIZED, Label.UNCATEGORIZED),
    ],
)
def test_0_and_5_by_scheme(media: Any, scheme: str | None, zero: Label, five: Label) -> None:
    assert media({"Category": 0}, scheme=scheme).opinion.label is zero
    assert media({"Category": 5}, scheme=scheme).opinion.label is five
    assert media({"Category": 1}, scheme=scheme).opinion.label is Label.CSAM


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        ("true", True),
        ("True", True),
        ("Y", True),
        (1, True),
        (False, False),
        ("false", False),
        ("False", False),
        ("N", False),
        (0, False),
        (None, None),
        ("", None),
    ],
)
@pytest.mark.parametrize(
    ("member", "flag"),
    [
        ("VictimIdentified", "victim_identified"),
        ("OffenderIdentified", "offender_identified"),
        ("IsDistributed", "distributed"),
        ("SelfGenerated", "self_generated"),
        ("IsSuspected", "suspected"),
        ("IsPrecategorized", "precategorized"),
    ],
)
def test_flags(media: Any, member: str, flag: str, value: Any, expected: bool | None) -> None:
    record = media({member: value})
    assert getattr(record.opinion, flag) is expected
    assert record.rejects == ()


@pytest.mark.parametrize("value", ["maybe", 2, [True], {}, 'true"'])
def test_flag_that_says_nothing_is_refused(media: Any, value: Any) -> None:
    record = media({"IsSuspected": value})
    assert record.opinion.suspected is None
    assert [(r.field, r.reason, r.whole_record) for r in record.rejects] == [
        ("IsSuspected", "flag value", False)
    ]


@pytest.mark.parametrize(
    "text",
    [
        MD5.upper(),
        f"  {MD5} ",
        f"{MD5}\n",
        f"0x{MD5}",
        "-".join(MD5[i : i + 2] for i in range(0, 32, 2)),
        ":".join(MD5[i : i + 2] for i in range(0, 32, 2)),
    ],
)
def test_digest_spellings(media: Any, text: str) -> None:
    record = media({"MD5": text, "SHA1": SHA1})
    assert record.digests.md5 == MD5
    assert record.rejects == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (MD5 + "0", "md5 length"),
        (MD5[:-1], "md5 too short, opened in a spreadsheet?"),
        (MD5[:20], "md5 length"),
        ("1.23457E+30", "md5 damaged by a spreadsheet"),
        ("g" + MD5[1:], "md5 characters"),
        ("\uff11" + MD5[1:], "md5 characters"),
        ("-" + MD5, "md5 characters"),
        ("0" * 32, "md5 all zero"),
        ("F" * 32, "md5 all F"),
        (EMPTY["MD5"].upper(), "md5 of empty input"),
        (5, "md5 type"),
        ([MD5], "md5 type"),
    ],
)
def test_digest_refused_and_the_rest_stands(media: Any, text: Any, reason: str) -> None:
    record = media({"MD5": text, "SHA1": SHA1})
    assert record.digests.items() == [("sha1", SHA1)]
    assert record.record_key == f"sha1:{SHA1}"
    assert [(r.position, r.field, r.reason, r.whole_record) for r in record.rejects] == [
        (1, "MD5", reason, False)
    ]


@pytest.mark.parametrize("name", ["MD5", "SHA1", "SHA256"])
@pytest.mark.parametrize("kind", ["zero", "F", "empty"])
@pytest.mark.parametrize("alternative", [False, True])
def test_worthless_digests_are_never_stored(
    read: Any, hash_set: Callable[..., Any], name: str, kind: str, alternative: bool
) -> None:
    length = len(EMPTY[name])
    value = {"zero": "0" * length, "F": "f" * length, "empty": EMPTY[name]}[kind]
    member: dict[str, Any] = {name: value}
    if alternative:
        member = {"AlternativeHashes": [{"HashName": name, "HashValue": value}]}
    found = read(hash_set(member))
    assert found.records == []
    (reject,) = found.rejects
    assert (reject.reason, reject.whole_record, reject.position) == ("no usable hash", True, 1)
    assert value in reject.raw


def test_absent_digests(media: Any) -> None:
    for absent in (None, "", "  "):
        record = media({"MD5": absent, "SHA1": SHA1, "SHA256": absent})
        assert record.digests.items() == [("sha1", SHA1)]
        assert record.rejects == ()


def test_record_keys(read: Any, hash_set: Callable[..., Any]) -> None:
    pdq = {"HashName": "pdq", "HashValue": PDQ}
    found = read(
        hash_set(
            {"MD5": MD5, "SHA1": SHA1},
            {"SHA1": SHA1, "SHA256": SHA256},
            {"SHA256": SHA256, "AlternativeHashes": [pdq]},
            {"AlternativeHashes": [pdq]},
        )
    )
    assert [r.record_key for r in found.records] == [
        f"md5:{MD5}",
        f"sha1:{SHA1}",
        f"sha256:{SHA256}",
        f"pdq:{PDQ}",
    ]


@pytest.mark.parametrize(
    ("value", "size"),
    [(19, 19), ("19", 19), (19.0, 19), (None, None), ("", None), (2**33, 2**33)],
)
def test_size(media: Any, value: Any, size: int | None) -> None:
    assert media({"MediaSize": value}).size == size


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (-1, "number range"),
        ("488 kB", "number value"),
        ("-488 bytes", "number value"),
        (1.5, "number value"),
        (2**63, "number range"),
        (10**30, "number value"),
        (True, "number type"),
        ([1], "number type"),
    ],
)
def test_size_refused(media: Any, value: Any, reason: str) -> None:
    record = media({"MediaSize": value})
    assert record.size is None
    assert [(r.field, r.reason) for r in record.rejects] == [("MediaSize", reason)]


@pytest.mark.parametrize("zero", [0, "0", 0.0])
def test_zero_size_media_are_rejected(read: Any, hash_set: Callable[..., Any], zero: Any) -> None:
    found = read(hash_set({"MD5": MD5, "MediaSize": zero}))
    assert [(r.reason, r.whole_record) for r in found.rejects] == [("zero-size media", True)]
    assert found.records == []


@pytest.mark.parametrize(
    ("value", "kind", "mime"),
    [
        ("image/jpeg", MediaKind.IMAGE, "image/jpeg"),
        ("VIDEO/MP4", MediaKind.VIDEO, "video/mp4"),
        ("image", MediaKind.IMAGE, None),
        ("text", MediaKind.OTHER, None),
        ("application/octet-stream", MediaKind.UNKNOWN, "application/octet-stream"),
        ("application/pdf", MediaKind.OTHER, "application/pdf"),
        ("", MediaKind.UNKNOWN, None),
    ],
)
def test_kind(media: Any, value: str, kind: MediaKind, mime: str | None) -> None:
    record = media({"MimeType": value})
    assert (record.kind, record.mime) == (kind, mime)


@pytest.mark.parametrize("member", ["Series", "Tags"])
@pytest.mark.parametrize(
    ("value", "items"),
    [
        ("a,b", ("a", "b")),
        (" a , , b,a", ("a", "b")),
        (["a", " b ", "", "c,d"], ("a", "b", "c,d")),
        ({"Name": "a"}, ("a",)),
        ([{"Name": "a"}, "#b|c"], ("a", "#b|c")),
        ("", ()),
        ([], ()),
    ],
)
def test_lists(media: Any, member: str, value: Any, items: tuple[str, ...]) -> None:
    assert getattr(media({member: value}).opinion, member.lower()) == items


def test_list_of_another_type_is_refused(media: Any) -> None:
    record = media({"Series": 5, "Tags": ["a", 5]})
    assert (record.opinion.series, record.opinion.tags) == ((), ("a",))
    assert {(r.field, r.reason) for r in record.rejects} == {
        ("Series", "list type"),
        ("Tags", "list item type"),
    }


@pytest.mark.parametrize(
    ("tags", "baseline", "rest"),
    [
        ("interpol-baseline:yes", True, ()),
        ("x,interpol-baseline:no", False, ("x",)),
        (["#Interpol-Baseline:Yes", "y"], True, ("y",)),
        ("interpol-baseline:no,interpol-baseline:yes", True, ()),
        ("interpol-baseline:perhaps", None, ("interpol-baseline:perhaps",)),
    ],
)
def test_baseline_tag(media: Any, tags: Any, baseline: bool | None, rest: tuple[str, ...]) -> None:
    opinion = media({"Tags": tags}).opinion
    assert (opinion.baseline, opinion.tags) == (baseline, rest)


def test_pdq_and_its_quality(media: Any) -> None:
    elements = [
        {"HashValue": PDQ.upper(), "Quality": 77, "HashName": "PDQ"},
        {"hashname": "pdq", "hashvalue": PDQ[::-1]},
    ]
    record = media({"AlternativeHashes": elements})
    assert set(record.hashes) == {
        HashValue.from_hex("pdq", PDQ, 77),
        HashValue.from_hex("pdq", PDQ[::-1]),
    }


@pytest.mark.parametrize("quality", [101, -1, "high", 1.5])
def test_bad_quality_is_refused_and_the_hash_stands(media: Any, quality: Any) -> None:
    element = {"HashName": "PDQ", "HashValue": PDQ, "Quality": quality}
    record = media({"AlternativeHashes": [element]})
    assert record.hashes == (HashValue.from_hex("pdq", PDQ),)
    assert [r.field for r in record.rejects] == ["AlternativeHashes.Quality"]


@pytest.mark.parametrize(
    ("element", "reason"),
    [
        ({"HashName": "PDQ", "HashValue": "0" * 32}, "pdq length"),
        ({"HashName": "PDQ", "HashValue": "0" * 64}, "pdq all zero"),
        ({"HashName": "PDQ", "HashValue": "f" * 64}, "pdq all F"),
        ({"HashName": "PDQ", "HashValue": "g" * 64}, "pdq characters"),
        ({"HashName": "PhotoDNA", "HashValue": "PhotoDNA"}, "photodna length"),
        ({"HashName": "PhotoDNA", "HashValue": "*" * 192}, "photodna characters"),
        ({"HashName": "PhotoDNA", "HashValue": 5}, "photodna type"),
        ({"HashValue": PDQ}, "hash without a name"),
        ("x", "expected an object"),
    ],
)
def test_alternative_hash_refused(media: Any, element: Any, reason: str) -> None:
    good = {"HashName": "SHA256", "HashValue": SHA256}
    record = media({"AlternativeHashes": [element, good]})
    assert record.hashes == ()
    assert record.digests.sha256 == SHA256
    assert [r.reason for r in record.rejects] == [reason]


def test_unknown_alternative_hashes_are_kept(media: Any) -> None:
    elements = [{"HashName": "TMK", "HashValue": "x y", "MD5": MD5}, {"HashName": "F1"}]
    record = media({"AlternativeHashes": elements})
    assert record.extra == {"AlternativeHashes": '[{"HashName":"TMK","HashValue":"x y"}]'}


def test_photodna_once_though_it_stands_twice_and_several_kept(media: Any) -> None:
    one, two = bytes(range(144)), bytes(range(1, 145))
    texts = [base64.b64encode(value).decode() for value in (one, two)]
    elements = [{"HashName": "photodna", "HashValue": text} for text in texts]
    record = media({"PhotoDNA": texts[0], "AlternativeHashes": elements})
    assert record.hashes == (HashValue("photodna", one), HashValue("photodna", two))


def test_alternative_digest_that_contradicts_the_member(media: Any) -> None:
    element = {"HashName": "MD5", "HashValue": MD5[::-1]}
    record = media({"AlternativeHashes": [element]})
    assert record.digests.md5 == MD5
    assert [r.reason for r in record.rejects] == ["md5 conflict"]


def test_alternative_digests_that_contradict_each_other(media: Any) -> None:
    elements = [{"HashName": "SHA-1", "HashValue": text} for text in (SHA1, SHA1[::-1])]
    record = media({"AlternativeHashes": elements})
    assert record.digests.items() == [("md5", MD5)]
    assert [r.reason for r in record.rejects] == ["sha1 conflict"] * 2
    agreed = media({"AlternativeHashes": [elements[0], elements[0]]})
    assert (agreed.digests.sha1, agreed.rejects) == (SHA1, ())


def test_key_that_stands_twice(read: Any) -> None:
    def one(members: str) -> HashRecord:
        record = read(f'{{"value":[{{{members}}}]}}').records[0]
        assert isinstance(record, HashRecord)
        return record

    conflict = one(f'"MD5":"{MD5}","md5":"{MD5[::-1]}","MD5":"{MD5}","SHA1":"{SHA1}"')
    assert conflict.digests.items() == [("sha1", SHA1)]
    assert {r.reason for r in conflict.rejects} == {"md5 conflict"}
    same = one(f'"MD5":"{MD5}","md5":"{MD5.upper()}"')
    assert (same.digests.md5, same.rejects) == (MD5, ())
    later = one(f'"MD5":"{MD5}","Category":1,"Category":2,"Category":""')
    assert later.opinion.raw_category == "2"
    nested = one(
        f'"MD5":"{MD5}","AlternativeHashes":[{{"HashName":"SHA256","HashValue":"{SHA256}",'
        f'"HashValue":"{SHA256[::-1]}"}}]'
    )
    assert nested.digests.sha256 is None
    assert [r.reason for r in nested.rejects] == ["sha256 type"]


def test_dates_are_kept_as_they_stand(media: Any) -> None:
    for date in ("2023-06-07T02:31:49.8300Z", "/Date(1577934245000)/", " 01/02/2020 "):
        assert media({"DateUpdated": date}).opinion.updated_raw == date
    assert media({"DateUpdated": 1577934245}).opinion.updated_raw == "1577934245"
    assert media({"DateUpdated": ""}).opinion.updated_raw is None


@pytest.mark.parametrize("text", ["488 bytes", "488bytes", " 488 Byte "])
def test_a_size_with_its_unit(read: Any, text: str) -> None:
    found = read({"value": [{"MD5": "477dab6fc5dff588410cd697abd3d3e2", "MediaSize": text}]})
    assert [record.size for record in found.records] == [488]
    assert found.warnings["size with its unit"] == 1
