"""The base and the short version of ``benchmarks/bench_check.py --levels``."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pytest
from pictures import photograph


@pytest.fixture(autouse=True)
def benchmarks_are_importable(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(root))


def test_replicas_are_60_to_90_bits_from_a_hash_and_have_as_many_bits_set() -> None:
    from benchmarks.check_base import replicas

    rng = np.random.default_rng(4)
    hashes = np.packbits(rng.random((3, 256)).argsort(axis=1) < 128, axis=1)
    made = np.concatenate(list(replicas(hashes, 500, np.random.default_rng(5))))
    again = np.concatenate(list(replicas(hashes, 500, np.random.default_rng(5))))
    assert np.array_equal(made, again)
    assert (np.unpackbits(made, axis=1).sum(axis=1) == 128).all()
    bits = np.unpackbits(made[:, None] ^ hashes[None], axis=2).sum(axis=2).min(axis=1)
    assert bits.min() == 60
    assert bits.max() == 90


def test_parts_are_hashes_of_pictures_with_information() -> None:
    from benchmarks.check_base import part_hashes

    pictures = [photograph(number, 120, 160) for number in range(2)]
    made = part_hashes(pictures, 20, np.random.default_rng(6))
    assert made.shape == (20, 32)
    assert len({row.tobytes() for row in made}) > 15


def test_crowds_are_about_their_picture() -> None:
    from benchmarks.check_adversary import CROWDS, N_CROWDED
    from hashmatch import pdq

    for crowd in CROWDS:
        first = next(crowd.hashes(np.random.default_rng(7)))
        assert len(first) * crowd.centres == N_CROWDED
        bits = np.unpackbits(first ^ pdq(crowd.picture(0))[0], axis=1).sum(axis=1)
        assert (bits.min(), bits.max()) == crowd.flips


def test_a_short_run_finds_what_is_known_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmarks import check_queries
    from benchmarks.check_levels import level_costs

    monkeypatch.setattr(check_queries, "corpus_paths", list)
    given = argparse.Namespace(entries=300, growth=False, queries=2, rounds=1, uploads=0)
    report = level_costs(given)
    assert report["pictures"] == "synthetic pictures"
    (found,) = report["sizes"]
    assert found["entries"] == 302
    assert [row["answers as wanted"] for row in found["levels"]] == [2] * 7
    spent = {(row["level"], row["finds"]): row["comparisons a query"] for row in found["levels"]}
    assert spent["fast", "nothing"] == spent["standard", "plain copy"] == 8 * 302
    assert spent["thorough", "nothing"] > spent["standard", "nothing"] > 100 * 302
