"""Paths that lists give: a file below the list's folder, or a refusal. Never a file elsewhere."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashmatch.errors import ExchangeError, InputTypeError
from hashmatch.exchange import resolve_media_path


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A list with media beside it, and what it must not reach around it."""
    folder = tmp_path / "case"
    (folder / "Files" / "47").mkdir(parents=True)
    (folder / "Files" / "47" / "A.jpg").write_bytes(b"hashmatch sample 1\n")
    (folder / "list.json").write_text("{}")
    (tmp_path / "secret.txt").write_text("outside")
    (tmp_path / "case-2").mkdir()
    (tmp_path / "case-2" / "A.jpg").write_text("outside")
    return folder / "list.json"


@pytest.mark.parametrize(
    "relative",
    [
        "Files\\47\\A.jpg",
        "Files/47/A.jpg",
        "Files\\47/A.jpg",
        ".\\Files\\.\\47\\\\A.jpg",
        "files\\47\\a.JPG",
        "FILES/47/A.JPG",
    ],
)
def test_a_file_below_the_folder(case: Path, relative: str) -> None:
    assert resolve_media_path(case, relative) == (case.parent / "Files/47/A.jpg").resolve()
    assert resolve_media_path(str(case), relative).read_bytes() == b"hashmatch sample 1\n"


@pytest.mark.parametrize(
    ("relative", "why"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("/etc/passwd", "absolute"),
        ("\\Windows\\x.jpg", "absolute"),
        ("\\\\server\\share\\x.jpg", "another machine"),
        ("//server/share/x.jpg", "another machine"),
        ("\\\\?\\C:\\x.jpg", "another machine"),
        ("\\/server/x.jpg", "another machine"),
        ("C:\\x.jpg", "on a drive"),
        ("c:x.jpg", "on a drive"),
        ("Files\\47\\A.jpg:zone", "alternate stream"),
        ("Files\\47\\A.jpg::$DATA", "alternate stream"),
        ("..\\secret.txt", "upwards"),
        ("Files/../../secret.txt", "upwards"),
        ("Files/../list.json", "upwards"),
        ("Files\\.. \\..\\secret.txt", "upwards"),
        ("Files\\...\\secret.txt", "upwards"),
        ("Files\\47\\A.jpg\0.txt", "control character"),
        ("Files\n\\47", "control character"),
        ("Files\\NUL", "a device"),
        ("con.jpg", "a device"),
        (".", "a folder"),
        ("Files\\47\\", "a folder"),
        ("Files\\47", "no regular file"),
        ("Files\\48\\A.jpg", "no such file"),
        ("list.json\\A.jpg", "no such file"),
        ("x" * 40_000, "longer than"),
        ("y" * 300, "can't find"),
        ("\ud800.jpg", "can't find|no such file"),
    ],
)
def test_any_other_path_is_refused(case: Path, relative: str, why: str) -> None:
    with pytest.raises(ExchangeError, match=why) as refused:
        resolve_media_path(case, relative)
    assert len(str(refused.value)) < 700


def test_a_link_inside_is_followed_and_one_that_leads_out_is_not(case: Path) -> None:
    folder = case.parent
    (folder / "inside").symlink_to(folder / "Files")
    (folder / "file").symlink_to("Files/47/A.jpg")
    (folder / "outside").symlink_to("..")
    (folder / "neighbour").symlink_to("../case-2")
    (folder / "Files" / "leak.jpg").symlink_to("/etc/hostname")
    (folder / "dangling").symlink_to("nowhere")
    (folder / "circle").symlink_to("circle")
    target = (folder / "Files/47/A.jpg").resolve()
    assert resolve_media_path(case, "inside\\47\\a.jpg") == target
    assert resolve_media_path(case, "FILE") == target
    for name in ("outside\\secret.txt", "OUTSIDE\\secret.txt", "neighbour\\A.jpg"):
        with pytest.raises(ExchangeError, match="leads out"):
            resolve_media_path(case, name)
    for name in ("Files\\leak.jpg", "dangling", "circle", "circle\\x", "dangling\\x"):
        with pytest.raises(ExchangeError, match=r"leads out|can't find|circle"):
            resolve_media_path(case, name)


def test_the_folder_is_the_one_that_was_named(case: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "delivery"
    elsewhere.mkdir()
    (elsewhere / "list.json").symlink_to(case)
    with pytest.raises(ExchangeError, match="no such file"):
        resolve_media_path(elsewhere / "list.json", "Files\\47\\A.jpg")
    (elsewhere / "case").symlink_to(case.parent)
    assert resolve_media_path(elsewhere / "case" / "list.json", "Files\\47\\A.jpg").is_file()


def test_names_that_differ_in_case_only(case: Path) -> None:
    folder = case.parent
    (folder / "B.jpg").touch()
    (folder / "b.JPG").touch()
    if len(list(folder.glob("[bB].*"))) < 2:
        pytest.skip("the file system does not tell case")
    assert resolve_media_path(case, "b.JPG").name == "b.JPG"
    with pytest.raises(ExchangeError, match="2 names fit"):
        resolve_media_path(case, "b.jpg")


def test_accents_of_another_system(case: Path) -> None:
    (case.parent / unicodedata.normalize("NFD", "Für.jpg")).touch()
    found = resolve_media_path(case, unicodedata.normalize("NFC", "für.jpg"))
    assert found.is_file()


def test_special_files_are_refused(case: Path) -> None:
    os.mkfifo(case.parent / "pipe")
    with pytest.raises(ExchangeError, match="no regular file"):
        resolve_media_path(case, "pipe")


@pytest.mark.parametrize("arguments", [(None, "x"), (b"x", "x"), ("x", b"x"), ("x", None)])
def test_wrong_types(arguments: Any) -> None:
    with pytest.raises(InputTypeError):
        resolve_media_path(*arguments)


def test_a_list_that_is_nowhere(tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match="can't find"):
        resolve_media_path(tmp_path / "missing" / "list.json", "x.jpg")


PIECES = st.sampled_from(
    [
        "..",
        ".",
        "/",
        "\\",
        "Files",
        "47",
        "A.jpg",
        "secret.txt",
        "case-2",
        " ",
        ":",
        "c:",
        "\0",
        "~",
    ]
)


@given(st.lists(PIECES, max_size=9).map("".join))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_nothing_outside_is_ever_reached(
    tmp_path_factory: pytest.TempPathFactory, relative: str
) -> None:
    root = tmp_path_factory.getbasetemp() / "root"
    folder = root / "case"
    (folder / "Files" / "47").mkdir(parents=True, exist_ok=True)
    (folder / "Files" / "47" / "A.jpg").touch()
    (root / "secret.txt").touch()
    try:
        found = resolve_media_path(folder / "list.json", relative)
    except ExchangeError:
        return
    assert found.is_relative_to(folder.resolve())
