"""``hashmatch hash``: lists without loss, a ledger that adds up."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import Outcome
from pictures import photograph, png

from hashmatch import ORIENTATIONS, digest_bytes
from hashmatch.fingerprinting import CSV_COLUMNS, hash_image

DATA = png(photograph(81))


def rows(outcome: Outcome) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(outcome.out, newline=""), strict=True))


def test_csv(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(DATA)
    outcome = run("hash", path)
    assert outcome.code == 0
    (row,) = rows(outcome)
    assert tuple(row) == CSV_COLUMNS
    made = hash_image(path, dihedral=True)
    assert (row["path"], row["status"], row["pdq"]) == (str(path), "OK", made.hashes["pdq"].hex)
    assert row["sha256"] == digest_bytes(DATA).sha256
    assert len(row["pdq_orientations"].split()) == len(ORIENTATIONS) - 1
    assert outcome.err == "hash: 1 seen = 1 done + 0 low-information + 0 rejected + 0 failed\n"


def test_json(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(DATA)
    outcome = run("hash", "--json", path)
    (values,) = outcome.results
    schema = values.pop("schema")
    assert schema == "hashmatch.hash/1"
    assert values == hash_image(path, dihedral=True).to_dict()
    assert outcome.ledger["seen"] == outcome.ledger["done"] == 1


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """D14, D16: names say nothing; no item may stop the run."""
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "jpeg.HEIC").write_bytes(DATA)
    (folder / "no_extension").write_bytes(DATA)
    (folder / "empty.png").write_bytes(b"")
    (folder / "text.png").write_bytes(b"ten bytes.")
    (folder / "clip.mp4").write_bytes(b"\0\0\0\x20ftypisom\0\0\2\0")
    (folder / "cut.png").write_bytes(DATA[:2000])
    (folder / "black.png").write_bytes(png(np.zeros((99, 99, 3), dtype=np.uint8)))
    (folder / "tiny.png").write_bytes(png(np.zeros((4, 4, 3), dtype=np.uint8)))
    (folder / "folder.jpg").mkdir()
    os.mkfifo(folder / "pipe.jpg")
    (folder / "link.jpg").symlink_to(folder / "jpeg.HEIC")
    return folder


def test_a_folder_of_everything(run: Any, mixed: Path) -> None:
    outcome = run("hash", mixed)
    statuses = {Path(row["path"]).name: row["status"] for row in rows(outcome)}
    assert statuses == {
        "jpeg.HEIC": "OK",
        "no_extension": "OK",
        "empty.png": "EMPTY",
        "text.png": "UNSUPPORTED",
        "clip.mp4": "CORRUPT",
        "cut.png": "CORRUPT",
        "black.png": "LOW_INFORMATION",
        "tiny.png": "TOO_SMALL",
    }
    assert outcome.code == 2  # one is broken
    first, *reasons = outcome.err.splitlines()
    assert first == "hash: 10 seen = 2 done + 2 low-information + 4 rejected + 2 failed"
    assert "  rejected: symbolic link: 1" in reasons
    assert "  rejected: not a regular file: 1" in reasons
    for broken in ("image/png", "video"):
        assert any(line.startswith(f"  failed: CORRUPT: {broken}") for line in reasons)


def test_the_same_in_json(run: Any, mixed: Path) -> None:
    outcome = run("hash", "--json", mixed)
    assert outcome.code == 2
    ledger = outcome.ledger
    counts = [ledger[name] for name in ("done", "low_information", "rejected", "failed")]
    assert counts == [2, 2, 4, 2]
    assert ledger["seen"] == sum(counts) == len(outcome.results) + 2
    assert sum(reason["count"] for reason in ledger["reasons"]) == ledger["seen"] - ledger["done"]
    by_name = {Path(item["name"]).name: item for item in outcome.results}
    assert by_name["clip.mp4"]["kind"] == "video"
    assert by_name["cut.png"]["sha256"] == digest_bytes(DATA[:2000]).sha256
    assert all(item["reason"] for item in outcome.results if item["status"] != "OK")


def test_a_black_picture_alone(run: Any, tmp_path: Path) -> None:
    """C13: said to be of low information, no traceback. Nothing failed: code 0, as design.md."""
    path = tmp_path / "black.png"
    path.write_bytes(png(np.zeros((99, 99, 3), dtype=np.uint8)))
    outcome = run("hash", path)
    assert rows(outcome)[0]["status"] == "LOW_INFORMATION"
    assert "1 low-information" in outcome.err
    assert outcome.code == 0


def test_named_paths_that_are_no_files(run: Any, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    outcome = run("hash", pipe, tmp_path / "missing", "x" * 300, os.devnull)
    found = [(row["status"], row["reason"]) for row in rows(outcome)]
    assert found == [
        ("UNSUPPORTED", "not a regular file: pipe"),
        ("VANISHED", "No such file or directory"),
        ("UNREADABLE", "File name too long"),
        ("UNSUPPORTED", "not a regular file: character device"),
    ]
    assert outcome.code == 2


def test_files_that_vanish_or_are_forbidden(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C06."""
    for name in ("a", "b", "c"):
        (tmp_path / name).write_bytes(DATA)
    real = os.open

    def opened(path: Any, *rest: Any, **more: Any) -> int:
        if str(path).endswith("/a"):
            Path(path).unlink()
        if str(path).endswith("/b"):
            raise PermissionError(13, "Permission denied", path)
        return real(path, *rest, **more)

    monkeypatch.setattr(os, "open", opened)
    outcome = run("hash", tmp_path)
    assert [(row["status"], row["reason"]) for row in rows(outcome)] == [
        ("VANISHED", "No such file or directory"),
        ("PERMISSION", "Permission denied"),
        ("OK", ""),
    ]
    assert outcome.code == 2
    assert "  failed: PERMISSION: Permission denied: 1" in outcome.err


def test_nothing_to_hash(run: Any) -> None:
    outcome = run("hash")
    assert (outcome.code, outcome.out) == (2, "")
    assert "expected at least one file or folder" in outcome.err


def test_a_picture_without_a_decoder_is_a_failure(run: Any, tmp_path: Path) -> None:
    """It is a picture, and it was not hashed: never a success in silence."""
    heic = tmp_path / "picture"
    heic.write_bytes(b"\x00\x00\x00\x0c" + b"jP  \r\n\x87\n" + bytes(40))
    assert run("hash", str(heic)).code == 2
