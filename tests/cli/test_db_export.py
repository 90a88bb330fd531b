"""``hashmatch db export``: every format, its options, and what has no place in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from golden_lists import GOLDEN_LISTS

from hashmatch.database import export_formats

GOLDEN = {golden.path: golden for golden in GOLDEN_LISTS}


@pytest.fixture
def filled(run: Any, db: Path) -> Path:
    """An image set, a video's frames and a TMK fingerprint."""
    for name in ("vics_2_0_full.json", "vpdq/features.json", "tmk/small.tmk"):
        golden = GOLDEN[name]
        run("db", "import", db, golden.file, "--source", name, *golden.arguments)
    return db


@pytest.mark.parametrize("name", export_formats())
def test_every_format(run: Any, filled: Path, tmp_path: Path, name: str) -> None:
    outcome = run("db", "export", filled, tmp_path / "one", "--format", name, "--json")
    (values,) = outcome.json
    ledger = values["ledger"]
    assert (values["format"], values["media"]) == (name, ledger["seen"])
    assert ledger["done"] + ledger["rejected"] == ledger["seen"] == 4
    # What has no place in the format is told, and gives code 2.
    assert outcome.code == (2 if ledger["rejected"] else 0)
    assert len(outcome.err.splitlines()) == 1 + len(ledger["reasons"])
    run("db", "export", filled, tmp_path / "two", "--format", name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_help_lists_the_formats(run: Any) -> None:
    text = " ".join(run("db", "export", "--help").out.split())
    for name in export_formats():
        assert name in text.replace(" ", ""), name


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--format", "nonsense"), "nonsense"),
        (("--format", "jsonl", "--region", "US"), "--region is for VICS"),
        (("--region", "no/such"), "region"),
    ],
)
def test_wrong_options(
    run: Any, filled: Path, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    outcome = run("db", "export", filled, tmp_path / "out", *arguments)
    assert outcome.code == 2
    assert said in outcome.err
    assert not (tmp_path / "out").exists()


def test_a_region(run: Any, filled: Path, tmp_path: Path) -> None:
    run("db", "export", filled, tmp_path / "out", "--region", "US")
    assert b"2.0.xml/US/$metadata" in (tmp_path / "out").read_bytes()


def test_a_format_for_one_video_without_one(run: Any, db: Path, tmp_path: Path) -> None:
    outcome = run("db", "export", db, tmp_path / "out", "--format", "tmk", "--json")
    assert (outcome.code, outcome.json[0]["error"]["type"]) == (2, "ExchangeError")
    assert not (tmp_path / "out").exists()
