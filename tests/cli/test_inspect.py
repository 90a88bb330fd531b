"""``hashmatch inspect`` says what a list is, in words, and never hides that it is not all there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from golden_lists import GOLDEN_LISTS, GoldenList

GOLDEN = Path(__file__).parents[1] / "golden" / "exchange"


def test_icse(run: Any) -> None:
    outcome = run("inspect", GOLDEN / "icse_2022.csv")
    assert outcome.code == 0
    assert outcome.err == "inspect: 3 seen = 3 done + 0 low-information + 0 rejected + 0 failed\n"
    first, *lines = outcome.out.splitlines()
    assert first == f"{GOLDEN / 'icse_2022.csv'}: INTERPOL ICSE hash export (CSV)"
    assert lines[0] == "  format:              icse-csv (table)"
    assert lines[1].startswith("  says of itself:      MD5;SHA1;ZZ40;")
    assert lines[2].startswith("  file:                851 bytes, SHA-256 c42aa94c6c4e")
    assert lines[3:] == [
        "  complete:            yes",
        "  records:             3",
        "  refused:             0 records, 1 single fields",
        "  meaning:             2 no meaning that is known, 1 CSAM",
        "                       1 no category (icse-baseline): no meaning that is known",
        "                       1 category No (icse-baseline): no meaning that is known",
        "                       1 category Yes (icse-baseline): CSAM",
        "  media:               1 image, 1 unknown, 1 video",
        "  digests:             2 md5, 3 sha1",
        "  perceptual hashes:   photodna: 1, 0 with quality, none of low information",
        "  baseline:            1 yes, 1 no, 1 unknown",
        "  victim identified:   0 yes, 2 no, 1 unknown",
        "  offender identified: 0 yes, 2 no, 1 unknown",
        "  distributed:         1 yes, 1 no, 1 unknown",
        "  file available:      1 yes, 1 no, 1 unknown",
        "  fields:              2 baseline, 2 category, 2 distributed, 2 file_available, 2 kind, "
        "2 offender_identified, 2 submissions, 2 victim_identified, 1 other: Agency, "
        "1 other: ZZ40, 1 series",
        "  repeated:            nothing",
        "  refused: md5 length: 1",
        "    at 4 MD5: 477dab6fc5dff588410cd697abd3d3e20",
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("vics_1_3_media.json", "Project VIC / VICS 1.3, hash set"),
        ("vics_2_0_cases.json", "Project VIC / VICS 2.0, case with its media, region US"),
        ("vics_2_0_full.json", "Project VIC / VICS 2.0, hash set, region Default"),
        (
            "vics_1_2_nist_caid.json",
            "Project VIC / VICS 1.2, hash set, NIST known media (CAID layout): known software, "
            "never CSAM",
        ),
    ],
)
def test_words(run: Any, name: str, words: str) -> None:
    outcome = run("inspect", GOLDEN / name)
    assert outcome.code == 0
    assert outcome.out.splitlines()[0] == f"{GOLDEN / name}: {words}"
    assert run("inspect", GOLDEN / name, "--json").json[0]["title"] == words


@pytest.mark.parametrize("row", [pytest.param(row, id=row.path) for row in GOLDEN_LISTS])
def test_every_golden_file(run: Any, row: GoldenList) -> None:
    """Each format in words, with its counts; code 2 where records were refused."""
    outcome = run("inspect", row.file, *row.arguments)
    assert outcome.code == (2 if row.rejected else 0)
    first, *lines = outcome.out.splitlines()
    title = first.removeprefix(f"{row.file}: ")
    assert title != row.format
    assert " " in title
    said = {line[2:23].strip(): line[23:] for line in lines if line[2] != " "}
    assert said["format:"].startswith(f"{row.format} (")
    assert said["complete:"] == "yes"
    assert said["records:"] == str(row.records)
    assert said.get("deletions:", "0").split()[0] == str(row.deletions)
    assert said["refused:"] == f"{row.rejected} records, {row.field_rejects} single fields"
    (values,) = run("inspect", row.file, *row.arguments, "--json").json
    assert values["title"] == title
    seen = row.records + row.deletions + row.rejected
    assert f"inspect: {seen} seen = {seen - row.rejected} done" in outcome.err


def test_low_information(run: Any, tmp_path: Path) -> None:
    """The database's own rule says what will never be matched."""
    media = [
        {"MD5": f"{n:032X}", "AlternativeHashes": [{"HashName": "PDQ", "HashValue": value}]}
        for n, value in enumerate(("01" * 32, "f0" * 32, "a5" * 32), start=1)
    ]
    path = tmp_path / "list"
    path.write_text(str({"value": media}).replace("'", '"'))
    outcome = run("inspect", path)
    assert (
        "  perceptual hashes:   pdq: 3, 0 with quality, 1 of low information, never matched "
        "(1 bit weight)\n"
    ) in outcome.out


def test_a_list_that_is_cut_short(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "cut"
    path.write_bytes((GOLDEN / "vics_2_0_full.json").read_bytes()[:-10])
    outcome = run("inspect", path)
    assert outcome.code == 2
    assert "  complete:            NO, counts are of what could be read\n" in outcome.out
    assert "hashmatch: error: " in outcome.err
    assert "cut short" in outcome.err
    outcome = run("inspect", path, "--json")
    (values,) = outcome.json
    assert (outcome.code, values["complete"]) == (2, False)
    assert "cut short" in values["problem"]


def test_refused_records(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text('{"value":[{"MD5":"zz\\u001b[2J"},{"MD5":"477DAB6FC5DFF588410CD697ABD3D3E2"}]}')
    outcome = run("inspect", path)
    assert outcome.code == 2
    assert "  refused: no usable hash: 1\n    at 1: MD5=zz\\x1b[2J (md5 characters)" in outcome.out
    assert outcome.err == (
        "inspect: 2 seen = 1 done + 0 low-information + 1 rejected + 0 failed\n"
        "  rejected: no usable hash: 1\n"
    )


def test_what_is_no_list(run: Any, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\x89PNG\x1b[2J")
    for path in (tmp_path / "x", tmp_path / "missing", tmp_path):
        outcome = run("inspect", path)
        assert (outcome.code, outcome.out) == (2, "")
        assert str(path) in outcome.err
        assert "\x1b" not in outcome.err


def test_nothing_is_written(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "icse.csv"
    path.write_bytes((GOLDEN / "icse_2022.csv").read_bytes())
    run("inspect", path)
    assert list(tmp_path.iterdir()) == [path]


def test_tables_of_the_operator(run: Any, tmp_path: Path) -> None:
    tables = tmp_path / "own.toml"
    tables.write_text('[[scheme]]\nid = "own"\n[scheme.codes]\n1 = "cgi"\n2 = "comparison"\n')
    arguments = ("--schemes", tables, "--scheme", "own", "--json")
    (values,) = run("inspect", GOLDEN / "vics_2_0_full.json", *arguments).json
    assert values["labels"] == {"cgi": 1, "comparison": 1}
    assert values["scheme"] == "own"
