"""The walk in bytes: roots looked at first, one order, links and repeated folders told."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashmatch.errors import InputError, InputTypeError, MediaAccessError
from hashmatch.scan import Entry, ItemStatus, checked_roots, entries
from hashmatch.scan.evidence import ChangedError, Identity, open_file
from hashmatch.scan.roots import RootPath

ODD_NAMES = (
    b"\xe4 latin-1",
    b"new\nline",
    b"-rf",
    b"$(touch x)`y`",
    b"'single' \"double\"",
    b" ",
    b"\\backslash",
    b"\x1b[31mred",
    "\N{SNOWMAN} e\N{COMBINING ACUTE ACCENT}".encode(),
    b"n" * 255,
)


def listed(*roots: Path) -> list[Entry]:
    return list(entries(checked_roots(roots)))


def test_every_item_once_in_the_order_of_bytes(tmp_path: Path) -> None:
    for name in ("b", "a", "sub/z", "sub/deep/y", "sub-/x", "Z"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    found = listed(tmp_path)
    assert [entry.path for entry in found] == [b"Z", b"a", b"b", b"sub/z", b"sub/deep/y", b"sub-/x"]
    status = (tmp_path / "sub/z").stat()
    assert found[3].identity == Identity(status.st_dev, status.st_ino, 5, status.st_mtime_ns)
    assert {entry.root for entry in found} == {os.fsencode(tmp_path)}
    assert found[3].full_path == os.fsencode(tmp_path / "sub/z")


def test_odd_names_are_kept_byte_by_byte(tmp_path: Path) -> None:
    """C05: nothing is decoded, nothing goes through a shell."""
    for name in ODD_NAMES:
        (tmp_path / os.fsdecode(name)).touch()
    assert [entry.path for entry in listed(tmp_path)] == sorted(ODD_NAMES)


@settings(max_examples=40)
@given(st.binary(min_size=1, max_size=40).filter(lambda n: not set(n) & {0, 47} and n.strip(b".")))
def test_any_name_that_a_file_can_have(
    tmp_path_factory: pytest.TempPathFactory, name: bytes
) -> None:
    folder = tmp_path_factory.mktemp("names")
    (folder / os.fsdecode(name)).touch()
    assert [entry.path for entry in listed(folder)] == [name]


def test_links_and_what_is_no_file(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (outside / "secret").write_bytes(b"x")
    (inside / "a").write_bytes(b"x")
    os.link(inside / "a", inside / "b")
    for name, target in (("c", outside), ("d", inside), ("e", tmp_path / "nothing"), ("f", "a")):
        (inside / name).symlink_to(target)
    os.mkfifo(inside / "g")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(inside / "h"))
        found = {entry.path.decode(): entry for entry in listed(inside)}
    assert {name: entry.reason for name, entry in found.items()} == {
        "a": None,
        "b": None,
        **dict.fromkeys("cdef", "symbolic link"),
        **dict.fromkeys("gh", "not a regular file"),
    }
    assert {found[name].status for name in "cdefgh"} == {ItemStatus.SKIPPED}
    assert found["a"].identity == found["b"].identity
    assert found["a"].links == found["b"].links == 2


def test_a_folder_met_again_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a bind mount of a folder within itself makes it; here by what stat says."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "file").write_bytes(b"x")
    real = os.stat

    def stat(path: bytes, **how: Any) -> os.stat_result:
        return real(tmp_path / "a" if path == b"b" else path, **how)

    roots = checked_roots([tmp_path])
    monkeypatch.setattr(os, "stat", stat)
    found = list(entries(roots))
    assert [(entry.path, entry.reason) for entry in found] == [
        (b"a/file", None),
        (b"a/b", "folder seen already"),
    ]


def test_a_root_may_be_a_file_or_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "x").write_bytes(b"1")
    (tmp_path / "folder").symlink_to("real")
    (tmp_path / "file").symlink_to("real/x")
    assert [(e.root, e.path) for e in listed(tmp_path / "folder")] == [
        (os.fsencode(tmp_path / "folder"), b"x")
    ]
    (entry,) = listed(tmp_path / "file")
    assert (entry.path, entry.status, entry.identity.size) == (b"", None, 1)
    assert entry.full_path == os.fsencode(tmp_path / "file")


def test_roots_in_one_order_whatever_was_given(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    given_so: list[RootPath] = [
        tmp_path / "b",
        os.fsencode(tmp_path / "a"),
        str(tmp_path / "b") + "/",
    ]
    assert checked_roots(given_so) == tuple(os.fsencode(tmp_path / n) for n in ("a", "b"))
    assert checked_roots(["/"]) == (b"/",)


def test_roots_that_can_not_be(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "link").symlink_to("a")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="at least one"):
        checked_roots([])
    with pytest.raises(InputTypeError, match="several paths"):
        checked_roots(str(tmp_path))
    with pytest.raises(InputTypeError, match="expected paths, got int"):
        checked_roots([3])  # type: ignore[list-item]
    with pytest.raises(InputError, match="lies within"):
        checked_roots([tmp_path, tmp_path / "a"])
    with pytest.raises(InputError, match="lies within"):
        checked_roots([tmp_path / "link", tmp_path])
    with pytest.raises(InputError, match="neither a folder nor a file"):
        checked_roots([tmp_path / "pipe"])
    with pytest.raises(InputError, match="can't be the path"):
        checked_roots(["a\0b"])
    with pytest.raises(MediaAccessError, match=r"missing: No such file") as raised:
        checked_roots([tmp_path / "missing"])
    assert raised.value.errno == 2
    assert checked_roots([tmp_path / "a", tmp_path / "link"]) == (os.fsencode(tmp_path / "a"),)


def test_what_was_listed_is_what_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"one")
    (entry,) = listed(tmp_path)
    with open_file(entry.full_path, entry.identity) as stream:
        assert stream.read() == b"one"
    with path.open("ab") as file:
        file.write(b"more")
    with pytest.raises(ChangedError, match="not the file"):
        open_file(entry.full_path, entry.identity)
    (tmp_path / "y").write_bytes(b"two")
    path.unlink()
    path.symlink_to("y")
    with pytest.raises(ChangedError, match="symbolic link"):
        open_file(entry.full_path, entry.identity)
    path.unlink()
    with pytest.raises(FileNotFoundError):
        open_file(entry.full_path, entry.identity)
