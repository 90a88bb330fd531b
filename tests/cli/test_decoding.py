"""How ``hash`` and ``check`` decode: isolated or not, on how many processors, and what is cut."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from known_media import digests_of, record
from pictures import encoded, photograph, png

from hashmatch.database import open_database
from hashmatch.fingerprinting import hash_image
from hashmatch.fingerprinting.worker import WorkerPool
from hashmatch.matching import Checker, CheckStatus

WHOLE = encoded(photograph(101), "JPEG", quality=90)
CUT = WHOLE[: int(len(WHOLE) * 0.97)]


@pytest.fixture
def known(db: Path) -> Path:
    """A database that knows the picture by its hash only."""
    with open_database(db) as database:
        entry = record("1", digests_of(b"other bytes"), hash_image(WHOLE).hashes["pdq"])
        database.import_records([entry], source="List")
    return db


@pytest.fixture
def media(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    folder.mkdir()
    for number in range(12):
        (folder / f"{number:02}.png").write_bytes(png(photograph(110 + number, 64, 64)))
    (folder / "cut.jpg").write_bytes(CUT)
    (folder / "link").symlink_to(folder / "cut.jpg")
    (folder / "text").write_bytes(b"no picture")
    return folder


@pytest.mark.parametrize("verb", ["hash", "check"])
def test_the_ways_to_decode_give_the_same(run: Any, media: Path, known: Path, verb: str) -> None:
    def lines(*options: str) -> list[dict[str, Any]]:
        database = ["--db", known] if verb == "check" else []
        outcome = run(verb, *database, "--json", *options, media)
        return [{**value, "checked_at": None, "cost_ms": None} for value in outcome.json]

    isolated = lines()
    assert len(isolated) == 12 + 2 + 1
    assert lines("--in-process") == isolated
    assert lines("--workers", "1") == isolated
    assert lines("--workers", "3", "--in-process") == isolated


def test_workers_are_the_default(run: Any, media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    real = WorkerPool.run

    def counted(self: WorkerPool, *arguments: Any) -> Any:
        calls.append(arguments)
        return real(self, *arguments)

    monkeypatch.setattr(WorkerPool, "run", counted)
    run("hash", "--in-process", media)
    assert calls == []
    run("hash", media)
    assert len(calls) == 13  # what is no picture meets no decoder


def test_a_cut_picture_is_matched_and_said_to_be_cut(run: Any, media: Path, known: Path) -> None:
    outcome = run("check", "--db", known, media / "cut.jpg")
    assert outcome.code == 1
    first, *_ = outcome.out.splitlines()
    assert first.startswith("MATCH")
    assert "TRUNCATED" in first
    assert "of the picture decoded" in first
    assert "  done: TRUNCATED: 1" in outcome.err
    hashed = run("hash", "--json", media / "cut.jpg").results[0]
    assert hashed["status"] == "TRUNCATED"
    assert 0.8 < hashed["fraction"] <= 1
    assert hashed["hashes"]


@pytest.mark.parametrize("isolate", [False, True])
def test_the_checker(known: Path, isolate: bool) -> None:
    with open_database(known) as database:
        checker = Checker(database)
        result = checker.check(CUT, isolate=isolate)
        assert result.status is CheckStatus.MATCH
        assert result.reason is not None
        assert result.reason.startswith("TRUNCATED")
        assert checker.check(WHOLE, isolate=isolate).reason is None
        failed = checker.check(WHOLE[:700], isolate=isolate)
        assert failed.status is CheckStatus.FAILED


def test_options_are_checked(run: Any, media: Path) -> None:
    assert run("hash", "--workers", "0", media).code == 2
