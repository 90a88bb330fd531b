"""``hashmatch check``: files, lists and values against a database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from known_media import digests_of, record
from pictures import encoded, photograph, png

from hashmatch.database import open_database
from hashmatch.fingerprinting import hash_image
from hashmatch.types import Label

PIXELS = photograph(91)
DATA = png(PIXELS)
PDQ = hash_image(PIXELS).hashes["pdq"]


@pytest.fixture
def filled(db: Path) -> Path:
    """The picture is known by its hash, and one text by its SHA-1."""
    with open_database(db) as database:
        known = record("1", digests_of(DATA), PDQ, series=("S-1",), baseline=True)
        database.import_records([known], source="ICSE")
        harmless = record("2", digests_of(b"text", "sha1"), label=Label.KNOWN_IGNORABLE)
        database.import_records([harmless], source="NSRL")
    return db


ORIENTED = {
    "original": PIXELS,
    "rotate90": np.rot90(PIXELS, -1),
    "rotate180": np.rot90(PIXELS, 2),
    "rotate270": np.rot90(PIXELS, 1),
    "flip_x": PIXELS[::-1],
    "flip_y": PIXELS[:, ::-1],
    "flip_plus1": PIXELS.swapaxes(0, 1),
    "flip_minus1": np.rot90(PIXELS, 2).swapaxes(0, 1),
}


@pytest.fixture
def media(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    folder.mkdir()
    for name, pixels in ORIENTED.items():
        (folder / f"{name}.jpg").write_bytes(
            encoded(np.ascontiguousarray(pixels), "JPEG", quality=75)
        )
    (folder / "known.png").write_bytes(DATA)
    (folder / "other.png").write_bytes(png(photograph(92)))
    (folder / "black.png").write_bytes(png(np.zeros((64, 64, 3), dtype=np.uint8)))
    (folder / "text").write_bytes(b"text")
    (folder / "#1.png").write_bytes(DATA)
    (folder / "{a}\r\n.png").write_bytes(DATA)
    (folder / "cut.png").write_bytes(DATA[:3000])
    return folder


def answers(results: list[dict[str, Any]]) -> dict[str, Any]:
    """What must not depend on where the hashes were made."""
    return {
        item["path"]: (
            item["status"],
            item["alert"],
            [
                (m["kind"], m["algorithm"], m["distance"], m["variant"], m["variant_exact"])
                for m in item["matches"]
            ],
        )
        for item in results
    }


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["csv", "json"])
def test_lists_give_the_same_answers_as_files(
    run: Any, filled: Path, media: Path, tmp_path: Path, form: tuple[str, ...]
) -> None:
    """C12: hashed here or elsewhere, in all eight orientations."""
    files = run("check", "--db", filled, "--json", media)
    listing = tmp_path / "list"
    made = run("hash", *form, media)
    listing.write_bytes(made.out.encode("utf-8", "surrogateescape"))
    lists = run("check", "--db", filled, "--json", "--hashes", listing)
    assert answers(lists.results) == answers(files.results)
    assert (files.code, lists.code) == (1, 1)
    assert files.ledger["seen"] == lists.ledger["seen"] == 15
    by_name = {Path(path).name: answer for path, answer in answers(files.results).items()}
    for name in ORIENTED:
        status, alert, (match,) = by_name[f"{name}.jpg"]
        assert (status, alert, match[3:]) == ("MATCH", "BASELINE", (name, True))
        assert match[2] <= 8
    for name in ("known.png", "#1.png", "{a}\r\n.png"):
        assert by_name[name][0] == "MATCH"
        assert by_name[name][2][0][:2] == ("digest", "sha256")
    expected = {"other.png": "NO_MATCH", "black.png": "LOW_INFORMATION", "cut.png": "FAILED"}
    assert {name: by_name[name][0] for name in expected} == expected
    assert by_name["text"][0] == "KNOWN_IGNORABLE"


@pytest.mark.parametrize("name", ORIENTED)
def test_bare_hashes_give_the_same_status(
    run: Any, filled: Path, media: Path, tmp_path: Path, name: str
) -> None:
    made = hash_image(media / f"{name}.jpg").hashes["pdq"]
    listing = tmp_path / "list"
    listing.write_text(f"{made.hex}\n{made.hex.upper()},100\n", encoding="ascii")
    outcome = run("check", "--db", filled, "--json", "--hashes", listing)
    for item in outcome.results:
        (match,) = item["matches"]
        assert (item["status"], item["alert"]) == ("MATCH", "BASELINE")
        assert match["variant"] == name
        assert match["variant_exact"] is (name == "original")
        assert match["distance"] <= 31
    assert outcome.results[0]["path"] == made.hex


def test_text(run: Any, filled: Path, media: Path) -> None:
    outcome = run("check", "--db", filled, media / "known.png", media / "flip_y.jpg")
    assert outcome.code == 1
    lines = outcome.out.splitlines()
    assert lines[0] == f"MATCH           BASELINE {media}/known.png"
    assert lines[1].startswith("    same sha256; media ")
    assert lines[2] == "        ICSE: csam (code 1), Baseline yes, series S-1 [1]"
    assert "flip_y; media" in lines[4]
    assert outcome.err.startswith("check: 2 seen = 2 done")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--md5", digests_of(DATA).md5], 1),
        (["--sha1", digests_of(DATA).sha1, "--md5", digests_of(DATA).md5], 1),
        (["--sha256", "0" * 64], 0),
        (["--pdq", PDQ.hex], 1),
        (["--pdq", PDQ.hex, "--quality", "49"], 0),
        (["--pdq", PDQ.hex, "--quality", "49", "--min-quality", "40"], 1),
        (["--pdq", "0" * 64], 0),
    ],
)
def test_values(run: Any, filled: Path, arguments: list[str], code: int) -> None:
    outcome = run("check", "--db", filled, "--json", *arguments)
    assert outcome.code == code
    assert len(outcome.results) == outcome.ledger["seen"] == 1
    assert run("check", "--db", filled, *arguments).code == code


@pytest.mark.parametrize(
    "arguments",
    [
        ["--pdq", "zz"],
        ["--pdq", ""],
        ["--md5", ""],
        ["--md5", digests_of(DATA).sha1],
        ["--sha1", "0x12"],
        ["--pdq", PDQ.hex + "\n"],
    ],
)
def test_wrong_values(run: Any, filled: Path, arguments: list[str]) -> None:
    """S03: also an empty one, which a script gives for an unset variable."""
    outcome = run("check", "--db", filled, "--json", *arguments)
    assert outcome.code == 2
    assert "hex digits" in outcome.err
    error = outcome.json[-1]
    assert error["schema"] == "hashmatch.error/1"
    assert error["error"]["type"] == "HashFormatError"


def test_nothing_to_check(run: Any, filled: Path) -> None:
    outcome = run("check", "--db", filled)
    assert outcome.code == 2
    assert "expected PATHS" in outcome.err


@pytest.mark.parametrize("what", ["missing", "text", "folder", "empty"])
def test_databases_that_are_none(run: Any, tmp_path: Path, what: str) -> None:
    path = tmp_path / "x.db"
    if what == "text":
        path.write_text("not a database, but long enough for one", encoding="ascii")
    if what == "empty":
        path.touch()
    if what == "folder":
        path.mkdir()
    before = sorted(tmp_path.iterdir())
    outcome = run("check", "--db", path, "--json", tmp_path)
    assert outcome.code == 2
    assert str(path) in outcome.err
    assert outcome.json[0]["error"]["type"] == "DatabaseError"
    assert sorted(tmp_path.iterdir()) == before


def test_a_match_outranks_a_failure(run: Any, filled: Path, media: Path) -> None:
    assert run("check", "--db", filled, media / "cut.png").code == 2
    assert run("check", "--db", filled, media / "cut.png", media / "known.png").code == 1
    assert run("check", "--db", filled, media / "other.png").code == 0
    missing = run("check", "--db", filled, media / "missing.png")
    assert missing.code == 2
    assert "FAILED" in missing.out
    assert "No such file or directory" in missing.out


def test_bad_lines_in_a_list(run: Any, filled: Path, tmp_path: Path) -> None:
    """S04: one is refused, with its line; the others are checked."""
    listing = tmp_path / "list"
    listing.write_text(f"{PDQ.hex}\nzz\n{'0' * 32}\n{PDQ.hex}\n", encoding="ascii")
    outcome = run("check", "--db", filled, "--json", "--hashes", listing)
    assert outcome.code == 1
    schemas = [item["schema"] for item in outcome.json]
    assert schemas == [
        "hashmatch.check/1",
        "hashmatch.error/1",
        "hashmatch.error/1",
        "hashmatch.check/1",
        "hashmatch.ledger/1",
    ]
    assert outcome.ledger["failed"] == 2
    assert "line 2: " in outcome.err
    assert "line 3: " in outcome.err
    listing.write_text("zz\n", encoding="ascii")
    assert run("check", "--db", filled, "--hashes", listing).code == 2


@pytest.mark.parametrize("content", [b"\0\xff\xfe" * 1000, b'"' * 1000, b"{" * 100_000, DATA])
def test_lists_that_are_none(run: Any, filled: Path, tmp_path: Path, content: bytes) -> None:
    listing = tmp_path / "list"
    listing.write_bytes(content)
    outcome = run("check", "--db", filled, "--json", "--hashes", listing)
    assert outcome.code == 2
    assert outcome.ledger["failed"] > 0
    assert outcome.ledger["done"] == 0
    assert run("check", "--db", filled, "--hashes", tmp_path / "missing").code == 2


def test_thresholds(run: Any, filled: Path, media: Path) -> None:
    path = media / "original.jpg"
    near = Path(media / "near.jpg")
    near.write_bytes(encoded(photograph(91, 150, 200), "JPEG", quality=40))
    (value,) = run("check", "--db", filled, "--json", near).results
    distance = value["matches"][0]["distance"]
    assert distance > 0
    fast = ("--db", filled, "--json", "--level", "fast")  # where plain radii are all there is
    common = ("check", *fast, near, "--max-distance", distance - 1)
    assert run(*common).results[0]["status"] == "NO_MATCH"
    possible = run(*common, "--review-distance", distance)
    assert possible.results[0]["status"] == "POSSIBLE"
    assert possible.code == 1
    assert run(*common, "--review-distance", distance - 2).code == 2
    assert run("check", "--db", filled, "--max-distance", 257, path).code == 2
    turned = run("check", *fast, "--no-orientations", media / "flip_y.jpg")
    assert turned.results[0]["status"] == "NO_MATCH"


def actions(path: Path) -> int:
    with open_database(path, read_only=True) as database:
        return database.verify_audit()


def test_what_matched_is_logged_unless_not_wanted(run: Any, filled: Path, media: Path) -> None:
    before = actions(filled)
    assert run("check", "--db", filled, "--no-audit", media / "known.png").code == 1
    assert run("check", "--db", filled, media / "other.png").code == 0
    assert actions(filled) == before
    assert run("check", "--db", filled, media / "known.png").code == 1
    assert actions(filled) == before + 1


def test_the_environment_names_the_database(
    run: Any, filled: Path, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HASHMATCH_DB", str(filled))
    outcome = run("check", "--json", media / "known.png")
    assert outcome.code == 1
    json.dumps(outcome.results)
