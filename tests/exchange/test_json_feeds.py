"""ThreatExchange, StopNCII and Arachnid documents: replacing, withdrawing, and the base32 trap."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from hashmatch.errors import ExchangeError
from hashmatch.exchange.threatexchange import without_secrets
from hashmatch.types import Deletion, HashValue, Label, MediaKind

MD5 = "477dab6fc5dff588410cd697abd3d3e2"
OTHER_MD5 = "dc83d5a2f987ac823853e6f8ed4674f3"
PDQ = "0109111921293139414951596169717981899199a1a9b1b9c1c9d1d9e1e9f1f9"
SHA1 = "e9efc060ec30f65a6c0efb4fdcfe7afe4e0817ed"
BASE32 = "5HX4AYHMGD3FU3AO7NH5Z7T27ZHAQF7N"
SHA256 = "835d60ae73e768853248051934efff3f5f06207e61d8cc2bfd3be56b08593e83"


def shape(items: list[Any]) -> list[tuple[str, int]]:
    return [(type(item).__name__, item.position) for item in items]


def deletions(items: list[Any]) -> list[tuple[str, str, str]]:
    return [(d.record_key, d.reason, d.raw) for d in items if isinstance(d, Deletion)]


def test_threatexchange_golden(read: Any, golden: Path) -> None:
    found = read(golden / "threatexchange" / "page.json")
    assert found.info.format == "threatexchange"
    assert shape(found.items) == [
        *[("HashRecord", 1), ("HashRecord", 2), ("HashRecord", 3)],
        *[("Deletion", 4), ("Deletion", 5), ("Reject", 6)],
    ]
    first, disputed, harmless = found.records
    assert (first.record_key, first.digests.md5) == ("1001", MD5)
    assert (first.opinion.raw_category, first.opinion.label) == ("MALICIOUS", Label.UNCATEGORIZED)
    assert first.opinion.tags == ("example_tag", "second_tag")
    assert first.opinion.updated_raw == "1709251205"
    assert json.loads(first.extra["descriptors"])["data"][0]["owner"]["id"] == "77"
    assert first.extra["type"] == "HASH_MD5"
    assert disputed.hashes == (HashValue.from_hex("pdq", PDQ),)
    assert disputed.opinion.raw_category == "MALICIOUS,NON_MALICIOUS"
    assert disputed.opinion.label is Label.UNCATEGORIZED
    assert disputed.opinion.tags == ("a", "b")
    assert disputed.kind is MediaKind.IMAGE
    assert (harmless.digests.md5, harmless.kind) == (OTHER_MD5, MediaKind.VIDEO)
    assert harmless.opinion.label is Label.NON_PERTINENT
    assert deletions(found.items) == [
        ("1004", "should_delete", "1709251208"),
        ("1005", "no descriptors", "1709251209"),
    ]
    assert [r.reason for r in found.rejects] == ["not a hash of a medium"]


def test_threatexchange_paging_has_no_token(read: Any, golden: Path) -> None:
    info = read(golden / "threatexchange" / "page.json").info
    assert info.facts == {
        "paging.cursors.after": "SYNTHETIC",
        "paging.next": "https://graph.facebook.com/v21.0/123/threat_updates/"
        "?start_time=1709251200&limit=500",
    }
    assert without_secrets("https://x/?appsecret_proof=1&a=&access_token=2#f") == "https://x/?a="
    assert without_secrets("http://[broken") is None


def updates(**changes: Any) -> dict[str, Any]:
    update = {
        "id": "1",
        "indicator": MD5,
        "type": "HASH_MD5",
        "descriptors": {"data": [{"status": "MALICIOUS"}]},
    }
    return {"data": [update | changes]}


@pytest.mark.parametrize(
    ("kind", "indicator", "name"),
    [
        ("HASH_SHA1", SHA1, "sha1"),
        ("HASH_SHA256", SHA256, "sha256"),
        ("HASH_VIDEO_SHA256", SHA256.upper(), "sha256"),
    ],
)
def test_threatexchange_types(read: Any, kind: str, indicator: str, name: str) -> None:
    (record,) = read(updates(type=kind, indicator=indicator)).records
    assert record.digests.items() == [(name, indicator.lower())]
    assert record.kind is (MediaKind.VIDEO if "VIDEO" in kind else MediaKind.UNKNOWN)


NO_MEDIUM: list[Any] = ["HASH_URL_MD5", "URI", None, 3, [], "HASH_TEXT_TLSH", "HASH_PDQ_OCR"]
NO_HASH: list[Any] = [None, "", MD5[:-1], "0" * 32, 5, {}]
NO_KEY: list[Any] = [None, "", " ", True, []]
NO_DESCRIPTOR: list[Any] = [None, [], {}, {"data": []}, {"data": None}, "x"]
REFUSED: list[tuple[dict[str, Any], str]] = [
    *(({"type": kind}, "not a hash of a medium") for kind in NO_MEDIUM),
    *(({"indicator": text}, "no usable hash") for text in NO_HASH),
    *(({"id": key}, "no record key") for key in NO_KEY),
]


@pytest.mark.parametrize(("changes", "reason"), REFUSED)
def test_threatexchange_refusals(read: Any, changes: dict[str, Any], reason: str) -> None:
    found = read(updates(**changes), format="threatexchange")
    assert [(r.reason, r.whole_record) for r in found.items] == [(reason, True)]


@pytest.mark.parametrize(
    "changes",
    [
        *({"descriptors": descriptors} for descriptors in NO_DESCRIPTOR),
        *({"should_delete": flag} for flag in (True, "true", "True")),
    ],
)
def test_threatexchange_withdrawals(read: Any, changes: dict[str, Any]) -> None:
    found = read(updates(**changes))
    assert [item.record_key for item in found.items if isinstance(item, Deletion)] == ["1"]
    assert len(found.items) == 1


@pytest.mark.parametrize("flag", [False, "false", None, 0])
def test_threatexchange_what_does_not_withdraw(read: Any, flag: Any) -> None:
    assert len(read(updates(should_delete=flag)).records) == 1


def test_stopncii_golden(read: Any, golden: Path) -> None:
    found = read(golden / "stopncii" / "page.json")
    assert found.info.format == "stopncii"
    assert shape(found.items) == [
        *[("HashRecord", 1), ("HashRecord", 2), ("Deletion", 3), ("Reject", 4)]
    ]
    image, video = found.records
    assert image.record_key == f"ImagePDQ:{PDQ}"
    assert image.hashes == (HashValue.from_hex("pdq", PDQ),)
    assert image.opinion.raw_category == "Active"
    assert image.opinion.label is Label.UNCATEGORIZED
    assert image.opinion.tags == ("seen",)
    assert json.loads(image.extra["caseNumbers"]) == {
        "0f0e0d0c-0b0a-0908-0706-050403020100": "Active"
    }
    assert (video.record_key, video.kind) == (f"VideoMD5:{OTHER_MD5}", MediaKind.VIDEO)
    assert video.opinion.updated_raw == "1709251202"
    assert deletions(found.items) == [(f"VideoMD5:{MD5}", "Withdrawn", "1709251203")]
    assert found.info.facts == {
        "count": "4",
        "nextPageToken": "token-2",
        "nextSetTimestamp": "1709251300",
        "hasMoreRecords": "true",
    }


def hashes(**changes: Any) -> dict[str, Any]:
    record = {"signalType": "VideoMD5", "hashValue": MD5, "hashStatus": "Active"} | changes
    return {"count": 1, "nextPageToken": None, "hashRecords": [record]}


@pytest.mark.parametrize("status", ["Withdrawn", "Deleted", "deleted", "StopNCIIStatus.Withdrawn"])
@pytest.mark.parametrize("kind", ["VideoMD5", "SignalType.VideoMD5"])
def test_stopncii_withdrawals_have_the_key_of_the_record(read: Any, status: str, kind: str) -> None:
    (record,) = read(hashes(signalType=kind)).records
    found = read(hashes(signalType=kind, hashStatus=status, hashValue=MD5.upper()))
    assert [item.record_key for item in found.items] == [record.record_key]
    assert isinstance(found.items[0], Deletion)
    assert "nextPageToken" not in found.info.facts


def test_stopncii_deletion_looks_at_the_status_and_not_at_the_value(read: Any) -> None:
    found = read(hashes(hashValue="Deleted"))
    assert [r.reason for r in found.items] == ["no usable hash"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        *[({"signalType": t}, "not a hash that compares") for t in ("VideoTMK", "Text", "URL")],
        *[({"signalType": t}, "unknown signal type") for t in ("ImageNew",)],
        *[({"signalType": t}, "no record key") for t in (None, "", 3)],
        *[({"hashValue": v}, "no record key") for v in (None, "", " ", 7)],
        *[({"hashValue": v}, "no usable hash") for v in ("x", "f" * 32)],
    ],
)
def test_stopncii_refusals(read: Any, changes: dict[str, Any], reason: str) -> None:
    found = read(hashes(**changes))
    assert [(r.reason, r.whole_record) for r in found.items] == [(reason, True)]


def test_arachnid_scanned_medium(read: Any, golden: Path) -> None:
    found = read(golden / "arachnid" / "scanned_media.json")
    assert found.info.format == "arachnid"
    scanned, near = found.records
    assert (scanned.digests.sha1, scanned.digests.sha256) == (SHA1, SHA256)
    assert scanned.record_key == f"sha256:{SHA256}"
    assert (scanned.size, scanned.opinion.label) == (19, Label.CSAM)
    assert scanned.extra["match_type"] == '"near"'
    assert len(json.loads(scanned.extra["near_match_details"])) == 2
    assert near.digests.sha1 == "b57684e36e7e71b24e4afda623ffadfc9b51926c"
    assert (near.size, near.extra) == (None, {})
    assert len(found.items) == 2


def test_arachnid_scanned_hashes(read: Any, golden: Path) -> None:
    found = read(golden / "arachnid" / "scanned_hashes.json")
    assert shape(found.items) == [("HashRecord", 1), ("HashRecord", 1), ("Reject", 2)]
    scanned, near = found.records
    assert scanned.hashes == (HashValue.from_hex("pdq", PDQ),)
    assert scanned.opinion.label is near.opinion.label is Label.EXPLOITIVE
    assert [(r.field, r.reason) for r in found.rejects] == [("classification", "no-known-match")]


def medium(**changes: Any) -> dict[str, Any]:
    return {"sha1_base32": BASE32, "sha256_hex": SHA256, "classification": "csam"} | changes


@pytest.mark.parametrize("text", [MD5, BASE32.lower(), BASE32[:-1], BASE32 + "=", "1" * 32, 5])
def test_base32_is_told_from_hex(read: Any, text: Any) -> None:
    """32 characters are as long as an MD5: none of the two may pass as the other."""
    (record,) = read(medium(sha1_base32=text)).records
    assert record.digests.items() == [("sha256", SHA256)]
    assert [r.reason for r in record.rejects] == ["sha1 is not base32"]
    (other,) = read(updates(indicator=BASE32), format="threatexchange").items
    assert other.reason == "no usable hash"


def test_base32_of_nothing_is_refused(read: Any) -> None:
    for raw in (bytes(20), bytes.fromhex("da39a3ee5e6b4b0d3255bfef95601890afd80709")):
        (record,) = read(medium(sha1_base32=base64.b32encode(raw).decode())).records
        assert record.digests.sha1 is None
        assert len(record.rejects) == 1


def test_arachnid_several_and_unknown(read: Any) -> None:
    found = read([medium(), medium(classification="no-known-match"), medium(sha256_hex="x"), 3])
    assert shape(found.items) == [
        *[("HashRecord", 1), ("Reject", 2), ("HashRecord", 3), ("Reject", 4)]
    ]
    assert found.records[1].record_key == f"sha1:{SHA1}"
    assert [r.reason for r in found.rejects] == ["no-known-match", "record is no object"]
    (record,) = read(medium(classification="test")).records
    assert record.opinion.label is Label.UNCATEGORIZED


@pytest.mark.parametrize("format", ["threatexchange", "stopncii"])
def test_a_document_without_records_is_an_error(read: Any, format: str) -> None:
    for text in ("{}", "[]", '{"data":{}}', '{"hashRecords":3}', "1"):
        with pytest.raises(ExchangeError, match="expected records in"):
            read(text, format=format)


def test_an_empty_page_is_no_error(read: Any) -> None:
    for format, text in (("threatexchange", '{"data":[]}'), ("stopncii", '{"hashRecords":[]}')):
        assert read(text, format=format).items == []
