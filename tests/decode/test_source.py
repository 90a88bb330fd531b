"""Sources: paths, bytes, file objects. D16: nothing blocks, nothing foreign is raised."""

from __future__ import annotations

import io
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from hashmatch.decode import open_source, read_blocks, source_name
from hashmatch.errors import InputError, InputTypeError, UnsupportedMediaError


def content(source: object) -> bytes:
    with open_source(source) as stream:  # type: ignore[arg-type]
        return b"".join(read_blocks(stream))


def test_whatever_holds_bytes(tmp_path: Path) -> None:
    path = tmp_path / "medium"
    path.write_bytes(b"some bytes")
    for source in (path, str(path), b"some bytes", bytearray(b"some bytes")):
        assert content(source) == b"some bytes"
    assert content(memoryview(b"_s_o_m_e_ _b_y_t_e_s")[1::2]) == b"some bytes"
    assert content(io.BytesIO(b"some bytes")) == b"some bytes"
    with path.open("rb") as file:
        assert content(file) == b"some bytes"
        assert not file.closed


@pytest.mark.parametrize("source", [None, 5, 3.5, ["path"], {"path"}, object()])
def test_whatever_else(source: object) -> None:
    with pytest.raises(InputTypeError, match="path, bytes or a binary file"):
        content(source)


@pytest.mark.parametrize("text", ["", "text"])
def test_text_files(text: str, tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text(text, encoding="utf-8")
    with path.open(encoding="utf-8") as file, pytest.raises(InputTypeError, match="str"):
        content(file)
    with pytest.raises(InputTypeError, match="str"):
        content(io.StringIO(text))


@pytest.mark.parametrize("path", ["a\0b", "\ud800"])
def test_paths_that_no_file_can_have(path: str) -> None:
    with pytest.raises(InputError, match="path of a file"):
        content(path)


def test_closed_file() -> None:
    stream = io.BytesIO(b"bytes")
    stream.close()
    with pytest.raises(InputError, match="closed"):
        content(stream)


def test_a_stream_that_has_nothing_yet() -> None:
    """Its first bytes must not be taken for all of it."""
    reader, writer = os.pipe2(os.O_NONBLOCK)
    try:
        os.write(writer, b"first bytes")
        with os.fdopen(reader, "rb", buffering=0) as stream, pytest.raises(InputTypeError):
            content(stream)
    finally:
        os.close(writer)


@pytest.fixture
def bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("s")
        yield tmp_path / "s"


def test_what_is_no_regular_file(tmp_path: Path, bound: Path) -> None:
    pipe = tmp_path / "b.jpg"
    os.mkfifo(pipe)
    folder = tmp_path / "a.jpg"
    folder.mkdir()
    named = {
        "pipe": pipe,
        "directory": folder,
        "socket": bound,
        "character device": Path(os.devnull),
    }
    for name, path in named.items():
        with pytest.raises(UnsupportedMediaError, match=f"not a regular file: {name}"):
            content(path)
    link = tmp_path / "link.jpg"
    link.symlink_to(pipe)
    with pytest.raises(UnsupportedMediaError, match="pipe"):
        content(link)


def test_a_file_that_becomes_a_pipe_does_not_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the question what it is and the opening, an adversary may exchange it."""
    path = tmp_path / "medium"
    path.write_bytes(b"regular")
    regular = path.stat()
    path.unlink()
    os.mkfifo(path)
    monkeypatch.setattr(os, "stat", lambda *_, **__: regular)
    with pytest.raises(UnsupportedMediaError, match="pipe"):
        content(path)


def test_missing_files_are_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        content(tmp_path / "missing")


def test_names(tmp_path: Path) -> None:
    path = tmp_path / "medium"
    path.write_bytes(b"")
    assert source_name(path) == source_name(str(path)) == str(path)
    with path.open("rb") as file:
        assert source_name(file) == str(path)
    assert source_name(b"bytes") is None
    with os.fdopen(os.open(path, os.O_RDONLY), "rb") as unnamed:
        assert source_name(unnamed) is None
