"""An external sort gives what sorting in memory gives, and holds no more than it may."""

from __future__ import annotations

import random
import tempfile
import tracemalloc
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from list_strategies import records

from hashmatch.errors import ExchangeError
from hashmatch.exchange import sort_key, sorted_records
from hashmatch.exchange.sorting import MAX_RUNS
from hashmatch.types import Digests, HashRecord, HashValue, Label, Opinion


def record(number: int, key: str = "") -> HashRecord:
    return HashRecord(
        record_key=key or f"\udce4{number}",
        position=number + 1,
        digests=Digests(
            md5=f"{number % 7 + 1:032x}" if number % 5 else None, sha1=f"{number:040x}"
        ),
        opinion=Opinion("s", "1", Label.CSAM, tags=("a",)),
        hashes=(HashValue("pdq", bytes(range(32)), 80),),
        extra={"name": "\udcff\0"},
    )


@pytest.fixture
def shuffled() -> list[HashRecord]:
    records = [record(number) for number in range(1, 2_000)]
    random.Random(6).shuffle(records)
    return records


@pytest.mark.parametrize("max_weight", [1, 5_000, 100_000, 1 << 30])
def test_the_order_is_that_of_the_key(shuffled: list[HashRecord], max_weight: int) -> None:
    """With a weight of 1 every record is a run: far more runs than are merged at once."""
    assert len(shuffled) > 10 * MAX_RUNS
    found = list(sorted_records(iter(shuffled), max_weight=max_weight))
    assert found == sorted(shuffled, key=sort_key)


@pytest.mark.parametrize("max_weight", [1, 10_000, 1 << 30])
def test_records_of_one_key_stay_in_order(max_weight: int) -> None:
    same = [
        HashRecord("k", n, Digests(sha1="ab" * 20), Opinion("s", str(n), Label.CSAM))
        for n in (5, 3, 9, 1, 7, 3)
    ]
    assert list(sorted_records(same, max_weight=max_weight)) == same


@pytest.mark.parametrize("records", [[], [record(3)]])
def test_few_records(records: list[HashRecord]) -> None:
    assert list(sorted_records(records)) == records


def test_memory_is_bounded() -> None:
    def stream() -> Iterator[HashRecord]:
        for number in range(8_000):
            yield record(number * 7_919 % 20_011 + 1)

    def peak(max_weight: int) -> int:
        tracemalloc.start()
        try:
            before = tracemalloc.get_traced_memory()[0]
            assert sum(1 for _ in sorted_records(stream(), max_weight=max_weight)) == 8_000
            return tracemalloc.get_traced_memory()[1] - before
        finally:
            tracemalloc.stop()

    assert peak(2 << 20) < 4 << 20
    assert peak(1 << 30) > 7 << 20  # or the bound above would prove nothing


def test_no_file_is_left(
    shuffled: list[HashRecord], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    stream = sorted_records(shuffled, max_weight=10_000)
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there(
    shuffled: list[HashRecord], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with pytest.raises(ExchangeError, match="temporary file"):
        next(sorted_records(shuffled, max_weight=1))


@given(st.lists(records(), max_size=12))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_a_record_comes_back_as_it_was(given_records: list[HashRecord]) -> None:
    found = list(sorted_records(given_records, max_weight=1))
    assert found == sorted(given_records, key=sort_key)


def test_every_attribute_comes_back() -> None:
    """A field that is added later and forgotten in ``sorting`` fails here."""
    names = [field.name for field in fields(HashRecord)]
    assert names == [
        *("record_key", "position", "digests", "opinion", "kind", "mime", "size", "hashes"),
        *("extra", "rejects", "seen_at"),
    ]


def test_what_no_reader_gives_out_is_not_changed() -> None:
    bad = HashRecord("k", 1, Digests(md5="0" * 32), Opinion("s", None, Label.CSAM))
    assert list(sorted_records([bad, bad], max_weight=1)) == [bad, bad]
