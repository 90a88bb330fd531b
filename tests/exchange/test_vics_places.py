"""Where a case's medium was found; no hash set says so, and nobody's name comes along."""

from __future__ import annotations

from typing import Any

import pytest

from hashmatch.types import Sighting

MD5 = "477dab6fc5dff588410cd697abd3d3e2"
CASES = "http://x/ProjectVic/DataModels/2.0.xml/US/$metadata#Cases"
MEDIA = "http://x/ProjectVic/DataModels/2.0.xml/US/$metadata#Media"


def case(*media: dict[str, Any], **references: Any) -> dict[str, Any]:
    return {"@odata.context": CASES, "value": [{**references, "Media": list(media)}]}


def places(read: Any, *members: dict[str, Any], **references: Any) -> tuple[Sighting, ...]:
    (record,) = read(case(*({"MD5": MD5, **m} for m in members), **references)).records
    seen_at: tuple[Sighting, ...] = record.seen_at
    return seen_at


def test_every_file_of_the_medium(read: Any) -> None:
    found = places(
        read,
        {
            "MediaFiles": [
                {
                    "MD5": MD5.upper(),
                    "FileName": "a.jpg",
                    "FilePath": "C:\\Users\\x\\a.jpg",
                    "Created": "2020-01-02 03:04:05",
                    "Written": "",
                    "Accessed": None,
                    "Unallocated": False,
                    "SourceID": "7",
                    "PhysicalLocation": 4096,
                    "ParentFilePath": "C:\\Users\\x",
                    "ParentFileName": "b.zip",
                    "ContactName": "SECRET",
                    "Media@odata.navigationLinkUrl": "/x",
                },
                {
                    "fileName": "b.jpg",
                    "FILEPATH": "/x/b.jpg",
                    "ParentFilePath": "/x/c.mp4",
                    "ParentFileName": "c.mp4",
                },
                {},
            ]
        },
        CaseNumber="C-1",
        CaseID="{0}",
    )
    assert found == (
        Sighting(
            case="C-1",
            file_name="a.jpg",
            file_path="C:\\Users\\x\\a.jpg",
            parent_path="C:\\Users\\x\\b.zip",
            created_raw="2020-01-02 03:04:05",
            extra={"Unallocated": "false", "SourceID": '"7"', "PhysicalLocation": "4096"},
        ),
        Sighting(case="C-1", file_name="b.jpg", file_path="/x/b.jpg", parent_path="/x/c.mp4"),
        Sighting(case="C-1"),
    )


def test_names_in_the_medium_itself(read: Any) -> None:
    found = places(read, {"Name": "a.jpg", "RelativeFilePath": "Files\\47\\x.jpg"}, CaseID="{0}")
    assert found == (Sighting("0", "a.jpg", extra={"RelativeFilePath": "Files\\47\\x.jpg"}),)
    found = places(read, {"MediaFiles": [{"FileName": "b"}], "RelativeFilePath": "x"})
    assert found == (Sighting(None, "b", extra={"RelativeFilePath": "x"}),)


@pytest.mark.parametrize("files", [None, "", []])
def test_nothing_is_no_place(read: Any, files: Any) -> None:
    assert places(read, {"MediaFiles": files}) == ()


@pytest.mark.parametrize(
    ("files", "reason", "kept"),
    [
        ("x", "expected an array", 0),
        ({}, "expected an array", 0),
        ([3], "expected an object", 0),
        ([{"FileName": "a"}, "x"], "expected an object", 1),
    ],
)
def test_what_is_no_place_is_refused(read: Any, files: Any, reason: str, kept: int) -> None:
    (record,) = read(case({"MD5": MD5, "MediaFiles": files})).records
    assert [(r.field, r.reason) for r in record.rejects] == [("MediaFiles", reason)]
    assert len(record.seen_at) == kept


def test_a_hash_set_has_no_places(read: Any) -> None:
    files = [{"FileName": "SECRET", "FilePath": "SECRET"}]
    media = {"MD5": MD5, "MediaFiles": files, "FileName": "SECRET", "RelativeFilePath": "SECRET"}
    found = read({"@odata.context": MEDIA, "value": [media]})
    assert found.records[0].seen_at == ()
    assert "SECRET" not in repr(found.items)
    assert found.warnings == {
        "dropped MediaFiles": 1,
        "dropped file name": 1,
        "dropped file path": 1,
    }


def test_too_many_places_are_a_refused_field_and_the_record_stands(read: Any) -> None:
    files = [{"FileName": f"{n}.jpg", "FilePath": "x" * 100} for n in range(5000)]
    found = read(case({"MD5": MD5, "MediaFiles": files}, {"SHA1": "a5" * 20}))
    first, second = found.records
    assert [(r.field, r.reason) for r in first.rejects] == [("MediaFiles", "too large")]
    assert (first.seen_at, second.seen_at) == ((), ())


def test_many_members_that_are_only_counted_need_no_memory(read: Any) -> None:
    """One record of very many members goes by, whatever it is made of."""
    text = ",".join('"Miniature":"QUJD"' for _ in range(200_000))
    found = read(f'{{"@odata.context":"{CASES}","value":[{{"Media":[{{"MD5":"{MD5}",{text}}}]}}]}}')
    assert [record.digests.md5 for record in found.records] == [MD5]
    assert found.warnings["dropped Miniature"] == 1
