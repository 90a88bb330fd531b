"""``hashmatch convert``: file to file; what the target can't carry is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

GOLDEN = Path(__file__).parents[1] / "golden" / "exchange"
ICSE = GOLDEN / "icse_2022.csv"


def test_to_vics(run: Any, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    outcome = run("convert", ICSE, out, "--to", "vics-2.0", "--region", "US")
    assert outcome.code == 0
    assert outcome.out.splitlines() == [
        f"{ICSE}: INTERPOL ICSE hash export (CSV), scheme icse-baseline",
        f"  wrote {out} as vics-2.0",
        "  not all carried: file_available: 0 of 2 records",
        "  not all carried: submissions: 0 of 2 records",
        "  refused: md5 length: 1",
        "    at 4 MD5: 477dab6fc5dff588410cd697abd3d3e20",
    ]
    assert outcome.err == "convert: 3 seen = 3 done + 0 low-information + 0 rejected + 0 failed\n"
    assert out.stat().st_mode & 0o777 == 0o600
    assert "2.0.xml/US/" in out.read_text()


def test_there_and_back(run: Any, tmp_path: Path) -> None:
    """Our own JSONL is a stop on the way that changes nothing."""
    source = GOLDEN / "vics_2_0_written.json"
    assert run("convert", source, tmp_path / "a.jsonl", "--to", "jsonl").code == 0
    assert run("convert", tmp_path / "a.jsonl", tmp_path / "b", "--to", "vics-2.0").code == 0
    assert (tmp_path / "b").read_bytes() == source.read_bytes()


def test_refused_records(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text('{"value":[{"MD5":"zz"},{"MD5":"477DAB6FC5DFF588410CD697ABD3D3E2"}]}')
    outcome = run("convert", path, tmp_path / "out", "--to", "jsonl", "--json")
    (values,) = outcome.json
    assert (outcome.code, values["records"], values["rejected"], values["written"]) == (2, 1, 1, 1)
    assert "  rejected: not read: no usable hash: 1\n" in outcome.err
    outcome = run("convert", path, tmp_path / "no", "--to", "jsonl", "--max-rejects", "0")
    assert outcome.code == 2
    assert "at most 0 refused records" in outcome.err
    assert not (tmp_path / "no").exists()


def test_a_salvaged_list(run: Any, tmp_path: Path) -> None:
    run("convert", ICSE, tmp_path / "whole", "--to", "jsonl")
    cut = tmp_path / "cut"
    cut.write_bytes((tmp_path / "whole").read_bytes()[:-60])
    assert run("convert", cut, tmp_path / "out", "--to", "vics-2.0").code == 2
    assert not (tmp_path / "out").exists()
    outcome = run("convert", cut, tmp_path / "out", "--to", "vics-2.0", "--salvage", "--json")
    (values,) = outcome.json
    assert (outcome.code, values["complete"], values["written"]) == (2, False, 2)
    assert "hashmatch: error: cut short" in outcome.err
    outcome = run("inspect", cut, "--salvage")
    assert outcome.code == 2
    assert "complete:            NO" in outcome.out


def test_existing_files_stay(run: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text("mine")
    outcome = run("convert", ICSE, out, "--to", "jsonl")
    assert outcome.code == 2
    assert out.read_text() == "mine"
    assert run("convert", ICSE, out, "--to", "jsonl", "--overwrite").code == 0
    outcome = run("convert", out, out, "--to", "jsonl", "--overwrite")
    assert outcome.code == 2
    assert "expected another file" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (("--to", "nonsense"), "InputError"),
        (("--to", "jsonl", "--region", "US"), "UsageError"),
        (("--to", "vics-2.0", "--region", "U/S"), "InputError"),
        (("--to", "jsonl", "--scheme", "nonsense"), "InputError"),
        (("--to", "jsonl", "--schemes", "/missing"), "InputError"),
        (("--to", "jsonl", "--format", "nonsense"), "InputError"),
        (("--to", "jsonl", "--max-rejects", "-1"), "UsageError"),
        ((), "UsageError"),
    ],
)
def test_wrong_options(run: Any, tmp_path: Path, arguments: tuple[str, ...], kind: str) -> None:
    outcome = run("convert", ICSE, tmp_path / "out", *arguments, "--json")
    assert outcome.code == 2
    assert outcome.json[-1]["error"]["type"] == kind
    assert list(tmp_path.iterdir()) == []


def test_a_case(run: Any, tmp_path: Path) -> None:
    source, out = GOLDEN / "vics_2_0_cases.json", tmp_path / "case.json"
    assert run("convert", source, out, "--to", "vics-2.0", "--case", "2024/7").code == 0
    values = json.loads(out.read_text())
    (case,) = values["value"]
    assert case["CaseNumber"] == "2024/7"
    assert case["Media"][0]["MediaFiles"][0]["FileName"] == "a.jpg"
    outcome = run("convert", source, tmp_path / "no", "--to", "md5sum", "--case", "1")
    assert outcome.code == 2
    assert "--case is for VICS, not for 'md5sum'" in outcome.err


def test_everything_refused_goes_to_a_file(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "refused.jsonl"
    assert run("convert", ICSE, tmp_path / "out", "--to", "jsonl", "--rejects", path).code == 0
    (line,) = map(json.loads, path.read_text().splitlines())
    assert (line["position"], line["field"], line["reason"]) == (4, "MD5", "md5 length")
    assert (line["record_key"], line["whole_record"]) == ("IMG-0003", False)
    assert path.stat().st_mode & 0o777 == 0o600
    # What is there is never replaced, and nothing is written then.
    outcome = run("convert", ICSE, tmp_path / "no", "--to", "jsonl", "--rejects", path)
    assert outcome.code == 2
    assert not (tmp_path / "no").exists()
