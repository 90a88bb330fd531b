"""Real-file quirks of dates, tables and feeds: each row with its stated behaviour."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from hashmatch.errors import ExchangeError
from hashmatch.exchange import convert_list, inspect_list
from hashmatch.types import Deletion

MD5 = "477dab6fc5dff588410cd697abd3d3e2"
MD5_2 = "dc83d5a2f987ac823853e6f8ed4674f3"
SHA1 = "e9efc060ec30f65a6c0efb4fdcfe7afe4e0817ed"
PDQ = "0109111921293139414951596169717981899199a1a9b1b9c1c9d1d9e1e9f1f9"
CONTEXT = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Media"

EXACT, NO_ZONE, UNCLEAR, IMPLAUSIBLE = "exact", "no_zone", "unclear", "implausible"
DATES = [
    ("2020-01-02T03:04:05Z", EXACT),
    ("2020-01-02T03:04:05+01:00", EXACT),
    ("2020-01-02T03:04:05.830Z", EXACT),
    ("2020-01-02T03:04:05.8300Z", EXACT),
    ("2020-01-02T03:04:05.830000Z", EXACT),
    ("2020-01-02T03:04:05.0000830Z", EXACT),
    ("/Date(1577934245000)/", EXACT),
    ("/Date(1577934245000+0100)/", EXACT),
    ("2020-01-02 03:04:05 (UTC-5)", EXACT),
    (1577934245, EXACT),
    ("1577934245", EXACT),
    ("2020-01-02T03:04:05", NO_ZONE),
    ("31/12/2020", NO_ZONE),
    ("01/02/2020 03:04:05 AM", UNCLEAR),
    ("2020-01-02T03:04:05+01:00Z", UNCLEAR),
    ("132223104000000000", UNCLEAR),
    ("2020-02-30", UNCLEAR),
    ("2020-01-02T25:61:61Z", UNCLEAR),
    ("yesterday", UNCLEAR),
    ("1601-01-01T00:00:00Z", IMPLAUSIBLE),
    ("0001-01-01T00:00:00", IMPLAUSIBLE),
    ("", None),
    (None, None),
]


def vics(**media: Any) -> str:
    return json.dumps({"@odata.context": CONTEXT, "value": [{"MD5": MD5, **media}]})


@pytest.mark.parametrize(("date", "kind"), DATES)
def test_a_date_keeps_its_text_and_never_fails_a_record(
    read: Any, tmp_path: Path, date: Any, kind: str | None
) -> None:
    (record,) = read(vics(DateUpdated=date)).records
    assert record.opinion.updated_raw == (None if kind is None else str(date))
    assert not record.rejects
    path = tmp_path / "list"
    path.write_text(vics(DateUpdated=date))
    dates = inspect_list(path).survey["dates"]
    kinds = (EXACT, NO_ZONE, UNCLEAR, IMPLAUSIBLE)
    assert [name for name in kinds if dates[name]] == ([] if kind is None else [kind])
    assert (dates["first"] is None) is (kind not in (EXACT, NO_ZONE))


@pytest.mark.parametrize("date", [[1], {"x": 1}, True, 10**400, -1, "9" * 5000])
def test_a_date_of_any_type_never_fails_a_record(read: Any, date: Any) -> None:
    (record,) = read(vics(DateUpdated=date)).records
    assert record.digests.md5 == MD5


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize(
    ("rows", "records"),
    [
        pytest.param([f"{MD5}|{SHA1}|x|"], 1, id="an empty cell too many"),
        pytest.param([f"{MD5}|{SHA1}"], 1, id="a trailing cell missing"),
        pytest.param([f'"{MD5}"|"{SHA1}"|"a\nb"', f"{MD5_2}||"], 2, id="line break in quotes"),
        pytest.param([f'"{MD5}"|"{SHA1}"|"a ""b"" c"'], 1, id="doubled quotes"),
        pytest.param([f'{MD5}|{SHA1}|"a', f"{MD5_2}||"], 2, id="a quote that is never closed"),
        pytest.param([f" {MD5} | {SHA1} | x "], 1, id="blanks around cells"),
        pytest.param(["||", f"{MD5}|{SHA1}|x"], 1, id="an empty row"),
        pytest.param(["MD5|SHA1|Note", f"{MD5}|{SHA1}|x"], 1, id="the header again"),
    ],
)
def test_tables(read: Any, delimiter: str, rows: list[str], records: int) -> None:
    for first in ("", f"sep={delimiter}\r\n"):
        text = "\n".join(["MD5|SHA1|Note", *rows, ""]).replace("|", delimiter)
        found = read(first + text, format="table")
        assert len(found.records) == records
        assert (found.records[0].digests.md5, found.records[0].digests.sha1) == (MD5, SHA1)
        assert not found.rejects


@pytest.mark.parametrize(
    "name",
    ["md5", "MD5", "md5sum", "MD5 Hash", "md5hash", "MD5_Hash", "hash_md5", "md5 hex", "hash",
     " Md5-Hash ", '"MD5"'],
)  # fmt: skip
def test_names_of_columns(read: Any, name: str) -> None:
    found = read(f"{name};Note\n{MD5};x\n")
    assert [r.digests.md5 for r in found.records] == [MD5]
    alone = read(f"{name}\n{MD5}\n")
    assert [r.digests.md5 for r in alone.records] == [MD5]


@pytest.mark.parametrize("name", ["pdq", "PDQ Hash", "pdq_hash", "PDQ-hash", "pdqhash"])
def test_a_column_of_perceptual_hashes_is_no_text(read: Any, name: str) -> None:
    """Kept as text beside the digest it would never match, and nobody would know."""
    (record,) = read(f"MD5;{name}\n{MD5};{PDQ}\n").records
    assert [h.hex for h in record.hashes] == [PDQ]
    assert not record.extra


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("1.23E+30", "md5 damaged by a spreadsheet"),
        ("1,23E+30", "md5 damaged by a spreadsheet"),
        (MD5_2[1:], "md5 too short, opened in a spreadsheet?"),
        (MD5_2[3:], "md5 too short, opened in a spreadsheet?"),
        (MD5_2 + "0", "md5 length"),
    ],
)
def test_damage_by_spreadsheets(read: Any, cell: str, reason: str) -> None:
    found = read(f"MD5\tSHA1\n{MD5}\t\n{cell}\t{SHA1}\n", format="table")
    assert [dict(r.digests.items()) for r in found.records] == [{"md5": MD5}, {"sha1": SHA1}]
    assert [r.reason for r in found.records[1].rejects] == [reason]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t=", "\r="])
@pytest.mark.parametrize("format", ["icse-csv", "threatexchange-simple"])
def test_no_cell_that_a_spreadsheet_would_run_is_written(
    tmp_path: Path, begin: str, format: str
) -> None:
    evil = f"{begin}cmd|' /C calc'!A0"
    source, target = tmp_path / "list", tmp_path / "out"
    source.write_text(vics(Category=1, Tags=[evil], Series=[evil], Agency=evil, SHA1=SHA1))
    convert_list(source, target, to=format)
    delimiter = ";" if format == "icse-csv" else ","
    with target.open(newline="") as file:
        cells = [cell for row in csv.reader(file, delimiter=delimiter) for cell in row]
    assert MD5 in cells
    assert not [cell for cell in cells if cell.lstrip("\t\r\n ").startswith(("=", "+", "-", "@"))]


def te(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": str(number), "indicator": MD5, "type": "HASH_MD5", "last_updated": number,
        "should_delete": False,
        "descriptors": {"data": [{"owner": {"id": "1"}, "tags": [], "status": "MALICIOUS"}]},
        **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    "more",
    [
        {"should_delete": True},
        {"should_delete": "true"},
        {"descriptors": {"data": []}},
        {"descriptors": None},
        {"descriptors": {}},
    ],
)
def test_threatexchange_replaces_and_deletes_by_indicator(read: Any, more: Any) -> None:
    found = read({"data": [te(1), te(1, tags=["x"]), te(1, **more)]})
    assert [item.record_key for item in found.items] == ["1", "1", "1"]
    assert [type(item) is Deletion for item in found.items] == [False, False, True]
    assert MD5 not in repr(found.items[2])


@pytest.mark.parametrize("status", ["Withdrawn", "Deleted", "HashStatus.Deleted"])
def test_stopncii_replaces_and_deletes_by_type_and_hash(read: Any, status: str) -> None:
    def page(count: int, *texts: str) -> dict[str, Any]:
        last = len(texts) - 1
        records = [
            {"lastModtimestamp": n, "signalType": "ImagePDQ", "hashValue": text,
             "hashStatus": status if n == last else "Active", "caseNumbers": {}}
            for n, text in enumerate(texts)
        ]  # fmt: skip
        return {"count": count, "nextPageToken": None, "nextSetTimestamp": 1,
                "hasMoreRecords": False, "hashRecords": records}  # fmt: skip

    found = read(page(2, PDQ, PDQ.upper()))
    first, second = found.items
    assert first.record_key == second.record_key == f"ImagePDQ:{PDQ}"
    assert isinstance(second, Deletion)
    assert not found.warnings
    assert read(page(5, PDQ, PDQ)).warnings == {"count is not what the page holds": 1}


@pytest.mark.parametrize(
    ("page", "format"),
    [
        ('{"data":[],"paging":{"cursors":{"after":"x"}}}', "threatexchange"),
        ('{"count":0,"nextPageToken":null,"hasMoreRecords":false,"hashRecords":[]}', "stopncii"),
        ('<queryResult xmlns="https://hashsharing.ncmec.org/hashsharing/v2"/>', "ncmec-v2"),
        (f'{{"@odata.context":"{CONTEXT}","value":[]}}', "vics-2.0"),
    ],
)
def test_a_page_without_records_is_a_page(read: Any, page: str, format: str) -> None:
    found = read(page)
    assert (found.info.format, found.items) == (format, [])


def test_totals_that_disagree_are_a_warning(read: Any) -> None:
    text = (
        '<queryResult xmlns="https://hashsharing.ncmec.org/hashsharing/v2"><images count="%d">'
        f'<image><member id="1"/><id>1</id><fingerprints><md5>{MD5}</md5></fingerprints></image>'
        "</images></queryResult>"
    )
    assert not read(text % 1).warnings
    wrong = read(text % 7)
    assert len(wrong.records) == 1
    assert wrong.warnings == {"count of images is not what the page holds": 1}


def test_sql_is_never_run(read: Any) -> None:
    """NSRL's delta files are SQL for the tools of the database that they change."""
    with pytest.raises(ExchangeError):
        read(f"INSERT INTO FILE VALUES('', '{SHA1.upper()}', '{MD5.upper()}', 'x', 1, 1);\n")
