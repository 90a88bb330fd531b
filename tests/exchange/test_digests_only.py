"""Digests as arrays: the same digests as the records have, and every row accounted for."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from golden_lists import GOLDEN_LISTS
from list_files import (
    EMPTY_MD5,
    MD5_A,
    MD5_B,
    SHA256_A,
    make_kdb,
    make_nsrl_full,
    make_nsrl_minimal,
)

from hashmatch.errors import ExchangeError, InputError
from hashmatch.exchange import open_reader
from hashmatch.exchange.digests_only import ROWS, digest_blocks
from hashmatch.exchange.sqlite_list import BATCH
from hashmatch.types import HashRecord

Row = tuple[Any, ...]


def digests(path: Path, algorithm: str, **options: Any) -> tuple[list[str], Any]:
    with digest_blocks(path, algorithm, **options) as blocks:
        arrays = list(blocks)
    for array in arrays:
        assert array.dtype == np.uint8
        assert array.ndim == 2
        assert array.flags.c_contiguous
        assert 0 < len(array) <= ROWS
    found = [row.tobytes().hex() for array in arrays for row in array]
    assert blocks.given == len(found)
    assert blocks.seen == blocks.given + sum(blocks.refused.values())
    return found, blocks


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256"])
@pytest.mark.parametrize("row", [pytest.param(row, id=row.path) for row in GOLDEN_LISTS])
def test_same_as_the_records(read: Any, row: Any, algorithm: str) -> None:
    records = read(row.file, **row.options).records
    expected = [r.digests.__getattribute__(algorithm) for r in records]
    found, _ = digests(row.file, algorithm, **row.options)
    assert found == [digest for digest in expected if digest is not None]


def many(count: int) -> list[Row]:
    return [
        (f"{n:064X}", f"{n:040X}", f"{n:032X}", f"file {n}", n, n % 7) for n in range(1, count + 1)
    ]


@pytest.mark.parametrize("make", [make_nsrl_minimal, make_nsrl_full])
@pytest.mark.parametrize("count", [0, 1, BATCH - 1, BATCH, BATCH + 1, 2 * BATCH])
def test_block_boundaries(tmp_path: Path, make: Callable[..., Path], count: int) -> None:
    path = make(tmp_path / "x.db", many(count))
    found, blocks = digests(path, "sha1")
    assert found == [f"{n:040x}" for n in range(1, count + 1)]
    assert blocks.seen == count


BROKEN: dict[str, tuple[list[Any], dict[str, int]]] = {
    "absent": ([MD5_A, None, MD5_B], {"no such digest": 1}),
    "empty": ([MD5_A, "", MD5_B], {"no such digest": 1}),
    "longer and shorter by one": (
        [MD5_A + "0", MD5_B[1:]],
        {"md5 length": 1, "md5 too short, opened in a spreadsheet?": 1},
    ),
    "two rows in one": ([MD5_A + MD5_B, "", MD5_B], {"md5 length": 1, "no such digest": 1}),
    "blanks": ([MD5_A[:-2] + "  ", MD5_B], {"md5 too short, opened in a spreadsheet?": 1}),
    "no digits": (["x" * 32, MD5_B], {"md5 characters": 1}),
    "digits of other scripts": (["\u0661" * 32, MD5_B], {"md5 characters": 1}),
    "a number": ([12345678901234567, MD5_B], {"md5 length": 1}),
    "a zero inside": (["a" * 16 + "\0" + "a" * 15, MD5_B], {"md5 characters": 1}),
    "not worth": (
        [EMPTY_MD5, "0" * 32, "F" * 32, MD5_B],
        {"md5 of empty input": 1, "md5 all zero": 1, "md5 all F": 1},
    ),
}


@pytest.mark.parametrize("make", [make_nsrl_minimal, make_nsrl_full])
@pytest.mark.parametrize(("values", "refused"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_rows_do_not_shift_the_others(
    tmp_path: Path, make: Callable[..., Path], values: list[Any], refused: dict[str, int]
) -> None:
    rows = [(SHA256_A, None, value, "f.x", 1, 1) for value in values]
    found, blocks = digests(make(tmp_path / "x.db", rows), "md5")
    assert set(found) <= {MD5_A, MD5_B}
    assert found[-1:] == [MD5_B] or values[-1] != MD5_B
    assert dict(blocks.refused) == refused


def test_bytes_are_no_digits(tmp_path: Path) -> None:
    rows = [(None, None, v, "f", 1, 1) for v in (b"\x01" * 16, b"\xff" * 32, MD5_B)]
    found, blocks = digests(make_nsrl_minimal(tmp_path / "x.db", rows), "md5")
    assert found == [MD5_B]
    assert blocks.refused == {"md5 characters": 2}


def test_rows_with_gaps_and_negative_numbers(tmp_path: Path) -> None:
    path = make_nsrl_minimal(tmp_path / "x.db", [])
    connection = sqlite3.connect(path)
    for rowid in (-(2**63), -5, 0, 7, 2**62, 2**63 - 1):
        connection.execute(
            "INSERT INTO FILE(rowid, md5) VALUES (?, ?)", (rowid, f"{rowid % 2**64 + 1:032x}")
        )
    connection.commit()
    connection.close()
    found, _ = digests(path, "md5")
    assert len(set(found)) == 6


def test_kdb(tmp_path: Path) -> None:
    rows: list[Row] = [(n, n.to_bytes(16, "big"), None, None) for n in range(1, 100)]
    rows += [(200, bytes.fromhex(EMPTY_MD5), None, None), (300, b"short", None, None)]
    found, blocks = digests(make_kdb(tmp_path / "x.kdb", rows), "md5")
    assert found == [f"{n:032x}" for n in range(1, 100)]
    assert blocks.refused == {"md5 of empty input": 1, "md5 length": 1}


def test_wrong_algorithm_and_format(tmp_path: Path, golden: Path) -> None:
    with pytest.raises(InputError, match="algorithm: expected one of md5, sha1, sha256, got 'pdq'"):
        digest_blocks(golden / "nsrl/minimal.db", "pdq")
    with pytest.raises(ExchangeError):
        digest_blocks(tmp_path / "missing", "md5")


def test_closing_early_closes_the_file(golden: Path) -> None:
    with digest_blocks(golden / "nsrl/minimal.db", "md5") as blocks:
        assert len(next(iter(blocks))) == 3
    assert list(blocks) == []


@pytest.mark.parametrize("make", [make_nsrl_minimal, make_kdb])
def test_an_index_that_says_other_things_is_not_asked(
    tmp_path: Path, make: Callable[..., Path]
) -> None:
    """Whoever damages an index could hide what the table says."""
    digest, other = bytes(range(1, 17)), bytes(range(2, 18))
    stored: Any = digest if make is make_kdb else digest.hex().upper()
    row = (1, stored, None, None) if make is make_kdb else (None, None, stored, "f", 1, 1)
    path = make(tmp_path / "x.db", [row])
    connection = sqlite3.connect(path)
    connection.execute(f"CREATE INDEX more ON {'hashes' if make is make_kdb else 'FILE'}(md5)")
    connection.close()
    data = path.read_bytes()
    replacement = other if make is make_kdb else other.hex().upper().encode()
    given = digest if make is make_kdb else stored.encode()
    places = [n for n in range(len(data)) if data.startswith(given, n)]
    assert len(places) >= 2
    for kept in places:
        changed = bytearray(data)
        for place in places:
            if place != kept:
                changed[place : place + len(given)] = replacement
        path.write_bytes(changed)
        with open_reader(path) as reader:
            records = [item.digests.md5 for item in reader if isinstance(item, HashRecord)]
        assert digests(path, "md5")[0] == records
