"""``hashmatch db stats``: in words, as JSON, as CSV; names in it are hostile."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from known_media import digests_of, record

from hashmatch.database import open_database
from hashmatch.types import Label

EVIL = "=1+1\x1b[2J"


@pytest.fixture
def filled(db: Path) -> Path:
    with open_database(db) as database:
        database.import_records([record("1", digests_of(b"a"))], source="ICSE", complete=True)
        database.import_records(
            [record("2", digests_of(b"a"), label=Label.NON_PERTINENT)], source=EVIL
        )
        database.record_audit("check", {"alert": "BASELINE"})
    return db


def test_words(run: Any, filled: Path) -> None:
    outcome = run("db", "stats", filled)
    assert outcome.code == 0
    assert "\x1b" not in outcome.out
    for line in (
        "Revision 2: 1 medium, about which 2 statements of 2 sources hold; 0 more were withdrawn.",
        "Media by label:\n  csam  1\n",
        "Media that two sources both have:\n  =1+1\\x1b[2J and ICSE  1\n",
        "Media on which sources disagree: 1\n",
        "Which sources disagree, and on how many media:\n  =1+1\\x1b[2J and ICSE  1\n",
        "  ICSE         0 days ago (20",
        ", complete)\n",
        "Answers with a match, by month and alert:\n  20",
        ": BASELINE  1\n",
        "Sets of known files: none\n",
    ):
        assert line in outcome.out, line


def test_an_empty_database(run: Any, db: Path) -> None:
    outcome = run("db", "stats", db)
    assert outcome.out.startswith("Revision 0: 0 media, about which 0 statements of 0 sources")
    assert "Media by source: none\n" in outcome.out


def test_csv(run: Any, filled: Path) -> None:
    outcome = run("db", "stats", filled, "--csv")
    head, *rows = csv.reader(io.StringIO(outcome.out, newline=""))
    assert head == ["indicator", "key", "second key", "number"]
    assert ["media_by_source", f"'{EVIL}", "", "1"] in rows
    assert ["conflicting_sources", f"'{EVIL}", "ICSE", "1"] in rows
    assert ["opinions_by_label", "csam", "", "1"] in rows
    assert all(row[3].isdecimal() for row in rows)
    (values,) = run("db", "stats", filled, "--json").json
    assert ["media", "", "", str(values["media"])] in rows


def test_one_form(run: Any, filled: Path) -> None:
    outcome = run("db", "stats", filled, "--csv", "--json")
    assert (outcome.code, "--json and --csv" in outcome.err) == (2, True)
