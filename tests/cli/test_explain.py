"""``hashmatch explain``: exit codes as of ``check``, the page for a person, keys of its JSON."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from known_media import digests_of, flipped, record
from pictures import encoded, photograph, png

from hashmatch.database import open_database
from hashmatch.fingerprinting import hash_image
from hashmatch.matching import CheckStatus

PIXELS = photograph(121)
DATA = png(PIXELS)
PDQ = hash_image(PIXELS).hashes["pdq"]
MEDIA = {
    "known.png": DATA,
    "copy.jpg": encoded(PIXELS, "JPEG", quality=70),
    "cropped.png": png(np.ascontiguousarray(PIXELS[14:, 25:])),
    "another.png": png(photograph(140)),
    "plain.png": png(np.full((64, 64, 3), 90, np.uint8)),
    "broken.png": DATA[:40],
    "text": b"text",
}
Page = dict[str, list[str]]


@pytest.fixture
def filled(db: Path) -> Path:
    with open_database(db) as database:
        others = [hash_image(photograph(seed)).hashes["pdq"] for seed in (122, 123)]
        known = [record("1", digests_of(DATA), PDQ), record("2", None, flipped(PDQ, 44))]
        known += [record(str(k), None, value) for k, value in enumerate(others, start=3)]
        database.import_records(known, source="List")
    return db


@pytest.fixture
def media(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    folder.mkdir()
    for name, data in MEDIA.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture(scope="module")
def page(root: Path) -> Page:
    """The keys of each section of docs/json.md."""
    text = (root / "docs" / "json.md").read_text(encoding="utf-8")
    found: Page = {}
    for section in re.split(r"^##+ ", text, flags=re.MULTILINE)[1:]:
        cells = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
        found[section.splitlines()[0]] = [k for c in cells for k in re.findall(r"`(\w+)`", c)]
    return found


def explained(run: Any, database: Path, path: Path, *options: Any) -> tuple[int, dict[str, Any]]:
    outcome = run("explain", path, "--db", database, "--in-process", "--json", *options)
    (values,) = outcome.json
    return outcome.code, values


@pytest.mark.parametrize(
    ("name", "code", "status"),
    [
        ("known.png", 1, CheckStatus.MATCH),
        ("copy.jpg", 1, CheckStatus.MATCH),
        ("cropped.png", 1, CheckStatus.MATCH),
        ("another.png", 0, CheckStatus.NO_MATCH),
        ("plain.png", 0, CheckStatus.LOW_INFORMATION),
        ("broken.png", 2, CheckStatus.FAILED),
        ("text", 0, CheckStatus.FAILED),
        ("missing", 2, CheckStatus.FAILED),
    ],
)
def test_exit_codes(
    run: Any, filled: Path, media: Path, name: str, code: int, status: CheckStatus
) -> None:
    got, values = explained(run, filled, media / name)
    assert (got, values["check"]["status"]) == (code, status.value)
    assert values["path"] == str(media / name)
    checked = run("check", "--db", filled, "--in-process", "--no-audit", media / name)
    assert checked.code == code


def test_keys(run: Any, page: Page, filled: Path, media: Path) -> None:
    _, values = explained(run, filled, media / "cropped.png")
    assert list(values) == page["hashmatch.explain/1"]
    assert values["schema"] == "hashmatch.explain/1"
    assert set(values["check"]) <= {*page["hashmatch.check/1"]} - {"path"}
    assert values["steps"]
    for section, rows in (
        ("view", values["views"]),
        ("step", values["steps"]),
        ("registered placements", [values["registration"]]),
        ("pass", values["registration"]["passes"]),
        ("entry", values["entries"]),
        ("plain comparison", [e["plain"] for e in values["entries"] if e["plain"]]),
        ("registered comparison", [e["registered"] for e in values["entries"] if e["registered"]]),
    ):
        assert rows, section
        for row in rows:
            assert list(row) == page[section]
    first = values["entries"][0]
    assert list(first["registered"]["placement"]) == page["placement"]
    assert first["registered"]["verdict"] == "MATCH"
    assert "compact" not in str(values)


def test_the_page_for_a_person(run: Any, filled: Path, media: Path) -> None:
    outcome = run("explain", media / "cropped.png", "--db", filled, "--in-process")
    assert outcome.code == 1
    lines = outcome.out.splitlines()
    titles = [line for line in lines if not line.startswith(" ")]
    assert titles[0].startswith("MATCH")
    assert titles[1:] == ["query", "tried", "nearest entries", "cost"]
    for said in (
        "view 0: the whole, from 0,0 to 295,226",
        "1. digests: md5, sha1, sha256: none is known",
        "2. known sets: in none",
        "5. registration, pdq",
        "bits before,",
        "cut from the left",
        "List: csam (code 1)",
        "read, decode and hash",
    ):
        assert said in outcome.out, said
    assert len([line for line in lines if re.match(r"  \d+\. media", line)]) == 4


def test_why_not(run: Any, filled: Path, media: Path) -> None:
    out = run("explain", media / "copy.jpg", "--db", filled, "--in-process").out
    assert "for the explanation only: a plain hash is a match" in out
    assert "the entry's own radius (looked at for the explanation only)" in out
    out = run("explain", media / "text", "--db", filled, "--in-process").out
    assert "3. plain hashes: not done: not a picture" in out
    assert "none was compared" in out
    fast = ("--level", "fast", "--limit", "1")
    out = run("explain", media / "another.png", "--db", filled, "--in-process", *fast).out
    assert "5. registration: not done: not at level fast" in out
    assert "not registered: not at level fast" in out
    assert re.search(r"distance \d+ is above 31", out)
    assert "  2. media" not in out


def test_in_a_worker_process(run: Any, filled: Path, media: Path) -> None:
    outcome = run("explain", media / "copy.jpg", "--db", filled, "--json", "--level", "fast")
    code, inside = explained(run, filled, media / "copy.jpg", "--level", "fast")
    (values,) = outcome.json
    assert (outcome.code, code) == (1, 1)
    assert values["entries"] == inside["entries"] != []
    assert outcome.err == ""


def test_nothing_is_written(run: Any, filled: Path, media: Path) -> None:
    before = run("audit", "show", filled, "--json").out
    explained(run, filled, media / "known.png")
    assert run("audit", "show", filled, "--json").out == before


def test_names_are_escaped(run: Any, filled: Path, media: Path) -> None:
    path = media / "a\x1b[31m.png"
    path.write_bytes(DATA)
    outcome = run("explain", path, "--db", filled, "--in-process")
    assert "\x1b" not in outcome.out
    assert "\\x1b" in outcome.out


@pytest.mark.parametrize("arguments", [(), ("a", "b"), ("a", "--limit", "0")])
def test_usage(run: Any, filled: Path, arguments: tuple[str, ...]) -> None:
    outcome = run("explain", *arguments, "--db", filled)
    assert outcome.code == 2
    assert "UsageError" in outcome.err or "Usage" in outcome.err
