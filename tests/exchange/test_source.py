"""The bytes under every reader: encodings and packings in which lists come, and bombs."""

from __future__ import annotations

import gzip
import io
import tracemalloc
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hashmatch.errors import ExchangeError, UnknownFormatError
from hashmatch.exchange import open_reader
from hashmatch.exchange.decoding import (
    MARK_OF_UTF16_BEFORE_UTF8,
    XML_DECLARES_UTF16,
    decode_text,
    find_encoding,
)
from hashmatch.exchange.source import Source

LISTS = ["vics_2_0_full.json", "icse_2022.csv"]


def zipped(data: bytes, *, folder: bool = True) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        if folder:
            archive.writestr("folder/", b"")
        archive.writestr("folder/list", data)
    return file.getvalue()


def content(path: Path) -> bytes:
    source = Source(path)
    try:
        return b"".join(iter(lambda: source.read(1000), b""))
    finally:
        source.close()


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: b"\xff\xfe" + data,
        lambda data: b"\xff\xfe" + data.decode().encode("utf-16-le"),
        lambda data: b"\xfe\xff" + data.decode().encode("utf-16-be"),
        lambda data: data.decode().encode("utf-16-le"),
        lambda data: data.decode().encode("utf-16-be"),
        gzip.compress,
        zipped,
        lambda data: gzip.compress(b"\xff\xfe" + data.decode().encode("utf-16-le")),
    ],
)
def test_one_list_in_every_encoding_and_packing(
    read: Any, golden: Path, name: str, change: Callable[[bytes], bytes]
) -> None:
    data = (golden / name).read_bytes()
    changed = change(data)
    found, expected = read(changed), read(data)
    assert found.items == expected.items
    assert found.info == expected.info
    mark = changed.startswith(b"\xff\xfe") and b"\0" not in changed
    assert found.warnings - expected.warnings == Counter(
        {MARK_OF_UTF16_BEFORE_UTF8: 1} if mark else {}
    )


def test_text_of_every_script_survives_utf16(tmp_path: Path) -> None:
    text = '{"value":["' + "\u00e9\u0416\u4e2d\U0001f600\ud83d" * 999 + '"]}'
    (tmp_path / "list").write_bytes(text.encode("utf-16-le", "surrogatepass"))
    assert content(tmp_path / "list") == text.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize(
    "data",
    [
        b"SQLite format 3\0" + bytes(100),
        b"HASH\r\n\xff\0" + bytes(100),
        b"TMK1FVECPDQF" + bytes(100),
        bytes(range(256)),
        b"\0\0\0\0\0\0\0\1" * 20,
        b"\xff\xfe" + bytes(range(256)),
        b"\xff\xfe",
        b"a\0",
        b"\x1f\x8b",
        b"PK\x03\x04",
    ],
)
def test_bytes_that_are_no_text_come_out_as_they_are(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "list").write_bytes(data)
    assert content(tmp_path / "list") == data


def test_an_archive_of_several_files_is_no_list(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "list", "w") as archive:
        archive.writestr("one", b"1")
        archive.writestr("two", b"2")
    assert content(tmp_path / "list") == (tmp_path / "list").read_bytes()
    with pytest.raises(UnknownFormatError, match="PK"):
        open_reader(tmp_path / "list")


@pytest.mark.parametrize("pack", [gzip.compress, zipped])
def test_bomb_ends_after_some_megabytes(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    zeros = zlib.compressobj(wbits=31)
    (tmp_path / "list").write_bytes(
        b"".join(zeros.compress(bytes(1 << 20)) for _ in range(64)) + zeros.flush()
        if pack is gzip.compress
        else zipped(bytes(64 << 20))
    )
    source = Source(tmp_path / "list")
    tracemalloc.start()
    try:
        with pytest.raises(ExchangeError, match="expected at most 100 bytes unpacked"):
            any(len(block) > 1 << 16 for block in iter(lambda: source.read(1 << 16), b""))
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()
        source.close()
    assert source.bytes_read <= 1 << 20


@pytest.mark.parametrize("pack", [gzip.compress, zipped])
@pytest.mark.parametrize("name", LISTS)
def test_damage_inside_a_packed_list_is_a_typed_error(
    tmp_path: Path, golden: Path, pack: Callable[[bytes], bytes], name: str
) -> None:
    packed = pack((golden / name).read_bytes())
    for at in range(0, len(packed), 7):
        damaged = bytearray(packed)
        damaged[at] ^= 0x55
        (tmp_path / "list").write_bytes(damaged)
        try:
            with open_reader(tmp_path / "list") as reader:
                assert list(reader)
        except ExchangeError:
            pass
    (tmp_path / "list").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(ExchangeError):
        list(open_reader(tmp_path / "list"))


def test_an_encrypted_archive(tmp_path: Path) -> None:
    data = bytearray(zipped(b"x" * 100, folder=False))
    for at in (6, data.index(b"PK\x01\x02") + 8):
        data[at] |= 1
    (tmp_path / "list").write_bytes(data)
    with pytest.raises(ExchangeError, match="can't unpack"):
        open_reader(tmp_path / "list")


def test_xml_whose_declaration_lies_or_no_longer_holds(tmp_path: Path) -> None:
    text = '<?xml version="1.0" encoding="utf-16"?>\r\n<ReportIndex>\u00e9</ReportIndex>'
    plain = '<?xml version="1.0"?>\r\n<ReportIndex>\u00e9</ReportIndex>'.encode()
    for data, warned in (
        (text.encode(), {XML_DECLARES_UTF16: 1}),
        (text.encode("utf-16"), {}),
        (text.encode("utf-16-be"), {}),
    ):
        (tmp_path / "list").write_bytes(data)
        source = Source(tmp_path / "list")
        assert source.read(1000) == plain
        assert source.warnings == warned
        source.close()


def test_encodings_of_a_few_bytes() -> None:
    assert not find_encoding(b"{").changes
    assert not find_encoding(b"").changes
    assert find_encoding(b"\xff\xfe{}").skip == 2
    assert find_encoding(b'{\0"\0').utf16 == "utf-16-le"
    assert find_encoding(b'\0{\0"').utf16 == "utf-16-be"


def test_old_windows_text() -> None:
    warnings: Counter[str] = Counter()
    assert decode_text("\u00e9\u20ac".encode(), warnings) == "\u00e9\u20ac"
    assert not warnings
    assert decode_text(b"caf\xe9 \x80", warnings) == "caf\u00e9 \u20ac"
    assert decode_text(b"\x81\xe9", warnings) == "\x81\u00e9"
    assert warnings == {"text is not UTF-8, read as windows-1252": 2}
