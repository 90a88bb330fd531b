"""open_reader, open_writer: detection by content, clear refusals, and light imports."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hashmatch.errors import ExchangeError, InputError, InputTypeError, UnknownFormatError
from hashmatch.exchange import open_reader, open_writer

GOLDEN = {
    "vics_2_0_minimal.json": "vics-2.0",
    "vics_2_0_full.json": "vics-2.0",
    "vics_2_0_cases.json": "vics-2.0",
    "vics_1_3_media.json": "vics-1.3",
    "vics_1_2_nist_caid.json": "vics-1.2",
    "icse_2022.csv": "icse-csv",
}


@pytest.mark.parametrize(("name", "format"), GOLDEN.items())
def test_detected_by_content_whatever_the_name(
    read: Any, golden: Path, tmp_path: Path, name: str, format: str
) -> None:
    disguised = tmp_path / ("list.csv" if name.endswith("json") else "list.json")
    disguised.write_bytes((golden / name).read_bytes())
    found = read(disguised)
    assert found.info.format == format
    assert found.items == read(golden / name, format=format).items
    assert found.items == read(golden / name, format=format.split("-")[0]).items


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n" + b"\0" * 64,
        b"{}",
        b'{"value":[]}',
        b'{"value":[{"hash":"x"}]}',
        b"[1]",
        b"MD5;SHA1\n",
        b"hello",
        b"\n \n",
        b"\xff\xfe{\0}\0",
        b"PK\x03\x04",
        b"{" * 1000,
    ],
)
def test_unknown_format_says_what_it_saw(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "list.json"
    path.write_bytes(data)
    with pytest.raises(
        UnknownFormatError, match=r"expected one of icse-csv, vics-1\.0.*saw b"
    ) as e:
        open_reader(path)
    seen = b"{}" if data.startswith(b"\xff\xfe") else data[:32]  # what it is in UTF-8
    assert repr(seen) in str(e.value)


def test_what_is_no_list(tmp_path: Path) -> None:
    empty = tmp_path / "empty.json"
    empty.touch()
    os.mkfifo(tmp_path / "pipe")
    for path, message in [
        (empty, "no bytes"),
        (tmp_path, "got a directory"),
        (tmp_path / "missing", "No such file"),
        (tmp_path / "pipe", "got a special file"),
    ]:
        with pytest.raises(ExchangeError, match=message):
            open_reader(path)
    with pytest.raises(InputTypeError, match="expected str or PathLike, got int"):
        open_reader(5)  # type: ignore[arg-type]


def test_wrong_names(tmp_path: Path, golden: Path) -> None:
    with pytest.raises(InputError, match=r"format: expected one of auto, icse, .*got 'vics-9'"):
        open_reader(golden / "icse_2022.csv", format="vics-9")
    with pytest.raises(InputError, match=r"format: expected one of .*vics-2\.0.*got 'vics-9'"):
        open_writer(tmp_path / "x", format="vics-9")


def test_a_forced_format_is_tried_and_fails_with_its_own_words(golden: Path) -> None:
    with pytest.raises(ExchangeError, match="malformed JSON"):
        open_reader(golden / "icse_2022.csv", format="vics")
    with pytest.raises(ExchangeError, match="expected a header line"):
        open_reader(golden / "vics_2_0_full.json", format="icse")


@pytest.mark.parametrize("name", ["vics_2_0_full.json", "icse_2022.csv"])
def test_contract_of_every_reader(golden: Path, name: str) -> None:
    path = golden / name
    with open_reader(path) as reader:
        assert reader.total_bytes == path.stat().st_size
        info = reader.info
        records = list(reader)
        assert records
        assert reader.bytes_read == reader.total_bytes
        assert reader.info is info
        with pytest.raises(InputError, match="one pass"):
            list(reader)
    closed = open_reader(path)
    closed.close()
    closed.close()
    with pytest.raises(InputError, match="before it is closed"):
        list(closed)


def test_progress_grows_while_reading(tmp_path: Path) -> None:
    path = tmp_path / "list"
    media = ",".join(f'{{"MD5":"{n:032x}"}}' for n in range(1, 20_000))
    path.write_text(f'{{"value":[{media}]}}')
    with open_reader(path) as reader:
        seen = [reader.bytes_read for _ in reader]
    assert seen == sorted(seen)
    assert 0 < seen[0] < seen[10_000] < seen[-1] == path.stat().st_size


def test_importing_loads_nothing_heavy() -> None:
    code = (
        "import sys, hashmatch.exchange; "
        "print([m for m in ('ijson', 'sqlalchemy', 'hashmatch.exchange.vics_tokens', "
        "'hashmatch.exchange.vics_write') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
