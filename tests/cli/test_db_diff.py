"""``hashmatch db diff``: as text, JSON and CSV; names in it are hostile."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from known_media import digests_of, record

from hashmatch.database import CHANGE_COLUMNS, open_database
from hashmatch.types import Digests

EVIL = "=cmd|' /C calc'!A0\x1b[2J\n"


@pytest.fixture
def filled(db: Path) -> Path:
    with open_database(db) as database:
        database.import_records([record(EVIL, digests_of(b"a", "md5"))], source="ICSE")
        database.import_records([record("2", digests_of(b"a", "sha1"))], source=EVIL)
        database.import_records([record("3", digests_of(b"a"))], source="national")
        database.withdraw(source="ICSE", record_key=EVIL)
    return db


def test_text(run: Any, filled: Path) -> None:
    outcome = run("db", "diff", filled, "--from", "0")
    assert outcome.code == 0
    assert "\x1b" not in outcome.out
    lines = outcome.out.splitlines()
    assert lines[0].startswith("added: =cmd|' /C calc'!A0\\x1b[2J\\n: 2, csam, media 1 (sha1 ")
    assert lines[2].startswith("appeared: media 1 (md5 ")
    assert lines[3:6] == ["revision 0 to 4:", "  added: 2", "  appeared: 1"]
    merged = run("db", "diff", filled, "--from", "2", "--to", "3").out
    assert "merged: media 2 (sha1 " in merged
    assert " is part of media 1\n" in merged
    gone = run("db", "diff", filled, "--from", "3", "--source", "ICSE").out
    assert ", csam, media 1 (md5 " in gone
    assert "  withdrawn: 1 (withdrawn: 1)\n  vanished: 1\n  ICSE: 0 added, 1 withdrawn\n" in gone
    nothing = run("db", "diff", filled, "--from", "4").out
    assert nothing == "revision 4 to 4:\n  no difference\n"


def test_json(run: Any, filled: Path) -> None:
    *changes, last = run("db", "diff", filled, "--from", "1", "--to", "4", "--json").json
    assert {change["schema"] for change in changes} == {"hashmatch.db.diff.change/1"}
    assert [tuple(change)[1:] for change in changes] == [CHANGE_COLUMNS] * len(changes)
    assert [change["what"] for change in changes] == ["added", "added", "withdrawn"]
    assert changes[0]["source"] == EVIL
    assert Digests(sha1=changes[0]["sha1"]) == digests_of(b"a", "sha1")
    assert (last["schema"], last["from"], last["to"]) == ("hashmatch.db.diff/1", 1, 4)
    assert last["changes"]["added"] == 2
    assert last["by_source"][EVIL] == {"added": 1, "withdrawn": 0}


def test_csv(run: Any, filled: Path) -> None:
    outcome = run("db", "diff", filled, "--from", "0", "--csv")
    head, *rows = csv.reader(io.StringIO(outcome.out, newline=""))
    assert tuple(head) == CHANGE_COLUMNS
    assert [row[0] for row in rows] == ["added", "added", "appeared"]
    # No spreadsheet runs a name.
    assert rows[0][head.index("source")] == f"'{EVIL}"
    assert outcome.err.startswith("revision 0 to 4:\n  added: 2\n")
    assert run("db", "diff", filled, "--from", "4", "--csv").out == f"{','.join(head)}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--from", "3", "--to", "1"), "expected at most to_revision, which is 1, got 3"),
        (("--from", "0", "--to", "9"), "to_revision: expected a revision from 0"),
        (("--from", "0", "--source", "no"), "source: expected one of ["),
        (("--from", "0", "--json", "--csv"), "--json and --csv"),
        ((), "--from"),
    ],
)
def test_wrong_arguments(run: Any, filled: Path, arguments: tuple[str, ...], said: str) -> None:
    outcome = run("db", "diff", filled, *arguments)
    assert outcome.code == 2
    assert said in outcome.err
