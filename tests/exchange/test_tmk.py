"""TMK+PDQF files: exact bytes both ways, forged headers refused before anything is allocated."""

from __future__ import annotations

import base64
import struct
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashmatch.errors import ExchangeError
from hashmatch.exchange import open_reader, write_list
from hashmatch.exchange.tmk_file import HEADER, TmkFile, parse_tmk
from hashmatch.types import HashRecord, MediaKind

GOLDEN = Path(__file__).parents[1] / "golden" / "exchange" / "tmk" / "small.tmk"
DATA = GOLDEN.read_bytes()


def test_golden_file(read: Any) -> None:
    found = read(GOLDEN)
    (record,) = found.records
    assert found.info.format == "tmk"
    assert found.info.context == "TMK1 FVEC PDQF, 1 periods, 2 Fourier coefficients"
    assert record.kind is MediaKind.VIDEO
    (value,) = record.hashes
    assert (value.algorithm, value.bits) == ("tmk", 8192)
    assert value.value == DATA[32 + 4 + 8 : 32 + 4 + 8 + 1024]
    assert base64.b64decode(record.extra["tmk"]) == DATA


def test_fields_of_a_file() -> None:
    tmk = parse_tmk(DATA, "x")
    assert (tmk.frames_per_second, tmk.frame_count, tmk.periods) == (15, 450, (2731,))
    assert [len(part) for part in (tmk.fourier, tmk.average, tmk.cosines, tmk.sines)] == [
        *(8, 1024, 2048, 2048)
    ]
    assert tmk.fourier + tmk.average + tmk.cosines + tmk.sines == DATA[36:]
    assert tmk.to_bytes() == DATA


@given(
    st.integers(1, 3),
    st.integers(1, 3),
    st.integers(1, 1000),
    st.integers(0, 2**31 - 1),
    st.integers(0, 2**32),
)
@settings(max_examples=30)
def test_bytes_there_and_back(
    n_periods: int, n_fourier: int, rate: int, count: int, seed: int
) -> None:
    import numpy as np

    random = np.random.default_rng(seed)

    def floats(n: int) -> bytes:
        return random.standard_normal(n, dtype=np.float32).astype("<f4").tobytes()

    n = n_periods * n_fourier * 256
    periods = tuple(int(p) for p in random.integers(1, 2**31 - 1, n_periods))
    tmk = TmkFile(rate, count, periods, floats(n_fourier), floats(256), floats(n), floats(n))
    data = tmk.to_bytes()
    assert parse_tmk(data, "x") == tmk
    assert parse_tmk(data, "x").to_bytes() == data


def test_file_to_file_loses_nothing(read: Any, tmp_path: Path) -> None:
    ledger = write_list(read(GOLDEN).records, tmp_path / "out", format="tmk")
    assert (ledger.done, ledger.seen) == (1, 1)
    assert (tmp_path / "out").read_bytes() == DATA


def forged(**changes: int) -> bytes:
    names = ("rate", "periods", "fourier", "dimension", "count")
    values = dict(zip(names, struct.unpack("<5i", DATA[12:32]), strict=True)) | changes
    return DATA[:12] + struct.pack("<5i", *values.values()) + DATA[32:]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (forged(periods=2**30), "periods: expected 1 to 64, got 1073741824"),
        (forged(periods=-1), "periods: expected 1 to 64, got -1"),
        (forged(periods=0), "periods: expected 1 to 64, got 0"),
        (forged(fourier=2**30), "Fourier coefficients: expected 1 to 1024"),
        (forged(fourier=2**31 - 1, periods=2**31 - 1), "periods: expected"),
        (forged(dimension=2**30), "feature dimension: expected 256, got 1073741824"),
        (forged(dimension=64), "feature dimension: expected 256, got 64"),
        (forged(rate=0), "frames per second: expected 1 to 1000, got 0"),
        (forged(count=-5), "frame count: expected 0 or more, got -5"),
        (forged(periods=64, fourier=1024), "its header says more"),
        (forged(periods=2), "expected 9264 bytes as its header says, got a file of 5164"),
        (DATA[:-1], "got a file of 5163"),
        (DATA + b"\0", "got a file of 5165"),
        (DATA[:31], "expected a TMK header of 32 bytes, got 31"),
        (b"TMK1FEAT" + DATA[8:], "frame features, from which a fingerprint is still to be made"),
        (b"TMK1VSTR" + DATA[8:], "decoded frames of a video"),
        (b"TMK1XXXX" + DATA[8:], "expected TMK feature vectors"),
        (b"TMK1FVECPHSH" + DATA[12:], "expected PDQF frame features"),
    ],
)
def test_forged_headers(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)
    tracemalloc.start()
    try:
        with pytest.raises(ExchangeError, match=message):
            open_reader(path)
        assert tracemalloc.get_traced_memory()[1] < 2 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("bits", [0x7F800000, 0xFF800000, 0x7FC00000, 0x7F800001])
