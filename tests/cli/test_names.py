"""C05: any name that a file system gives; and the media are not touched."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path
from typing import Any

import pytest
from command import completed, environment
from known_media import digests_of, record
from pictures import photograph, png

from hashmatch.database import open_database

DATA = png(photograph(131, 64, 64))
NAMES = [
    b"\xe4\xf6\xfc.png",
    b"line\nbreak.png",
    b"carriage\rreturn.png",
    b"-leading.png",
    b"--json",
    b"$(touch owned).png",
    b"`touch owned`;.png",
    b"quotes'\".png",
    b'"',
    b"comma,semi;tab\t.png",
    b"#hash.png",
    b"{brace}.png",
    b"=cmd|' calc'!A0.png",
    b"\x1b[2J\x1b]0;owned\x07.png",
    "\u202egnp.exe".encode(),
    "\u2028separator\u0085next.png".encode(),
    "\u00e4\u65e5\u672c.png".encode(),
    b"x" * 255,
    b" ",
]


@pytest.fixture
def media(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "media"
    folder.mkdir()
    for name in NAMES:
        (folder / os.fsdecode(name)).write_bytes(DATA)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def filled(db: Path) -> Path:
    with open_database(db) as database:
        database.import_records([record("1", digests_of(DATA))], source="Z\u00fcrich")
    return db


def as_bytes(names: Any) -> list[bytes]:
    return sorted(os.fsencode(name) for name in names)


def test_lists_carry_names_without_loss(run: Any, media: Path) -> None:
    expected = sorted(b"./" + name for name in NAMES)
    made = run("hash", ".")
    assert made.code == 0
    rows = csv.DictReader(io.StringIO(made.out, newline=""), strict=True)
    assert as_bytes(row["path"] for row in rows) == expected
    values = run("hash", "--json", ".")
    assert values.out.isascii()
    assert as_bytes(item["name"] for item in values.results) == expected


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["csv", "json"])
def test_lists_of_names_are_checked(
    run: Any, media: Path, filled: Path, tmp_path: Path, form: tuple[str, ...]
) -> None:
    """Named one by one, as a shell's * would: some begin as options, comments or JSON do."""
    listing = tmp_path / "list"
    made = run("hash", *form, "--", *map(os.fsdecode, NAMES))
    listing.write_bytes(made.out.encode("utf-8", "surrogateescape"))
    checked = run("check", "--db", filled, "--json", "--hashes", listing)
    assert checked.code == 1
    assert as_bytes(item["path"] for item in checked.results) == sorted(NAMES)
    assert {item["status"] for item in checked.results} == {"MATCH"}
    assert checked.ledger["seen"] == len(NAMES)


def test_what_people_read_is_printable(run: Any, media: Path, filled: Path) -> None:
    outcome = run("check", "--db", filled, ".")
    assert outcome.code == 1
    for line in outcome.out.split("\n"):
        assert line.isprintable(), line
    assert outcome.out.count("MATCH ") == len(NAMES)
    assert "./line\\nbreak.png" in outcome.out
    assert "./\\udce4\\udcf6\\udcfc.png" in outcome.out
    assert "./\\u202egnp.exe" in outcome.out


def test_under_a_locale_without_unicode(media: Path, filled: Path) -> None:
    made = completed("hash", "--json", ".", env=ascii_environment())
    assert made.code == 0
    assert as_bytes(item["name"] for item in made.results) == sorted(b"./" + n for n in NAMES)
    assert completed("hash", "--in-process", ".", env=ascii_environment()).code == 0
    checked = completed("check", "--db", filled, "--in-process", ".", env=ascii_environment())
    assert checked.code == 1
    assert "Z\\xfcrich: csam" in checked.out
    missing = completed("check", "--db", "\u00e4.db", ".", env=ascii_environment())
    assert missing.code == 2
    assert "there is no such database" in missing.err


def ascii_environment() -> dict[str, str]:
    return {**environment(), "LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def state(folder: Path) -> dict[str, tuple[int, ...]]:
    """Everything below a folder, but the time of the last reading."""
    found: dict[str, tuple[int, ...]] = {}
    for path in [folder, *folder.rglob("*")]:
        told = path.lstat()
        found[str(path)] = (
            *(told.st_ino, told.st_mode, told.st_size, told.st_nlink),
            *(told.st_mtime_ns, told.st_ctime_ns),
        )
    return found


def test_media_are_not_touched(run: Any, media: Path, filled: Path, tmp_path: Path) -> None:
    """Nothing is written, created, or reached through a link."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.png").write_bytes(png(photograph(132)))
    (media / "link").symlink_to(outside)
    (media / "file").symlink_to(outside / "secret.png")
    os.mkfifo(media / "pipe")
    before = state(media), state(outside)
    for arguments in (("hash",), ("hash", "--json"), ("check", "--db", filled)):
        outcome = run(*arguments, media)
        assert "2 symbolic link" in outcome.err.replace("symbolic link: 2", "2 symbolic link")
        assert "secret" not in outcome.out
    assert (state(media), state(outside)) == before
    assert not (media / "owned").exists()
    # A link that was named is followed.
    named = run("hash", "--json", media / "file")
    assert named.results[0]["status"] == "OK"
