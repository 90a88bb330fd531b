"""A conversion accounts for every item of the list, and for every field that was lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from golden_lists import GOLDEN_LISTS, GoldenList

from hashmatch.errors import ExchangeError, InputError
from hashmatch.exchange import convert_list, sort_key
from hashmatch.exchange.formats import FAMILIES
from hashmatch.exchange.jsonl_write import JsonlWriter
from hashmatch.types import Deletion, Digests, HashRecord, Label, Opinion

ICSE = "icse_2022.csv"
WRITTEN = sorted(name for family in FAMILIES for name in family.writers)


def carried(report: Any) -> dict[str, tuple[int, int | None]]:
    return {row.field: (row.read, row.written) for row in report.fields}


def test_to_vics(golden: Path, tmp_path: Path, read: Any) -> None:
    report = convert_list(golden / ICSE, tmp_path / "out.json", to="vics-2.0")
    assert (report.records, report.written, report.rejected, report.field_rejects) == (3, 3, 0, 1)
    assert report.ledger.seen == report.ledger.done == 3
    fields = carried(report)
    assert fields["sha1"] == (3, 3)
    assert fields["hash: photodna"] == (1, 1)
    assert fields["submissions"] == (2, 0)
    assert fields["label: csam"] == (1, 1)
    found = read(tmp_path / "out.json").records
    assert found == sorted(found, key=sort_key)


def test_to_our_own_nothing_is_lost(golden: Path, tmp_path: Path, read: Any) -> None:
    report = convert_list(golden / ICSE, tmp_path / "out.jsonl", to="jsonl")
    assert all(row.read == row.written for row in report.fields)
    assert read(tmp_path / "out.jsonl").items == read(golden / ICSE).items
    assert report.to_dict()["title"] == "INTERPOL ICSE hash export (CSV)"


@pytest.mark.parametrize("row", [pytest.param(row, id=row.path) for row in GOLDEN_LISTS])
def test_every_golden_file_to_every_format(row: GoldenList, tmp_path: Path) -> None:
    """All of it is accounted for, what is written is read again, twice the same bytes."""
    seen = row.records + row.deletions + row.rejected
    for to in WRITTEN:
        one, two = tmp_path / f"{to}.1", tmp_path / f"{to}.2"
        try:
            report = convert_list(row.file, one, to=to, **row.options)
        except ExchangeError as error:
            nothing = str(error)
            assert "got none" in nothing, to  # a file of one video, and the list has none
            assert not one.exists()
            continue
        assert report.ledger.seen == seen, to
        assert (report.records, report.deletions, report.rejected) == (
            *(row.records, row.deletions),
            row.rejected,
        )
        if report.written is not None and report.ledger.done:
            assert report.written > 0, to
        convert_list(row.file, two, to=to, **row.options)
        assert one.read_bytes() == two.read_bytes(), to


def jsonl(path: Path, *items: Any) -> Path:
    with JsonlWriter(path) as writer:
        for item in items:
            writer.write(item)
    return path


def record(number: int, **rest: Any) -> HashRecord:
    opinion = Opinion("vics-us-current", "1", Label.CSAM)
    return HashRecord(str(number), number, rest.pop("digests", Digests(f"{number:032x}")), opinion)


def test_what_the_target_can_not_carry(tmp_path: Path) -> None:
    source = jsonl(
        tmp_path / "in",
        record(2),
        Deletion("7", 3, "withdrawn", ""),
        record(1),
        record(4, digests=Digests(sha256="ab" * 32)),
    )
    report = convert_list(source, tmp_path / "out", to="vics-2.0")
    assert (report.records, report.deletions, report.written) == (3, 1, 2)
    assert report.ledger.to_dict()["reasons"] == [
        {
            "outcome": "rejected",
            "reason": "a deletion, which the target has no place for",
            "count": 1,
        },
        {"outcome": "rejected", "reason": "not in vics-2.0: no MD5 or SHA-1", "count": 1},
    ]
    assert report.ledger.seen == 4
    assert carried(report)["sha256"] == (1, 0)


def test_what_was_refused_of_the_list(tmp_path: Path) -> None:
    source = jsonl(tmp_path / "in", record(1), record(2), record(3))
    text = source.read_text().replace(f"{2:032x}", "x").replace(f"{3:032x}", "y")
    source.write_text(text)
    seen: list[Any] = []
    report = convert_list(source, tmp_path / "out", to="vics-2.0", on_item=seen.append)
    assert (report.records, report.rejected, report.ledger.seen) == (1, 2, 3)
    assert report.ledger.reasons == {("rejected", "not read: no usable hash"): 2}
    assert len(seen) == 3
    with pytest.raises(ExchangeError, match="at most 1 refused records, got more"):
        convert_list(source, tmp_path / "none", to="vics-2.0", max_rejects=1)
    assert not (tmp_path / "none").exists()
    convert_list(source, tmp_path / "some", to="vics-2.0", max_rejects=2)
    assert (tmp_path / "some").exists()


def test_the_order_of_the_list_does_not_show(golden: Path, tmp_path: Path) -> None:
    document = json.loads((golden / "vics_2_0_full.json").read_text())
    outputs = []
    for name in ("one", "two"):
        (tmp_path / name).write_text(json.dumps(document))
        convert_list(tmp_path / name, tmp_path / f"{name}.out", to="vics-2.0")
        outputs.append((tmp_path / f"{name}.out").read_bytes())
        document["value"].reverse()
    assert outputs[0] == outputs[1]


def test_a_broken_list_leaves_nothing(golden: Path, tmp_path: Path) -> None:
    data = (golden / "vics_2_0_full.json").read_bytes()
    (tmp_path / "cut").write_bytes(data[:-20])
    before = set(tmp_path.iterdir())
    for to in ("vics-2.0", "jsonl"):
        with pytest.raises(ExchangeError, match="cut short"):
            convert_list(tmp_path / "cut", tmp_path / "out", to=to)
    assert set(tmp_path.iterdir()) == before


def test_existing_files_and_wrong_names(golden: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text("mine")
    with pytest.raises(ExchangeError, match="exists"):
        convert_list(golden / ICSE, out, to="jsonl")
    with pytest.raises(InputError, match="format: expected one of"):
        convert_list(golden / ICSE, out, to="nonsense")
    assert out.read_text() == "mine"
    convert_list(golden / ICSE, out, to="jsonl", writing={"overwrite": True})
    assert out.read_text() != "mine"


def test_a_meaning_that_changes_is_told(golden: Path, tmp_path: Path) -> None:
    """Known software has no code in VICS's region Default, and none in a list of digests."""
    source = golden / "vics_1_2_nist_caid.json"
    fields = carried(convert_list(source, tmp_path / "a", to="vics-2.0"))
    assert fields["label: known_ignorable"] == (1, 0)
    assert fields["label: non_pertinent"] == (0, 1)
    fields = carried(convert_list(source, tmp_path / "b", to="md5-list"))
    assert fields["label: known_ignorable"] == (1, 0)
    assert fields["category"] == (1, 0)


def test_a_salvaged_list_says_so(golden: Path, tmp_path: Path) -> None:
    """Also after another conversion: what is missing stays missing."""
    whole = jsonl(tmp_path / "in", record(1), record(2))
    lines = whole.read_bytes().splitlines(keepends=True)
    (tmp_path / "cut").write_bytes(b"".join(lines[:2]))
    report = convert_list(tmp_path / "cut", tmp_path / "one", to="jsonl", salvage=True)
    assert report.records == report.written == 1
    assert "cut short" in str(report.problem)
    assert convert_list(tmp_path / "one", tmp_path / "two", to="vics-2.0").problem == report.problem
    assert convert_list(whole, tmp_path / "three", to="vics-2.0").problem is None


def test_without_reading_back(golden: Path, tmp_path: Path) -> None:
    report = convert_list(golden / ICSE, tmp_path / "out", to="vics-2.0", read_back=False)
    assert report.written is None
    assert {row.written for row in report.fields} == {None}
