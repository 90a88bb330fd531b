"""``hashmatch demo``: the main job, and that it tells when an answer is wrong."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from known_media import digests_of, record

from hashmatch.cli import demo_command, demo_lists
from hashmatch.database import Database, open_database
from hashmatch.matching import Alert, Checker


def test_demo(run: Any) -> None:
    pytest.importorskip("skimage")
    outcome = run("demo")
    assert outcome.code == 0
    rows = [line for line in outcome.out.splitlines() if "│ MATCH" in line or "NO_MATCH" in line]
    assert len(rows) == 36
    assert all(row.rstrip("│ ").endswith("yes") for row in rows)
    assert sum("BASELINE" in row for row in rows) == 15
    assert "(the sources disagree)" in outcome.out
    assert "demo: 36 seen = 36 done" in outcome.err
    assert "demo: 36 seen" not in outcome.out
    assert "every answer is the expected one" in outcome.err


def test_demo_in_json_and_kept(run: Any, tmp_path: Path) -> None:
    pytest.importorskip("skimage")
    folder = tmp_path / "kept"
    outcome = run("demo", "--json", "--folder", folder)
    assert outcome.code == 0
    assert [item["as_expected"] for item in outcome.results] == [True] * 36
    assert {item["schema"] for item in outcome.results} == {"hashmatch.check/1"}
    assert {"national.db", "icse.csv", "national.json", "copies"} <= {
        path.name for path in folder.iterdir()
    }
    assert run("demo", "--folder", folder).code == 2


def test_demo_tells_a_wrong_answer(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("skimage")
    wrong = demo_lists.Said(baseline=None, category=1, alert=Alert.BASELINE)
    monkeypatch.setitem(demo_lists.SAID, "coffee", wrong)
    outcome = run("demo")
    assert outcome.code == 2
    assert "NOT as expected: coffee.jpg, coffee-resized.jpg" in outcome.err
    assert "astronaut" not in outcome.err


def test_demo_without_its_photographs(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "skimage", None)
    outcome = run("demo")
    assert outcome.code == 2
    assert "pip install 'hashmatch[demo]'" in outcome.err


def test_a_demo_that_can_not_log_fails(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("skimage")

    def refused(*_: Any, **__: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Database, "record_audit", refused)
    outcome = run("demo")
    assert outcome.code == 2
    assert "No space left" in outcome.err


def test_the_expectation_covers_every_part_of_an_answer(db: Path) -> None:
    with open_database(db) as database:
        database.import_records([record("1", digests_of(b"medium"))], source="List")
        result = Checker(database).check(b"medium")
    right: dict[str, Any] = {
        "status": result.status,
        "alert": Alert.NATIONAL,
        "kind": result.matches[0].kind,
        "variant": "original",
        "conflict": False,
    }
    assert demo_command.Expected(**right).met(result)
    for name, other in (
        ("alert", Alert.OTHER),
        ("variant", "flip_x"),
        ("conflict", True),
        ("kind", None),
    ):
        assert not demo_command.Expected(**{**right, name: other}).met(result)
