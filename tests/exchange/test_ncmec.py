"""NCMEC pages: replacing, withdrawing, paging, fingerprints of every kind, feedback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hashmatch.errors import ExchangeError, InputError
from hashmatch.exchange.ncmec_feedback import (
    FINGERPRINT_TYPES,
    feedback_document,
    feedback_path,
    write_feedback,
)
from hashmatch.types import Deletion, HashValue, Label, MediaKind

MD5 = "477dab6fc5dff588410cd697abd3d3e2"
SHA1 = "e9efc060ec30f65a6c0efb4fdcfe7afe4e0817ed"
PDQ = "0109111921293139414951596169717981899199a1a9b1b9c1c9d1d9e1e9f1f9"
PHOTODNA = bytes(range(144))
OPEN = '<queryResult xmlns="https://hashsharing.ncmec.org/hashsharing/v2">'


def page(images: str = "", videos: str = "", more: str = "") -> str:
    return f"{OPEN}<images>{images}</images><videos>{videos}</videos>{more}</queryResult>"


def entry(fingerprints: str, more: str = "", name: str = "image") -> str:
    return (
        f'<{name}><member id="42">Example ESP</member><id>e</id>{more}'
        f"<fingerprints>{fingerprints}</fingerprints></{name}>"
    )


def test_golden_page(read: Any, golden: Path) -> None:
    found = read(golden / "ncmec" / "page_1.xml")
    assert found.info.format == "ncmec-v2"
    assert [(type(item).__name__, item.position) for item in found.items] == [
        *[("HashRecord", 1), ("Deletion", 2), ("HashRecord", 3), ("Reject", 4), ("HashRecord", 5)]
    ]
    first, other, video = found.records
    assert first.record_key == "42/image/entry-1"
    assert (first.digests.md5, first.digests.sha1) == (MD5, SHA1)
    assert set(first.hashes) == {
        HashValue("photodna", PHOTODNA),
        HashValue.from_hex("pdq", PDQ),
    }
    assert (first.opinion.raw_category, first.opinion.label) == ("A1", Label.CSAM)
    assert first.opinion.updated_raw == "2024-03-01T00:00:05Z"
    assert first.kind is MediaKind.IMAGE
    assert first.extra == {
        "fingerprints/netclean": "SYNTHETIC-NETCLEAN-VALUE",
        "large fingerprints": '["ssvh-pdna"]',
        "member": "Example ESP",
    }
    assert other.record_key == "43/image/entry-1"
    assert [r.reason for r in other.rejects] == ["md5 of empty input"]
    assert other.digests.md5 is None
    assert other.opinion.updated_raw == "2024-03-01T00:00:06Z"
    assert video.record_key == "42/video/entry-1"
    assert video.kind is MediaKind.VIDEO
    assert (video.opinion.raw_category, video.opinion.label) == (None, Label.UNCATEGORIZED)
    assert [r.reason for r in found.rejects] == ["no usable hash"]
    assert "href" not in repr(found.items)
    assert "/v2/entries" not in repr(found.items)
    assert found.warnings == {}


def test_an_entry_is_withdrawn_by_member_kind_and_id(read: Any, golden: Path) -> None:
    found = read(golden / "ncmec" / "page_1.xml")
    (deletion,) = (item for item in found.items if isinstance(item, Deletion))
    assert deletion.record_key == "42/image/entry-0"
    assert (deletion.reason, deletion.raw) == ("deletedImage", "2024-03-01T00:00:09Z")
    gone = read(page(videos=entry("", name="deletedVideo"))).items
    assert [(item.record_key, item.reason) for item in gone] == [("42/video/e", "deletedVideo")]


def test_a_later_page_replaces_the_same_key(read: Any, golden: Path) -> None:
    first = read(golden / "ncmec" / "page_1.xml")
    last = read(golden / "ncmec" / "page_last.xml")
    (record,) = last.records
    assert record.record_key == first.records[0].record_key
    assert record.opinion.raw_category == "A2"


def test_paging(read: Any, golden: Path) -> None:
    facts = read(golden / "ncmec" / "page_1.xml").info.facts
    assert facts["next"] == (
        "/v2/entries?from=2024-03-01T00%3A00%3A00.000Z&to=2024-03-02T00%3A00%3A00.000Z"
        "&start=1001&size=1000&max=3000"
    )
    assert facts["images"] == "4"
    assert facts["images maxTimestamp"] == "2024-03-01T00:00:09Z"
    assert facts["videos maxTimestamp"] == "2024-03-01T00:00:07Z"
    facts = read(golden / "ncmec" / "page_last.xml").info.facts
    assert "next" not in facts
    assert "videos" not in facts


def test_feedback_is_kept(read: Any, golden: Path) -> None:
    record = read(golden / "ncmec" / "page_1.xml").records[1]
    stamp = "2024-03-01T00:00:06Z"
    guid = "01234567-abcd-0123-4567-01234567890"
    assert json.loads(record.extra["feedback"]) == [
        {
            "kind": "affirmative",
            "type": "Md5",
            "lastUpdateTimestamp": stamp,
            "members": [{"id": "42", "name": "Example ESP"}],
            "timestamp": stamp,
        },
        {
            "kind": "negative",
            "type": "Sha1",
            "lastUpdateTimestamp": stamp,
            "reasons": [
                {
                    "guid": f"{guid}0",
                    "name": "Example reason",
                    "type": "Sha1",
                    "members": [{"id": "44", "name": "Example Other"}],
                    "timestamp": stamp,
                },
                {
                    "guid": f"{guid}1",
                    "name": "Second reason",
                    "type": "Sha1",
                    "members": [{"id": "45"}],
                },
            ],
        },
    ]
    assert json.loads(record.extra["elements"]) == [
        {
            "name": "categorizations",
            "children": [
                {
                    "name": "tag",
                    "attributes": {"guid": f"{guid}2"},
                    "text": "Viral",
                }
            ],
        }
    ]


@pytest.mark.parametrize("code", ["A1", "A2", "B1", "B2"])
def test_classifications(read: Any, code: str) -> None:
    (record,) = read(
        page(entry(f"<md5>{MD5}</md5>", f"<classification>{code}</classification>"))
    ).records
    assert (record.opinion.raw_category, record.opinion.label) == (code, Label.CSAM)


def test_an_unknown_classification_gets_no_meaning(read: Any) -> None:
    found = read(page(entry(f"<md5>{MD5}</md5>", "<classification>C9</classification>")))
    assert found.records[0].opinion.raw_category == "C9"
    assert found.records[0].opinion.label is Label.UNCATEGORIZED


@pytest.mark.parametrize("text", [PHOTODNA.hex().upper(), "AAECAwQF"])
def test_photodna_in_hex_and_of_wrong_length(read: Any, text: str) -> None:
    (record,) = read(page(entry(f"<md5>{MD5}</md5><pdna>{text}</pdna>"))).records
    right = len(text) == 288
    assert record.hashes == ((HashValue("photodna", PHOTODNA),) if right else ())
    assert [r.reason for r in record.rejects] == ([] if right else ["photodna length"])


def test_unknown_fingerprints_are_kept(read: Any) -> None:
    (record,) = read(
        page(entry(f"<md5>{MD5}</md5><new>x</new><new>y</new><other>z</other>"))
    ).records
    assert record.extra["fingerprints/new"] == '["x","y"]'
    assert record.extra["fingerprints/other"] == "z"


def test_a_digest_twice_must_say_the_same(read: Any) -> None:
    same = read(page(entry(f"<md5>{MD5}</md5><md5>{MD5.upper()}</md5>")))
    assert same.records[0].digests.md5 == MD5
    assert same.records[0].rejects == ()
    other = MD5[::-1]
    found = read(page(entry(f"<md5>{MD5}</md5><md5>{other}</md5><sha1>{SHA1}</sha1>")))
    assert found.records[0].digests.md5 is None
    assert found.records[0].digests.sha1 == SHA1
    assert [r.reason for r in found.records[0].rejects] == ["md5 twice with different values"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (entry(""), "no usable hash"),
        (entry('<tmk-pdqf rel="self" href="/x"/>'), "no usable hash"),
        (entry("<netclean>x</netclean>"), "no usable hash"),
        (entry(f"<md5>{MD5}</md5>").replace(' id="42"', ""), "no member and id"),
        (entry(f"<md5>{MD5}</md5>").replace('"42"', '"4/2"'), "no member and id"),
        (entry(f"<md5>{MD5}</md5>").replace("<id>e</id>", "<id> </id>"), "no member and id"),
        (entry(f"<md5>{MD5}</md5>", name="video"), "unknown element"),
        (entry(f"<md5>{MD5}</md5>", name="picture"), "unknown element"),
        (entry(f"<x>{'y' * 2_000_000}</x>"), "record too large"),
    ],
)
def test_refused_entries(read: Any, text: str, reason: str) -> None:
    found = read(page(text + entry(f"<sha1>{SHA1}</sha1>")))
    assert [(r.position, r.reason, r.whole_record) for r in found.rejects] == [(1, reason, True)]
    assert [r.position for r in found.records] == [2]


def test_counts_that_are_not_the_body(read: Any) -> None:
    found = read(f'{OPEN}<images count="3"></images><audios/></queryResult>')
    assert found.items == []
    assert found.warnings == {
        "count of images is not what the page holds": 1,
        "unknown element beside images and videos": 1,
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_encodings(read: Any, golden: Path, encoding: str) -> None:
    text = (golden / "ncmec" / "page_1.xml").read_text()
    declared = text.replace("UTF-8", encoding.removesuffix("-sig"))
    found = read(declared.replace("Example ESP", "Exämple").encode(encoding), format="ncmec")
    assert found.records[0].extra["member"] == "Exämple"
    assert len(found.items) == 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<other/>", "expected the root queryResult, got 'other'"),
        (f"<!DOCTYPE x>{page()}", "expected XML without DTD"),
        (
            f'<!DOCTYPE q [<!ENTITY a "{"x" * 99}"><!ENTITY b "&a;&a;">]>{page("&b;")}',
            "expected XML without DTD",
        ),
        (
            f'<!DOCTYPE q SYSTEM "file:///etc/passwd">{page()}',
            "expected XML without DTD",
        ),
        (page("&unknown;"), "malformed XML"),
        (page() + "<again/>", "malformed XML"),
        (page()[:-3], "cut short"),
        (page(entry("<a>" * 70 + "</a>" * 70)), "expected at most 64 nested elements"),
        (page("<a>" * 70), "expected at most 64 nested elements"),
    ],
)
def test_documents_that_are_refused(read: Any, text: str, message: str) -> None:
    with pytest.raises(ExchangeError, match=message):
        read(text, format="ncmec")


def test_entries_before_a_cut_are_given_out(tmp_path: Path) -> None:
    from hashmatch.exchange import open_reader

    path = tmp_path / "page"
    text = page("".join(entry(f"<md5>{n:032x}</md5>") for n in range(1, 2000)))
    path.write_text(text[: len(text) // 2])
    items: list[Any] = []
    with open_reader(path) as reader, pytest.raises(ExchangeError, match="cut short"):
        items.extend(iter(reader))
    assert 950 < len(items) < 1050


def test_feedback_documents(tmp_path: Path) -> None:
    guids = ["01234567-ABCD-0123-4567-012345678901", "01234567-abcd-0123-4567-012345678900"]
    document = feedback_document(negative_reasons=guids).decode()
    assert document == feedback_document(negative_reasons=guids[::-1]).decode()
    assert document.splitlines()[1:] == [
        '<feedbackSubmission xmlns="https://hashsharing.ncmec.org/hashsharing/v2">',
        "  <negative>",
        "    <reasonIds>",
        "      <guid>01234567-abcd-0123-4567-012345678900</guid>",
        "      <guid>01234567-abcd-0123-4567-012345678901</guid>",
        "    </reasonIds>",
        "  </negative>",
        "</feedbackSubmission>",
    ]
    write_feedback(tmp_path / "x")
    assert b"<affirmative/>" in (tmp_path / "x").read_bytes()
    with pytest.raises(ExchangeError, match="the file exists"):
        write_feedback(tmp_path / "x")
    for bad in (["x"], ["</guid>"], [guids[0], guids[0].lower()]):
        with pytest.raises(InputError, match="negative_reasons: expected"):
            feedback_document(negative_reasons=bad)


def test_feedback_paths() -> None:
    assert feedback_path("42/image/a b/c", "MD5") == "/v2/entries/42/a%20b%2Fc/MD5/feedback"
    assert len(set(FINGERPRINT_TYPES)) == 9
    with pytest.raises(InputError, match="record_key: expected"):
        feedback_path("42/e", "MD5")
    with pytest.raises(InputError, match="fingerprint_type: expected one of MD5"):
        feedback_path("42/image/e", "Md5")
