"""``hashmatch db show``: one page for each medium; names in it are hostile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from known_media import digests_of, record

from hashmatch.database import open_database
from hashmatch.types import HashValue, Label

EVIL = "ICSE\x1b[2J\nmedia 7"
PDQ = HashValue("pdq", bytes(range(32)), 88)
A = digests_of(b"a")


@pytest.fixture
def filled(db: Path) -> Path:
    with open_database(db) as database:
        database.import_records([record("n\x1b]0;", A, PDQ)], source="national")
        database.import_records([record("i", A, label=Label.CGI)], source=EVIL)
        database.import_records([record("o", digests_of(b"b"))], source="other")
        database.withdraw(source="other", record_key="o")
    return db


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256"])
def test_a_page(run: Any, filled: Path, name: str) -> None:
    text = dict(A.items())[name]
    outcome = run("db", "show", filled, text.upper())
    assert outcome.code == 0
    assert "\x1b" not in outcome.out
    lines = outcome.out.splitlines()
    assert lines[0] == "Media 1 at revision 4"
    assert f"  {name:<8} {text}" in lines
    assert "  csam, INTERPOL Baseline unknown; SOURCES DISAGREE" in lines
    assert [line.split(", 20")[0] for line in lines if line.startswith("  in ")] == [
        "  in ICSE\\x1b[2J\\nmedia 7 since revision 2",
        "  in national since revision 1",
    ]
    assert "Statements: 2 active, 0 withdrawn" in lines
    assert f"  pdq {PDQ.hex}, quality 88; national; matchable" in lines
    assert any(line.endswith(": label: none became csam") for line in lines)


def test_a_withdrawn_one(run: Any, filled: Path) -> None:
    out = run("db", "show", filled, "--media", "2").out
    assert "  nobody says anything of it now\n" in out
    assert "  no longer in other: from revision 3, 20" in out
    assert "WITHDRAWN (withdrawn)" in out
    assert out == run("db", "show", filled, dict(digests_of(b"b").items())["sha1"]).out


def test_json(run: Any, filled: Path) -> None:
    (values,) = run("db", "show", filled, "--media", "1", "--json").json
    assert (values["schema"], values["media_id"]) == ("hashmatch.db.show/1", 1)
    assert [span["source"] for span in values["sources"]] == [EVIL, "national"]
    assert [record["record_key"] for record in values["opinions"]] == ["n\x1b]0;", "i"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "DIGEST or --media: expected one of them, got neither"),
        (("0" * 32, "--media", "1"), "got both"),
        (("12",), "expected 32, 40, 64 hex digits, got 2"),
        (("g" * 32,), "md5"),
        (("0" * 31 + "1",), "expected one that the database knows or knew"),
        (("--media", "9"), "expected the id of one in the database, got 9"),
        (("--media", "-1"), "expected the id of one in the database, got -1"),
        (("--media", str(10**30)), "expected the id of one in the database"),
    ],
)
def test_wrong_arguments(run: Any, filled: Path, arguments: tuple[str, ...], said: str) -> None:
    outcome = run("db", "show", filled, *arguments)
    assert outcome.code == 2
    assert said in outcome.err
