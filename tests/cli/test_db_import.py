"""``hashmatch db import``: every option of reading, and what becomes of what is refused."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from golden_lists import GOLDEN_LISTS, GoldenList
from list_files import MD5_A, SHA1_A, SHA1_B

GOOD = {"MediaID": 1, "Category": 1, "MD5": "AB" * 16, "SHA1": "CD" * 20, "MediaSize": 3}


def vics(path: Path, *media: dict[str, Any], end: str = "]}") -> Path:
    text = ",".join(map(json.dumps, media))
    path.write_text(
        '{"@odata.context":"http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/Default/'
        f'$metadata#Media","value":[{text}{end}'
    )
    return path


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    """A folder with a list in which much is refused, apart from the database."""
    folder = tmp_path / "evidence"
    folder.mkdir()
    vics(folder / "list.json", {**GOOD, "MD5": "12"}, {"MediaID": 2}, {"MediaID": 3})
    return folder / "list.json"


def rejects(db: Path) -> list[Path]:
    return sorted(db.parent.glob("*.rejects.jsonl"))


@pytest.mark.parametrize("golden", GOLDEN_LISTS, ids=lambda golden: golden.path)
def test_every_golden_list(run: Any, db: Path, golden: GoldenList) -> None:
    outcome = run("db", "import", db, golden.file, "--source", "S", *golden.arguments, "--json")
    (values,) = outcome.json
    assert (values["accepted"], values["rejected"]) == (golden.records, golden.rejected)
    assert values["field_rejects"] == golden.field_rejects
    assert values["incomplete"] is None
    assert outcome.code == (2 if golden.rejected else 0)
    refused = golden.rejected + golden.field_rejects
    assert len(rejects(db)) == (1 if refused else 0)
    for path in rejects(db):
        assert values["rejects_file"] == str(path)
        assert len(path.read_text().splitlines()) == refused


def test_what_is_refused_stands_beside_the_database(run: Any, db: Path, evidence: Path) -> None:
    outcome = run("db", "import", db, evidence, "--source", "S")
    assert outcome.code == 2
    (path,) = rejects(db)
    assert path.name.startswith("list.json.")
    assert f"everything refused is in {path}" in outcome.out
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(path.read_text().splitlines()) == 3
    assert [file.name for file in evidence.parent.iterdir()] == ["list.json"]
    # Another import has a file of its own.
    run("db", "import", db, evidence, "--source", "S")
    assert len(rejects(db)) == 2


def test_where_the_caller_wants_it(run: Any, db: Path, evidence: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    (values,) = run("db", "import", db, evidence, "--source", "S", "--rejects", path, "--json").json
    assert values["rejects_file"] == str(path)
    assert len(path.read_text().splitlines()) == 3
    assert rejects(db) == []
    again = run("db", "import", db, evidence, "--source", "T", "--rejects", path)
    assert again.code == 2
    assert "the file exists" in again.err
    assert "refused until then" not in again.err
    assert len(path.read_text().splitlines()) == 3


@pytest.mark.parametrize(
    "name", ["x" * 255, "\u65e5" * 85, "line\nbreak", "-rf", "=cmd|' calc'!A0"]
)
def test_any_name_of_a_list(run: Any, db: Path, evidence: Path, name: str) -> None:
    file = evidence.rename(evidence.with_name(name))
    outcome = run("db", "import", db, "--source", "S", "--json", "--", file)
    assert outcome.code == 2
    (path,) = rejects(db)
    assert outcome.json[0]["rejects_file"] == str(path)


def test_nothing_refused_leaves_nothing(run: Any, db: Path, tmp_path: Path) -> None:
    vics(tmp_path / "list", GOOD)
    assert run("db", "import", db, tmp_path / "list", "--source", "S").code == 0
    assert rejects(db) == []
    assert not list(db.parent.glob(".*"))


def test_max_rejects(run: Any, db: Path, evidence: Path) -> None:
    outcome = run("db", "import", db, evidence, "--source", "S", "--max-rejects", 1, "--json")
    assert outcome.code == 2
    (values,) = outcome.json
    assert values["error"]["type"] == "ExchangeError"
    assert "at most 1 refused records, got 2" in values["error"]["message"]
    (path,) = rejects(db)
    assert f"refused until then: {path}" in outcome.err
    (stats,) = run("db", "stats", db, "--json").json
    assert (stats["revision"], stats["snapshots"]) == (0, 0)
    (values,) = run(
        "db", "import", db, evidence, "--source", "S", "--max-rejects", 2, "--json"
    ).json
    assert (values["accepted"], values["rejected"]) == (1, 2)


def test_a_list_that_is_cut_short(run: Any, db: Path, tmp_path: Path) -> None:
    other = {**GOOD, "MD5": "EF" * 16, "SHA1": "12" * 20}
    file = vics(tmp_path / "list", GOOD, other, end=',{"MediaID":4,"MD')
    refused = run("db", "import", db, file, "--source", "S")
    assert refused.code == 2
    complete = run("db", "import", db, file, "--source", "S", "--salvage", "--complete")
    assert complete.code == 2
    assert "must not be withdrawn" in complete.err
    outcome = run("db", "import", db, file, "--source", "S", "--salvage")
    assert outcome.code == 2
    assert "read only in part: nothing was replaced or withdrawn" in outcome.out
    (values,) = run("db", "import", db, file, "--source", "S", "--salvage", "--json").json
    assert (values["accepted"], values["unchanged"]) == (2, 2)
    assert values["incomplete"] in outcome.err


def test_whole_lists_may_be_salvaged(run: Any, db: Path, tmp_path: Path) -> None:
    file = vics(tmp_path / "list", GOOD)
    outcome = run("db", "import", db, file, "--source", "S", "--salvage", "--complete", "--json")
    assert (outcome.code, outcome.json[0]["incomplete"]) == (0, None)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--max-rejects", "-1"),
        ("--max-rejects", "many"),
        ("--schemes", "missing.toml"),
        ("--mapping", "missing.toml"),
        ("--rejects", "no/such/folder/file"),
    ],
)
def test_wrong_options(run: Any, db: Path, evidence: Path, arguments: tuple[str, ...]) -> None:
    outcome = run("db", "import", db, evidence, "--source", "S", *arguments)
    assert outcome.code == 2
    assert "hashmatch: error: " in outcome.err
    (stats,) = run("db", "stats", db, "--json").json
    assert stats["snapshots"] == 0


def test_schemes_of_the_agency(run: Any, db: Path, tmp_path: Path) -> None:
    file = vics(tmp_path / "list", {**GOOD, "Category": 7})
    (tmp_path / "mine.toml").write_text('[[scheme]]\nid = "mine"\ncodes = { 7 = "cgi" }\n')
    arguments = ("--schemes", tmp_path / "mine.toml", "--scheme", "mine")
    assert run("db", "import", db, file, "--source", "S", *arguments).code == 0
    (stats,) = run("db", "stats", db, "--json").json
    assert stats["by_label"] == {"cgi": 1}


def test_contradictions_are_told(run: Any, db: Path, tmp_path: Path) -> None:
    known = next(golden for golden in GOLDEN_LISTS if golden.path == "nsrl/rds2.txt")
    run("db", "import", db, known.file, "--source", "NSRL", *known.arguments)
    illegal = {**GOOD, "MD5": MD5_A, "SHA1": SHA1_A}
    other = {**GOOD, "MD5": MD5_A, "SHA1": SHA1_B}
    first = run("db", "import", db, vics(tmp_path / "1", illegal), "--source", "S")
    assert "known software to one list, illegal to another: 1 media" in first.out
    assert "one MD5" not in first.out
    second = run("db", "import", db, vics(tmp_path / "2", other), "--source", "T")
    assert "one MD5, different files: 1 MD5 values" in second.out
