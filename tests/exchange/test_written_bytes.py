"""Writers give the bytes of their golden files; only the version of hashmatch may differ."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hashmatch.exchange import sort_key, write_list
from hashmatch.types import HashRecord, Label

VERSION = re.compile(rb'"SourceApplicationVersion":"[^"]*"')


def records(read: Any, path: Path) -> list[HashRecord]:
    return sorted(read(path).records, key=sort_key)


@pytest.mark.parametrize(
    ("source", "written", "options"),
    [
        ("vics_2_0_full.json", "vics_1_3_written.json", {"format": "vics-1.3"}),
        (
            "vics_2_0_full.json",
            "vics_1_3_case_written.json",
            {"format": "vics-1.3", "case": "EX/7"},
        ),
        (
            "vics_2_0_cases.json",
            "vics_2_0_case_written.json",
            {"format": "vics-2.0", "region": "US", "case": "2024-000123/EX1"},
        ),
    ],
)
def test_vics(
    read: Any, golden: Path, tmp_path: Path, source: str, written: str, options: dict[str, Any]
) -> None:
    write_list(records(read, golden / source), tmp_path / "out", **options)
    found = VERSION.sub(b"", (tmp_path / "out").read_bytes())
    assert found == VERSION.sub(b"", (golden / written).read_bytes())


def test_icse(read: Any, golden: Path, tmp_path: Path) -> None:
    given = records(read, golden / "icse_2022.csv")
    full = records(read, golden / "vics_2_0_full.json")[0]
    opinion = replace(
        full.opinion, series=("=SERIES;A", 'B "b"'), baseline=True, label=Label.UNCATEGORIZED
    )
    given = sorted([*given, replace(full, opinion=opinion)], key=sort_key)
    write_list(given, tmp_path / "out", format="icse-csv")
    assert (tmp_path / "out").read_bytes() == (golden / "icse_written.csv").read_bytes()
