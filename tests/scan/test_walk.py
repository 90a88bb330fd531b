"""The walk: every item once, no link followed, nothing opened, nothing changed."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hashmatch.scan import Found, walk


def fill(root: Path) -> None:
    for name in ("b.jpg", "a.jpg", "sub/c.jpg", "sub/deeper/d.jpg", "z/e.jpg"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def test_files_of_folders_in_the_order_of_their_bytes(tmp_path: Path) -> None:
    fill(tmp_path)
    found = list(walk([str(tmp_path)]))
    names = ["a.jpg", "b.jpg", "sub/c.jpg", "sub/deeper/d.jpg", "z/e.jpg"]
    assert found == [Found(str(tmp_path / name)) for name in names]
    assert list(walk([str(tmp_path / "z"), str(tmp_path / "a.jpg")])) == [
        Found(str(tmp_path / "z/e.jpg")),
        Found(str(tmp_path / "a.jpg")),
    ]


def test_links_are_told_and_not_followed(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    fill(outside)
    inside.mkdir()
    (inside / "file").symlink_to(outside / "a.jpg")
    (inside / "folder").symlink_to(outside)
    (inside / "dead").symlink_to(tmp_path / "nothing")
    (inside / "loop").symlink_to(inside)
    found = {Path(item.path).name: item for item in walk([str(inside)])}
    assert set(found) == {"file", "folder", "dead", "loop"}
    assert {item.skipped for item in found.values()} == {"symbolic link"}


def test_roots_were_named_and_may_be_links(tmp_path: Path) -> None:
    fill(tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "file").symlink_to(tmp_path / "real" / "a.jpg")
    assert len(list(walk([str(tmp_path / "link")]))) == 5
    assert list(walk([str(tmp_path / "file")])) == [Found(str(tmp_path / "file"))]


def test_what_is_no_regular_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """D16: a pipe in a folder is not opened."""
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.jpg")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.jpg")
        found = list(walk(["."]))
    assert [(item.path, item.skipped) for item in found] == [
        ("./pipe.jpg", "not a regular file"),
        ("./socket.jpg", "not a regular file"),
    ]


def test_folders_that_can_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """C06; by a stand-in, since root may read everything."""
    fill(tmp_path)
    real = os.scandir

    def scandir(path: str) -> object:
        if path.endswith("sub"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = list(walk([str(tmp_path)]))
    assert [item for item in found if item.failed] == [
        Found(str(tmp_path / "sub"), failed="Permission denied")
    ]
    assert len(found) == 4


@pytest.mark.parametrize("root", ["missing", "x" * 300, "a/" * 3000])
def test_roots_that_are_not_there(root: str) -> None:
    """Whoever opens them gets the reason."""
    assert list(walk([root])) == [Found(root)]


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    """1,200 folders within each other, a file in the last one."""
    start = Path.cwd()
    os.chdir(tmp_path)
    for _ in range(1200):
        Path("d").mkdir()
        os.chdir("d")
    Path("x.jpg").write_bytes(b"")
    os.chdir(tmp_path)
    yield tmp_path
    os.chdir(start)
    # What pytest removes it with is recursive.
    subprocess.run(["rm", "-rf", str(tmp_path / "d")], check=True)


def test_a_tree_deeper_than_the_recursion_limit(deep: Path) -> None:
    (found,) = walk(["."])
    assert found == Found("./" + "d/" * 1200 + "x.jpg")
