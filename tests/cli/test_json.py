"""docs/json.md says which keys there are; here it is held against the program."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from known_media import digests_of, record
from pictures import encoded, photograph, png
from PIL import Image

from hashmatch.cli.demo_lists import write_icse, write_national
from hashmatch.database import open_database
from hashmatch.fingerprinting import FingerprintStatus, hash_image
from hashmatch.matching import Alert, CheckStatus, Level, Placement
from hashmatch.types import Label, MediaKind

DATA = png(photograph(101))


@pytest.fixture(scope="module")
def page(root: Path) -> dict[str, dict[str, str]]:
    """Of each section: its keys, and what is said of them."""
    sections: dict[str, dict[str, str]] = {}
    text = (root / "docs" / "json.md").read_text(encoding="utf-8")
    for section in re.split(r"^##+ ", text, flags=re.MULTILINE)[1:]:
        keys: dict[str, str] = {}
        for cell, said in re.findall(r"^\| (`.*?) \| (.*) \|$", section, re.MULTILINE):
            for key in re.findall(r"`(\w+)`", cell):
                assert key not in keys, key
                keys[key] = said
        sections[section.splitlines()[0]] = keys
    assert len(sections) >= 21
    return sections


@pytest.fixture
def filled(db: Path) -> Path:
    with open_database(db) as database:
        value = hash_image(DATA).hashes["pdq"]
        database.import_records([record("1", digests_of(DATA), value)], source="List")
    return db


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "a.png"
    path.write_bytes(DATA)
    return path


Page = dict[str, dict[str, str]]


def test_hash(run: Any, page: Page, picture: Path) -> None:
    values, ledger = run("hash", "--json", picture).json
    assert list(values) == list(page["hashmatch.hash/1"])
    assert list(values["hashes"]["pdq"]) == list(page["hash value"])
    assert list(ledger) == list(page["hashmatch.ledger/1"])
    assert list(ledger["ledger"]) == list(page["ledger"])


def test_hash_of_a_video(run: Any, page: Page, tmp_path: Path) -> None:
    moving = tmp_path / "a.gif"
    moving.write_bytes(
        encoded(photograph(1), "GIF", save_all=True, append_images=[Image.new("RGB", (320, 240))])
    )
    values, _ = run("hash", "--json", moving).json
    assert list(values) == list(page["hashmatch.video/1"])
    assert list(values["frames"][0]) == list(page["video frame"])


def test_check(run: Any, page: Page, picture: Path, filled: Path) -> None:
    values, _ = run("check", "--db", filled, "--json", picture).json
    assert list(values) == list(page["hashmatch.check/1"])
    assert ["schema", *values["fingerprint"]] == list(page["hashmatch.hash/1"])
    (match,) = values["matches"]
    assert list(match) == list(page["match"])
    assert set(match["media"]) == set(page["media"])
    assert list(match["media"]["opinions"][0]) == list(page["opinion"])
    assert list(values["policy"]) == list(page["policy"])
    for radii in values["policy"]["others"].values():
        assert list(radii) == list(page["thresholds"])
    placed = Placement("original", 0.0, 0.0, 0.0, 0.0, 0.0, "whole", None)
    assert list(placed.to_dict()) == list(page["placement"])
    assert list(values["query_hashes"][0]) == list(page["hash value"])


def test_database_show(run: Any, page: Page, filled: Path) -> None:
    (values,) = run("db", "show", filled, "--media", "1", "--json").json
    section = page["hashmatch.db.show/1"]
    assert list(values) == list(section)
    assert set(values["opinions"][0]) == set(page["statement"])
    for name in ("hashes", "sources", "history"):
        assert (
            list(values[name][0]) == re.findall(r"`(\w+)`", section[name])[: len(values[name][0])]
        )


def test_database_diff(run: Any, page: Page, filled: Path) -> None:
    *changes, last = run("db", "diff", filled, "--from", "0", "--json").json
    assert changes
    assert all(list(change) == list(page[change["schema"]]) for change in changes)
    assert list(last) == list(page["hashmatch.db.diff/1"])


@pytest.mark.parametrize(
    ("section", "key", "words"),
    [
        ("hashmatch.hash/1", "status", FingerprintStatus),
        ("hashmatch.hash/1", "kind", MediaKind),
        ("hashmatch.check/1", "status", CheckStatus),
        ("hashmatch.check/1", "alert", Alert),
        ("policy", "level", Level),
        ("media", "label", Label),
    ],
)
def test_words(page: Page, section: str, key: str, words: Any) -> None:
    assert re.findall(r"`(\w+)`", page[section][key]) == [word.value for word in words]


def test_database(run: Any, page: Page, filled: Path, tmp_path: Path) -> None:
    write_icse(tmp_path / "icse.csv", {"astronaut": hash_image(DATA)})
    commands = {
        "init": ("init", tmp_path / "other.db"),
        "import": ("import", filled, tmp_path / "icse.csv", "--source", "ICSE"),
        "export": ("export", filled, tmp_path / "out.json"),
        "stats": ("stats", filled),
        "purge": ("purge", filled, "--older-than", "1", "--dry-run"),
        "verify": ("verify", filled),
    }
    for verb, arguments in commands.items():
        outcome = run("db", *arguments, "--json")
        (values,) = outcome.json
        assert outcome.code == 0
        assert values["schema"] == f"hashmatch.db.{verb}/1"
        assert set(values) == set(page[values["schema"]])
        if "ledger" in values:
            assert list(values["ledger"]) == list(page["ledger"])


def test_audit(run: Any, page: Page, filled: Path, tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    commands = {
        "keygen": ("--out", key),
        "checkpoint": (filled, "--key", key, "--out", tmp_path / "signed.json"),
        "verify": (filled,),
        "show": (filled, "--last", "1"),
    }
    for verb, arguments in commands.items():
        (values,) = run("audit", verb, *arguments, "--json").json
        assert values["schema"] == f"hashmatch.audit.{verb}/1"
        assert set(values) == set(page[values["schema"]])


def test_inspect(run: Any, page: Page, tmp_path: Path) -> None:
    write_national(tmp_path / "list", {"astronaut": hash_image(DATA)})
    (values,) = run("inspect", tmp_path / "list", "--json").json
    assert list(values) == list(page["hashmatch.inspect/1"])
    assert values["hashes"]
    for counts in values["hashes"].values():
        assert list(counts) == list(page["hash survey"])
    assert list(values["dates"]) == list(page["date survey"])
    assert list(values["repeats"]) == list(page["repeats"])


def test_convert(run: Any, page: Page, tmp_path: Path) -> None:
    write_icse(tmp_path / "icse.csv", {"astronaut": hash_image(DATA)})
    (values,) = run(
        "convert", tmp_path / "icse.csv", tmp_path / "out", "--to", "vics-2.0", "--json"
    ).json
    assert list(values) == list(page["hashmatch.convert/1"])
    assert list(values["ledger"]) == list(page["ledger"])
    assert [list(row) for row in values["fields"][:1]] == [["field", "read", "written"]]


def test_exhibit_and_decide(run: Any, page: Page, picture: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    values, ledger = run("dedupe", picture, "--out", out, "--in-process", "--json").json
    assert sorted(values) == sorted(page["hashmatch.exhibit/1"])
    assert list(values["classes"][0]) == ["triage", "files", "size"]
    assert ledger["schema"] == "hashmatch.ledger/1"
    options = ("--examiner", "e", "--note", "n", "--json")
    (made,) = run("decide", "category", out, "csam", picture, "--group", *options).json
    (undone,) = run("decide", "withdraw", out, "1", *options).json
    first, _ = run("decide", "list", out, "--json").json
    keys = page["hashmatch.decide/1"]
    assert set(made) | set(undone) | set(first) == set(keys)
    assert next(iter(made)) == next(iter(first)) == "schema"
    assert first["holds"] is False


def test_info(run: Any, page: Page) -> None:
    (values,) = run("info", "--json").json
    assert list(values) == list(page["hashmatch.info/1"])


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (("hash", "--json"), "UsageError"),
        (("hash", "--json", "--no-such-option", "x"), "UsageError"),
        (("no-such-verb", "--json"), "UsageError"),
        (("check", "--json", "x"), "UsageError"),
        (("check", "--json", "--db", "missing.db", "x"), "DatabaseError"),
        (("db", "init", "--json", "/"), "DatabaseError"),
        (("db", "stats", "--json", "missing.db"), "DatabaseError"),
        (("db", "export", "--json", "missing.db", "out"), "DatabaseError"),
        (("db", "import", "--json", "missing.db", "list", "--source", "A"), "DatabaseError"),
        (("inspect", "--json", "missing"), "ExchangeError"),
        (("convert", "--json", "missing", "out", "--to", "jsonl"), "ExchangeError"),
        (("demo", "--json", "--folder", "/"), "FileExistsError"),
    ],
)
def test_errors(run: Any, page: Page, arguments: tuple[str, ...], kind: str) -> None:
    outcome = run(*arguments)
    assert outcome.code == 2
    (values,) = outcome.json
    assert list(values) == list(page["hashmatch.error/1"])
    assert list(values["error"]) == list(page["error"])
    assert values["error"]["type"] == kind
    assert f"hashmatch: error: {values['error']['message']}" in outcome.err
    assert "Traceback" not in outcome.err


def test_a_file_called_json_does_not_ask_for_it(run: Any) -> None:
    outcome = run("check", "--db", "missing.db", "--", "--json")
    assert (outcome.code, outcome.out) == (2, "")
