"""Cases that are written: media with their places, read back as they were, and nobody's name."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from list_strategies import places, records

from hashmatch.errors import InputError
from hashmatch.exchange import VicsCase, open_reader, sort_key, write_list
from hashmatch.exchange.vics_places import EXPORTED_AS
from hashmatch.types import Digests, HashRecord, Label, MediaKind, Opinion, Sighting

MD5, SHA1 = "477dab6fc5dff588410cd697abd3d3e2", "e9efc060ec30f65a6c0efb4fdcfe7afe4e0817ed"
OPINION = Opinion("vics-us-current", "1", Label.CSAM)
PLACE = Sighting(
    "2024/1",
    "a.jpg",
    "C:\\x\\a.jpg",
    "C:\\x\\b.zip",
    "2020-01-02",
    "2020-01-03",
    "2020-01-04",
    {"PhysicalLocation": "4096", EXPORTED_AS: "Files\\47\\a.jpg"},
)
RECORD = HashRecord(
    "k", 1, Digests(MD5, SHA1), OPINION, MediaKind.IMAGE, "image/jpeg", 19, seen_at=(PLACE,)
)


def read(path: Path, **options: Any) -> tuple[Any, list[Any]]:
    with open_reader(path, **options) as reader:
        return reader.info, list(reader)


@pytest.mark.parametrize("format", ["vics-1.3", "vics-2.0"])
def test_a_case_reads_back(format: str, tmp_path: Path) -> None:
    path = tmp_path / "case.json"
    ledger = write_list([RECORD], path, format=format, case="2024/1")
    assert (ledger.done, ledger.rejected, dict(ledger.reasons)) == (1, 0, {})
    info, (record,) = read(path)
    assert (info.format, info.document) == (format, "case")
    assert record.seen_at == (PLACE,)
    assert record.digests == RECORD.digests
    assert record.extra["CaseNumber"] == '"2024/1"'
    document = json.loads(path.read_text())
    assert list(document)[1:] == ["value"]
    (case,) = document["value"]
    assert case["TotalMediaFiles"] == 1
    assert case["CaseID"] == case["CaseID"].upper()
    assert ("odata.id" in case) == (format != "vics-2.0")
    assert "Contact" not in path.read_text()


def test_what_is_said_of_the_case(tmp_path: Path) -> None:
    id = uuid.UUID("0f0e0d0c-0b0a-0908-0706-050403020100")
    case = VicsCase("7", "Example Hotline", id, (("Exhibit", "EX1"), ("Exhibit", "EX2")))
    write_list([RECORD], tmp_path / "case.json", case=case)
    (written,) = json.loads((tmp_path / "case.json").read_text())["value"]
    assert written["CaseID"] == "{0F0E0D0C-0B0A-0908-0706-050403020100}"
    assert written["ContactOrganization"] == "Example Hotline"
    assert [m["PropertyValue"] for m in written["CaseMetadata"]] == ["EX1", "EX2"]


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    others = (Sighting(file_path="b"), Sighting(file_path="a"), PLACE)
    one, two = replace(RECORD, seen_at=others), replace(RECORD, seen_at=(*others[::-1], PLACE))
    write_list([one], tmp_path / "one", case="7")
    write_list([two], tmp_path / "two", case="7")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_hash_set_has_no_places(tmp_path: Path) -> None:
    ledger = write_list([RECORD], tmp_path / "set.json")
    assert ledger.done == 1
    assert any("places" in reason for _, reason in ledger.reasons)
    assert "a.jpg" not in (tmp_path / "set.json").read_text()


def test_places_bring_no_names_and_no_pictures(tmp_path: Path) -> None:
    extra = {"ContactName": '"SECRET"', "Miniature": '"SECRET"', "SourceID": '"7"'}
    place = replace(PLACE, extra=extra)
    write_list([replace(RECORD, seen_at=(place,))], tmp_path / "case.json", case="7")
    text = (tmp_path / "case.json").read_text()
    assert "SECRET" not in text
    assert '"SourceID":"7"' in text


@pytest.mark.parametrize("number", ["", " ", 7, None])
def test_a_case_needs_a_number(number: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="case: expected a number"):
        VicsCase(number)
    assert list(tmp_path.iterdir()) == []


@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    given_records=st.lists(records(), max_size=4),
    given_places=st.lists(places, max_size=3),
    format=st.sampled_from(["vics-1.3", "vics-2.0"]),
)
def test_random_cases_are_read_whole(
    tmp_path_factory: pytest.TempPathFactory,
    given_records: list[HashRecord],
    given_places: list[Sighting],
    format: str,
) -> None:
    path = tmp_path_factory.mktemp("case") / "case.json"
    chosen = [replace(r, seen_at=(*r.seen_at, *given_places)) for r in given_records]
    chosen.sort(key=sort_key)
    ledger = write_list(chosen, path, format=format, case="7")
    info, items = read(path)
    assert info.document == "case"
    assert len(items) == ledger.done
    written = {r.digests for r in chosen if r.digests.md5 or r.digests.sha1}
    assert {item.digests for item in items} <= written
    for item in items:
        places_of = [r.seen_at for r in chosen if r.digests == item.digests]
        assert len(item.seen_at) <= max(map(len, places_of))
        assert all(place.case == "7" for place in item.seen_at)
