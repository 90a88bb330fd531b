"""Counts that a hostile list can't blow up."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest

from hashmatch.errors import ExchangeError
from hashmatch.exchange import tallies
from hashmatch.exchange.tallies import OTHERS, KeyTally, NamedCounts


@pytest.mark.parametrize("held", [1 << 20, 1_000, 7])
def test_different_keys(monkeypatch: pytest.MonkeyPatch, held: int) -> None:
    """In memory and over files: the same number as a set has."""
    monkeypatch.setattr(tallies, "_HELD", held)
    numbers = random.Random(3)
    keys = [(str(numbers.randrange(4_000)), None) for _ in range(5_000)]
    with KeyTally() as tally:
        assert tally.distinct() == 0
        for number, key in enumerate(keys, start=1):
            tally.add(key)
            if number in (1, 2_500):
                assert tally.distinct() == len(set(keys[:number]))
        assert (tally.added, tally.distinct()) == (5_000, len(set(keys)))


def test_files_go_with_the_tally(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tallies, "_HELD", 2)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with KeyTally() as tally:
        for number in range(5):
            tally.add(number)
        assert tally.distinct() == 5
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with KeyTally() as tally:
        tally.add(1)
        with pytest.raises(ExchangeError, match="temporary file"):
            tally.add(2)


def test_names_are_bounded() -> None:
    counts = NamedCounts()
    for number in range(1_000):
        counts.add(f"name {number}")
    counts.add("name 3")
    assert len(counts) == NamedCounts.LIMIT + 1
    assert counts["name 3"] == 2
    assert counts[OTHERS] == 1_000 - NamedCounts.LIMIT
    counts = NamedCounts()
    counts.add("x" * 5_000)
    counts.add("x" * 5_000)
    assert [(len(name), count) for name, count in counts.items()] == [(NamedCounts.LENGTH + 1, 2)]