def test_numbers_that_are_not_finite(read: Any, bits: int) -> None:
    for at in (36, 44, len(DATA) - 4):
        data = DATA[:at] + struct.pack("<I", bits) + DATA[at + 4 :]
        with pytest.raises(ExchangeError, match=f"NaN or infinity at byte {at}$"):
            read(data)


def test_periods_must_be_positive(read: Any) -> None:
    with pytest.raises(ExchangeError, match="periods: expected 1 or more, got 0"):
        read(DATA[:32] + bytes(4) + DATA[36:])


def test_a_video_without_any_signal_is_a_reject(read: Any) -> None:
    found = read(DATA[:44] + bytes(1024) + DATA[1068:])
    assert [(r.reason, r.whole_record) for r in found.items] == [("no usable hash", True)]


def test_records_that_no_file_can_carry(read: Any, tmp_path: Path) -> None:
    (record,) = read(GOLDEN).records
    other = DATA[:44] + DATA[40:44] * 256 + DATA[1068:]
    records = [
        replace(record, hashes=()),
        replace(record, hashes=(), extra={}),
        replace(record, extra={}),
        replace(record, extra={"tmk": "!"}),
        replace(record, extra={"tmk": base64.b64encode(DATA[:99]).decode()}),
        replace(record, extra={"tmk": base64.b64encode(other).decode()}),
        record,
        record,
    ]
    ledger = write_list(records, tmp_path / "out", format="tmk")
    assert {reason: count for (_, reason), count in ledger.reasons.items()} == {
        "TMK fingerprint is not its hash's": 2,
        "no TMK fingerprint": 1,
        "level-1 feature only": 1,
        "TMK fingerprint damaged": 2,
        "a file of this format holds one video": 1,
    }
    assert (ledger.done, ledger.rejected) == (1, 7)
    with pytest.raises(ExchangeError, match="expected a record with a TMK fingerprint"):
        write_list(records[:6], tmp_path / "none", format="tmk")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@given(st.lists(st.tuples(st.integers(0, len(DATA) - 1), st.integers(0, 255)), max_size=4))
def test_corruption_is_another_file_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, flips: list[tuple[int, int]]
) -> None:
    data = bytearray(DATA)
    for at, byte in flips:
        data[at] = byte
    try:
        tmk = parse_tmk(bytes(data), "x")
    except ExchangeError:
        return
    assert tmk.to_bytes() == data


def test_files_of_the_reference_tool(corpus: Path, tmp_path: Path) -> None:
    paths = sorted((corpus / "video" / "tmk").glob("*.tmk"))
    assert len(paths) > 10
    for path in paths:
        with open_reader(path) as reader:
            (record,) = reader
        assert isinstance(record, HashRecord)
        assert path.stat().st_size == 263_344
        assert parse_tmk(path.read_bytes(), "x").periods == (2731, 4391, 9767, 14653)
        write_list([record], tmp_path / "out", format="tmk", overwrite=True)
        assert (tmp_path / "out").read_bytes() == path.read_bytes()
    assert HEADER.size == 32
