"""Outputs appear together, the same each time, and changes to them are found."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hashmatch.errors import ExchangeError, InputError, InputTypeError
from hashmatch.report import OUTPUTS, ReportModel, Review, verify_manifest, write_report

MakeModel = Callable[..., ReportModel]


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_manifest_lists_every_output(make_model: MakeModel, tmp_path: Path) -> None:
    done = write_report(make_model(), tmp_path / "new" / "out")
    found = tree(tmp_path / "new" / "out")
    assert set(found) == {*OUTPUTS, "manifest.json"}
    manifest = json.loads(found["manifest.json"])
    assert manifest["schema"] == "hashmatch.report/1"
    assert manifest["files"] == [
        {"path": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in sorted(found.items())
        if name != "manifest.json"
    ]
    assert manifest["evidence"]["started_at"] == "2026-03-01T08:30:00+00:00"
    assert manifest["evidence"]["command_line"] == ["hashmatch", "scan", "disk"]
    assert manifest["ledger"]["seen"] == 7
    assert done.manifest_sha256 == hashlib.sha256(found["manifest.json"]).hexdigest()
    assert (done.n_groups, done.n_matches, done.n_review) == (2, 1, 2)
    assert all(path.stat().st_mode & 0o077 == 0 for path in done.folder.iterdir())
    checked = verify_manifest(done.folder)
    assert checked.sound
    assert checked.n_files == len(OUTPUTS)
    assert checked.manifest_sha256 == done.manifest_sha256
    assert checked.unlisted == ()


def test_the_same_model_gives_the_same_bytes(make_model: MakeModel, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_report(make_model(), tmp_path / name)
    assert tree(tmp_path / "a") == tree(tmp_path / "b")


def test_changes_are_found(make_model: MakeModel, tmp_path: Path) -> None:
    write_report(make_model(), tmp_path)
    (tmp_path / "report.html").write_bytes((tmp_path / "report.html").read_bytes() + b" ")
    data = bytearray((tmp_path / "groups.csv").read_bytes())
    data[40] ^= 1
    (tmp_path / "groups.csv").write_bytes(data)
    (tmp_path / "matches.csv").unlink()
    real = tmp_path / "elsewhere"
    (tmp_path / "review.csv").rename(real)
    (tmp_path / "review.csv").symlink_to(real)
    (tmp_path / "review.jsonl").unlink()
    os.mkfifo(tmp_path / "review.jsonl")
    checked = verify_manifest(tmp_path)
    assert not checked.sound
    assert checked.altered == ("groups.csv", "report.html", "review.csv", "review.jsonl")
    assert checked.missing == ("matches.csv",)
    assert checked.unlisted == ("elsewhere",)


def test_outputs_of_others(make_model: MakeModel, tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "case.json").write_bytes(b"{}")
    done = write_report(make_model(), tmp_path, also=["lists/case.json"])
    assert "lists/case.json" in [file.path for file in done.files]
    assert verify_manifest(tmp_path).unlisted == ()
    (tmp_path / "lists" / "case.json").write_bytes(b"[]")
    assert verify_manifest(tmp_path).altered == ("lists/case.json",)
    for name, error, message in (
        ("no.json", ExchangeError, "No such file"),
        ("../x", ExchangeError, "below the folder"),
        ("/etc/passwd", ExchangeError, "below the folder"),
        ("lists", ExchangeError, "regular file"),
        ("report.html", InputError, "report itself"),
    ):
        with pytest.raises(error, match=message):
            write_report(make_model(), tmp_path, also=[name], overwrite=True)


@pytest.mark.parametrize("there", [*OUTPUTS, "pages", "manifest.json"])
def test_nothing_is_overwritten_unasked(make_model: MakeModel, tmp_path: Path, there: str) -> None:
    (tmp_path / there).write_bytes(b"mine")
    with pytest.raises(ExchangeError, match=f"{there}: it is there already"):
        write_report(make_model(), tmp_path)
    assert tree(tmp_path) == {there: b"mine"}


def test_what_appears_meanwhile_is_not_overwritten(make_model: MakeModel, tmp_path: Path) -> None:
    def slow() -> Any:
        (tmp_path / "matches.csv").write_bytes(b"mine")
        yield from ()

    with pytest.raises(ExchangeError, match="it is there already"):
        write_report(make_model(review=slow()), tmp_path)
    assert tree(tmp_path) == {"matches.csv": b"mine"}
    assert len(list(tmp_path.iterdir())) == 1


def test_overwriting_replaces_all_and_leaves_the_rest(
    make_model: MakeModel, make_file: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "catalogue.sqlite").write_bytes(b"kept")
    many = [Review(make_file(n), "why") for n in range(450)]
    write_report(make_model(review=many), tmp_path)
    (tmp_path / "pages" / "notes.txt").write_bytes(b"mine")
    assert len(list((tmp_path / "pages").iterdir())) == 4
    write_report(make_model(), tmp_path, overwrite=True)
    assert [p.name for p in (tmp_path / "pages").iterdir()] == ["notes.txt"]
    checked = verify_manifest(tmp_path)
    assert checked.sound
    assert checked.unlisted == ("catalogue.sqlite", "pages/notes.txt")
    write_report(make_model(), tmp_path / "fresh")
    for name in OUTPUTS:
        assert (tmp_path / name).read_bytes() == (tmp_path / "fresh" / name).read_bytes()


def test_pages_behind_a_link_are_not_written(
    make_model: MakeModel, make_file: Callable[..., Any], tmp_path: Path
) -> None:
    elsewhere, out = tmp_path / "elsewhere", tmp_path / "out"
    elsewhere.mkdir()
    (elsewhere / "groups-00001.html").write_bytes(b"mine")
    out.mkdir()
    (out / "pages").symlink_to(elsewhere)
    many = [Review(make_file(n), "why") for n in range(450)]
    with pytest.raises(ExchangeError, match="its folder is a link"):
        write_report(make_model(review=many), out, overwrite=True)
    assert tree(elsewhere) == {"groups-00001.html": b"mine"}


def test_a_full_disk_leaves_nothing(
    make_model: MakeModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ExchangeError, match="No space left"):
        write_report(make_model(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written(make_model: MakeModel, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ExchangeError, match="can't write the report in"):
        write_report(make_model(), tmp_path / "file" / "out")
    with pytest.raises(InputTypeError, match="folder"):
        write_report(make_model(), 3)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"schema": "other/1", "files": []}',
        '{"schema": "hashmatch.report/1", "files": [{"path": "../x", "size": 1, "sha256": "%s"}]}',
        '{"schema": "hashmatch.report/1", "files": [{"path": "/x", "size": 1, "sha256": "%s"}]}',
        '{"schema": "hashmatch.report/1", "files": [{"path": "", "size": 1, "sha256": "%s"}]}',
        '{"schema": "hashmatch.report/1", "files": [{"path": 3, "size": 1, "sha256": "%s"}]}',
        '{"schema": "hashmatch.report/1", "files": [{"path": "x", "size": "1", "sha256": "%s"}]}',
        '{"schema": "hashmatch.report/1", "files": [{"path": "x", "size": 1, "sha256": "AB"}]}',
        "[" * 100_000,
    ],
)
def test_manifests_that_are_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text.replace("%s", "0" * 64), encoding="utf-8")
    with pytest.raises(ExchangeError, match="no manifest of a report"):
        verify_manifest(tmp_path)


def test_no_manifest(tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match="can't read"):
        verify_manifest(tmp_path)
