"""Impostor pairs of one's own pictures: who is compared with whom, and what is left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pictures import encoded, photograph, png

from hashmatch.decode import DEFAULT_LIMITS
from hashmatch.errors import CorruptMediaError, InputError
from hashmatch.fingerprinting import View, examine_image, hash_image
from hashmatch.index import HammingIndex
from hashmatch.matching import Level, distinct, own_impostors
from hashmatch.matching.calibration_collect import Collect, Collected, halves, impostors
from hashmatch.matching.calibration_own import collector, registering
from hashmatch.matching.calibration_pictures import part_hashes, query_views
from hashmatch.matching.calibration_sample import COMPLETE_TO

Register = Callable[[HammingIndex], Collect]


@pytest.fixture
def paths(tmp_path: Path) -> list[str]:
    found = []
    for k in range(8):
        path = tmp_path / f"{k}.png"
        path.write_bytes(png(photograph(500 + k, 96, 128)))
        found.append(str(path))
    return found


def telling(told: list[HammingIndex], distances: dict[int, float]) -> Register:
    """A registration that gives the same distances for every query."""

    def make(index: HammingIndex) -> Collect:
        told.append(index)

        def collect(views: Sequence[View], /) -> Collected:
            assert views[0].kind == "whole"
            return Collected(distances, 11)

        return collect

    return make


def test_every_query_meets_every_entry(paths: list[str]) -> None:
    told: list[HammingIndex] = []
    register = telling(told, {0: 50.0, 3: 61.5, 4: COMPLETE_TO + 0.1})
    done: list[int] = []
    found = impostors(
        paths,
        register,
        views="trims",
        n_entries=12,
        n_copies=3,
        seed=4,
        isolate=False,
        advance=done.append,
    )
    sample = found.sample
    assert len(told[0]) == len(sample.entries) == 12
    assert done == list(range(1, 9))
    assert (sample.n_pairs, sample.n_groups, sample.n_placements) == (4 * 3 * 12, 4, 11)
    assert sorted(sample.adjusted.tolist()) == [50.0] * 12 + [61.5] * 12
    assert sorted(sample.groups.tolist()) == sorted([0, 1, 2, 3] * 6)
    queries, others = halves(8, 4)
    assert found.queries == tuple(paths[k] for k in queries)
    assert sorted([*queries, *others]) == list(range(8))
    # Three parts of each entry's picture: number 0 is of the first, number 3 of the second.
    expected = sorted(
        (at, paths[k], paths[others[n]]) for at, n in ((50.0, 0), (61.5, 1)) for k in queries
    )
    assert [(one.adjusted, one.query, one.entry) for one in found.nearest] == expected


def test_the_seed_decides(paths: list[str]) -> None:
    def entries(seed: int) -> bytes:
        told: list[HammingIndex] = []
        register = telling(told, {})
        impostors(paths, register, views="trims", n_entries=8, n_copies=1, seed=seed, isolate=False)
        return told[0].hashes(np.arange(8)).tobytes()

    assert entries(1) == entries(1)
    assert entries(1) != entries(2)


def test_pictures_that_fail_or_say_nothing(paths: list[str]) -> None:
    queries, others = halves(8, 0)
    Path(paths[queries[0]]).write_bytes(b"\x89PNG\r\n\x1a\n broken")
    Path(paths[others[0]]).unlink()
    Path(paths[others[1]]).write_bytes(png(np.full((90, 90, 3), 200, np.uint8)))
    found = impostors(paths, telling([], {}), views="trims", n_entries=4, n_copies=1, isolate=False)
    assert set(found.failed) == {paths[queries[0]], paths[others[0]]}
    assert found.failed[paths[others[0]]].startswith("MediaAccessError: ")
    assert found.unused == (paths[others[1]],)
    assert (found.sample.n_groups, len(found.sample.entries)) == (3, 2)
    assert found.nearest == ()


def test_too_few_pictures(paths: list[str]) -> None:
    def collected(chosen: list[str]) -> None:
        impostors(chosen, telling([], {}), views="none", n_entries=4, isolate=False)

    with pytest.raises(InputError, match="at least 4"):
        collected(paths[:3])
    for half, what in ((1, "entries"), (0, "queries")):
        for k in halves(8, 0)[half]:
            Path(paths[k]).write_bytes(b"")
        with pytest.raises(InputError, match=f"expected {what} that say enough"):
            collected(paths)
        for k in halves(8, 0)[half]:
            Path(paths[k]).write_bytes(png(photograph(500 + int(k), 96, 128)))


def test_copies_are_no_impostors() -> None:
    pictures = [photograph(k) for k in (61, 62)]
    turned = np.ascontiguousarray(np.rot90(pictures[0]))
    shown: list[Any] = [pictures[0], pictures[1], encoded(pictures[1], "JPEG", quality=40), turned]
    assert distinct([hash_image(one, dihedral=True) for one in shown]) == [True, True, False, False]
    assert distinct([]) == []


def test_parts_are_hashes_of_the_picture(tmp_path: Path) -> None:
    data = png(photograph(71))
    parts = part_hashes(data, DEFAULT_LIMITS, 20, (1,))
    assert len(set(parts)) == 20
    assert {len(part) for part in parts} == {32}
    assert part_hashes(png(np.zeros((80, 80), np.uint8)), DEFAULT_LIMITS, 5, (1,)) == []
    with pytest.raises(CorruptMediaError):
        part_hashes(data[:60], DEFAULT_LIMITS, 5, (1,))


def test_queries_are_edited_copies() -> None:
    data = png(photograph(72))
    copies = query_views(data, DEFAULT_LIMITS, 3, "trims", (1,))
    assert len(copies) == 3
    expected = examine_image(data, views="trims").views[0]
    for copy in copies:
        view = copy[0]
        assert (view.kind, view.compact.shape) == (expected.kind, expected.compact.shape)
        assert not np.array_equal(view.compact, expected.compact)  # an edit was made


def test_the_registration_of_checks_finds_a_copy(tmp_path: Path) -> None:
    """The collector told of a real copy: that is how one left in the folder shows."""
    picture = photograph(73)
    index = HammingIndex(256)
    index.add(np.array([list(hash_image(picture).hashes["pdq"].value)], np.uint8))
    views, plan = registering(Level.STANDARD)
    cut = np.ascontiguousarray(picture[20:, 24:])
    found = collector(index, plan)(examine_image(cut, views=views).views)
    assert list(found.adjusted) == [0]
    assert found.adjusted[0] < 45
    assert found.n_placements > 200
    for level in (Level.DIGEST, Level.FAST):
        with pytest.raises(InputError, match="standard or thorough"):
            registering(level)


def test_in_worker_processes(paths: list[str]) -> None:
    alone, apart = (
        own_impostors(paths[:4], Level.STANDARD, n_entries=6, isolate=isolate)
        for isolate in (False, True)
    )
    assert alone.failed == apart.failed == {}
    assert np.array_equal(alone.sample.entries, apart.sample.entries)
    assert np.array_equal(alone.sample.adjusted, apart.sample.adjusted)
    assert alone.sample.n_pairs == 2 * 8 * 6
