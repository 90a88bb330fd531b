"""One status for each way in which a file can fail; a hash is only ever absent with a reason."""

from __future__ import annotations

import errno
import io
import os
import socket
import struct
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from pictures import encoded, photograph, png, png_chunk

from hashmatch.decode import Limits
from hashmatch.errors import MediaAccessError, MediaTimeoutError
from hashmatch.fingerprinting import FingerprintStatus, access_status, examine_image, hash_image
from hashmatch.fingerprinting import reading as reading_room
from hashmatch.hashing import digest_bytes
from hashmatch.types import Digests

DATA = png(photograph(91))


def place(folder: Path, name: str, data: bytes = DATA) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_the_statuses_are_these() -> None:
    assert {status.value for status in FingerprintStatus} == {
        *("OK", "TRUNCATED", "LOW_INFORMATION", "TOO_SMALL", "UNSUPPORTED", "CORRUPT", "LIMIT"),
        *("TIMEOUT", "CRASHED", "EMPTY", "VANISHED", "PERMISSION", "UNREADABLE"),
        *("PARTIAL", "NO_VIDEO"),
    }


@pytest.mark.parametrize("isolate", [False, True])
def test_files_without_a_picture(tmp_path: Path, isolate: bool) -> None:
    """D16."""
    os.mkfifo(tmp_path / "b.jpg")
    (tmp_path / "a.jpg").mkdir()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "c.jpg"))
    found = {
        path.name: examine_image(path, isolate=isolate)
        for path in (
            *(tmp_path / name for name in ("a.jpg", "b.jpg", "c.jpg", "missing.jpg")),
            place(tmp_path, "empty.jpg", b""),
            place(tmp_path, "text.png", b"ten bytes."),
        )
    }
    listener.close()
    statuses = {name: made.status.value for name, made in found.items()}
    assert statuses == {
        **dict.fromkeys(("a.jpg", "b.jpg", "c.jpg", "text.png"), "UNSUPPORTED"),
        "empty.jpg": "EMPTY",
        "missing.jpg": "VANISHED",
    }
    assert all(made.reason and not made.hashes for made in found.values())
    assert found["text.png"].digests == digest_bytes(b"ten bytes.")
    assert found["missing.jpg"].digests == Digests()


@pytest.mark.parametrize("name", ["photo.HEIC", "photo.jpg", "photo", "photo.jpeg", "photo.txt"])
@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_types_by_content(tmp_path: Path, name: str, format: str) -> None:
    """D14."""
    made = examine_image(place(tmp_path, name, encoded(photograph(92), format)))
    assert (made.status, made.mime) == (FingerprintStatus.OK, f"image/{format.lower()}")


@pytest.mark.parametrize(
    ("number", "status"),
    [
        (errno.ENOENT, FingerprintStatus.VANISHED),
        (errno.ENOTDIR, FingerprintStatus.VANISHED),
        (errno.ESTALE, FingerprintStatus.VANISHED),
        (errno.EACCES, FingerprintStatus.PERMISSION),
        (errno.EPERM, FingerprintStatus.PERMISSION),
        (errno.EIO, FingerprintStatus.UNREADABLE),
        (None, FingerprintStatus.UNREADABLE),
    ],
)
def test_access(number: int | None, status: FingerprintStatus) -> None:
    assert access_status(number) is status


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """C06; a stand-in for the system, which lets the superuser read anything."""
    path = place(tmp_path, "a.png")

    def refused(*_: Any, **__: Any) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", refused)
    made = examine_image(path)
    assert (made.status, made.reason) == (FingerprintStatus.PERMISSION, "Permission denied")
    with pytest.raises(MediaAccessError) as caught:
        hash_image(path)
    assert caught.value.errno == errno.EACCES


def test_a_disk_that_fails_while_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(_: object) -> Any:
        yield DATA[:100]
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(reading_room, "read_blocks", failing)
    made = examine_image(io.BytesIO(DATA))
    assert (made.status, made.reason) == (FingerprintStatus.UNREADABLE, "Input/output error")
    assert made.digests == Digests()


def bombs() -> dict[str, bytes]:
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header)
    gif = bytearray(encoded(photograph(1, 16, 16), "GIF"))
    gif[6:10] = b"\xff\xff\xff\xff"
    return {
        "png 60000 x 60000": start + png_chunk(b"IDAT", b"x" * 1000),
        "gif 65535 x 65535": bytes(gif),
    }


@pytest.mark.parametrize("isolate", [False, True])
@pytest.mark.parametrize("name", bombs())
def test_bombs(name: str, isolate: bool) -> None:
    """D11: the parent's memory stays where it was."""
    data = bombs()[name]
    examine_image(DATA, isolate=isolate)
    before = psutil.Process().memory_info().rss
    made = examine_image(data, isolate=isolate)
    assert made.status is FingerprintStatus.LIMIT
    assert made.digests == digest_bytes(data)
    assert psutil.Process().memory_info().rss - before < 8 << 20


def test_a_decoder_that_takes_too_long() -> None:
    """A real one: more seconds of a codec's work than it is given."""
    pixels = photograph(93, 1500, 2000)
    data = encoded(pixels, "JPEG2000")
    limits = Limits(max_seconds=0.05)
    started = time.monotonic()
    made = examine_image(data, limits=limits, isolate=True)
    assert time.monotonic() - started < 30
    assert made.status is FingerprintStatus.TIMEOUT
    assert made.digests == digest_bytes(data)
    with pytest.raises(MediaTimeoutError, match=r"0\.05 s"):
        hash_image(data, limits=limits, isolate=True)


def test_a_picture_for_which_memory_does_not_suffice() -> None:
    data = encoded(photograph(94, 3000, 4000), "JPEG")
    small = Limits(max_memory=16 << 20)
    made = examine_image(data, limits=small, isolate=True)
    assert made.status is FingerprintStatus.LIMIT
    assert hash_image(data, isolate=True).status is FingerprintStatus.OK
