"""``hashmatch db purge``: only what is asked for and confirmed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from known_media import digests_of, record

from hashmatch.database import open_database


@pytest.fixture
def filled(db: Path) -> Path:
    with open_database(db) as database:
        database.import_records([record("1", digests_of(b"a"))], source="ICSE\x1b")
        database.withdraw(source="ICSE\x1b", record_key="1")
    return db


def test_dry_then_real(run: Any, filled: Path) -> None:
    dry = run("db", "purge", filled, "--older-than", "0", "--dry-run")
    assert dry.code == 0
    assert dry.out.startswith("would delete what was withdrawn before 20")
    assert "  1 statements, 0 hashes, 0 sightings, 1 media, 0 refused" in dry.out
    assert "  ICSE\\x1b: 1 statements\n" in dry.out
    (real,) = run("db", "purge", filled, "--older-than", "0", "--confirm", "--json").json
    assert (real["schema"], real["opinions"], real["dry_run"]) == ("hashmatch.db.purge/1", 1, False)
    assert (real["compacted"], real["history_from"], real["revision"]) == (True, 2, 2)
    again = run("db", "purge", filled, "--older-than", "0", "--confirm", "--no-vacuum")
    assert again.out.startswith("deleted what was")
    assert "  0 statements" in again.out


def test_a_day(run: Any, filled: Path) -> None:
    (values,) = run(
        "db", "purge", filled, "--withdrawn-before", "2020-02-01", "--confirm", "--json"
    ).json
    assert values["withdrawn_before"] == "2020-02-01T00:00:00.000000+00:00"
    assert values["opinions"] == 0


def test_a_reader_in_the_way(run: Any, filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_database(filled) as database, database.snapshot():
        monkeypatch.setattr(
            "hashmatch.cli.db_purge_command.open_database",
            lambda path: open_database(path, busy_timeout_s=0.1),
        )
        outcome = run("db", "purge", filled, "--older-than", "0", "--confirm")
    assert outcome.code == 2
    assert outcome.out.startswith("deleted what was")
    assert "purged, but" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--older-than", "0"), "--dry-run or --confirm: expected one of them, got neither"),
        (("--older-than", "0", "--confirm", "--dry-run"), "got both"),
        (("--confirm",), "--withdrawn-before or --older-than: expected one, got neither"),
        (("--older-than", "1", "--withdrawn-before", "2020-01-01", "--confirm"), "got both"),
        (("--withdrawn-before", "yesterday", "--confirm"), "yesterday"),
        (("--withdrawn-before", "2999-01-01", "--confirm"), "that has been"),
        (("--older-than", "9999999", "--confirm"), "since the year 1"),
        (("--older-than", "99999999999", "--confirm"), "since the year 1"),
    ],
)
def test_wrong_arguments(run: Any, filled: Path, arguments: tuple[str, ...], said: str) -> None:
    outcome = run("db", "purge", filled, *arguments)
    assert outcome.code == 2
    assert said in outcome.err
    (stats,) = run("db", "stats", filled, "--json").json
    assert stats["withdrawn"] == 1
